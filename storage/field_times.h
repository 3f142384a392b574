#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// When the fields of one grown hash expire: each under its name, and all of them in the order of their times
// (FORMAT.md, "Hashes and sets"). Knows nothing of values and counts; Hash does.
class FieldTimes {
 public:
  FieldTimes(Transaction& transaction, uint64_t id) : transaction_(transaction), id_(id) {}

  // The infinite future: the field does not expire.
  [[nodiscard]] absl::Time DueOf(std::string_view field) const;
  // The time of the field that is due first; the infinite future if none expires.
  [[nodiscard]] absl::Time First() const;
  // The names of at most `most` fields that are due at `now`, the first one first.
  [[nodiscard]] std::vector<std::string> Due(absl::Time now, uint64_t most) const;

  // Both return First() after the change. The infinite future clears.
  absl::Time Set(std::string_view field, absl::Time due);
  absl::Time Clear(std::string_view field) { return Set(field, absl::InfiniteFuture()); }

 private:
  [[nodiscard]] std::string FieldKey(std::string_view field) const;
  [[nodiscard]] std::string DueKey(absl::Time due, std::string_view field) const;

  Transaction& transaction_;
  uint64_t id_;
};

}  // namespace holdfast::storage
