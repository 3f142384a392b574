#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// The index of due keys: [kExpiry][due time in Unix ms, 8 bytes][database id][hash][bounded key] -> ().
// Keyspace keeps it in step; the expirer takes from its front.

// The index key for the keyspace entry at `map_key`.
[[nodiscard]] std::string ExpiryKey(absl::Time due, std::string_view map_key);

// When the next key is due; nullopt if no key expires.
[[nodiscard]] std::optional<absl::Time> NextDue(Transaction& transaction);

// Deletes the first due key, if it is due at transaction.now(). Returns whether there was one: call again
// until false or the slice is over. Each call is a whole step: the caller may commit between two.
bool ExpireOne(Transaction& transaction);

}  // namespace holdfast::storage
