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

// Deletes the first due key, or some due fields of the hash that has the first due one, if anything is due at
// transaction.now(); else nullopt. Returns how many fields went by their own time, those with their hash
// included. (Transaction::lookups counts the keys.) Call again until then or the slice is over. Each call is
// a whole step: the caller may commit between two.
std::optional<uint64_t> ExpireOne(Transaction& transaction);

// Deletes the key whose keyspace entry stands at `map_key` if it is past its time; a whole step as well.
// Returns how many fields went by their own time.
uint64_t ExpireKey(Transaction& transaction, int database, std::string_view map_key);

}  // namespace holdfast::storage
