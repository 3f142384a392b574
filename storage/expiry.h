#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// The index of due keys: [kExpiry][due time in Unix ms, 8 bytes][database id][hash][bounded key] -> ().
// The due time is Entry::next_due(): the key's own, or that of a hash's first field to expire. Keyspace keeps
// it in step; the expirer takes from its front.

// The index key for the keyspace entry at `map_key`.
[[nodiscard]] std::string ExpiryKey(absl::Time due, std::string_view map_key);

// When the next key is due; nullopt if no key expires.
[[nodiscard]] std::optional<absl::Time> NextDue(Transaction& transaction);

enum class Expired : uint8_t { kNothing, kKey, kFields };

// Deletes the first due key, or some due fields of the hash whose fields are due first, at transaction.now().
// Returns what it found: call again until kNothing or the slice is over. Each call is a whole step: the
// caller may commit between two.
Expired ExpireOne(Transaction& transaction);

}  // namespace holdfast::storage
