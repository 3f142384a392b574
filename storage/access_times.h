#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace holdfast::storage {

// When keys were last accessed, to the second, as far as there is room to remember it: OBJECT IDLETIME.
//
// A table of 2^16 places, 512 KB from the first access on, in memory only. A key has one place by its hash
// and loses it to the next key that is accessed there, so that an access costs one store; of two keys that
// also share the 32 bits of a fingerprint, one in 2^32, one is taken for the other.
//
// Keys are told by their database's id (Database::id) and their keyed hash (Transaction::Hash). Used by the
// engine's thread only.
class AccessTimes {
 public:
  // Times before 1970 or beyond 32 bits of seconds count as the nearest that can be told.
  void Note(uint32_t database, uint64_t hash, absl::Time time);
  // In whole seconds; nullopt if it is not remembered.
  [[nodiscard]] std::optional<absl::Time> Find(uint32_t database, uint64_t hash) const;

 private:
  struct Place {
    uint32_t fingerprint = 0;
    uint32_t seconds = 0;  // since 1970; 0: never used
  };

  std::vector<Place> places_;  // empty before the first access
};

}  // namespace holdfast::storage
