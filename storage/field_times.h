#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "storage/entry.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// When the fields of one grown hash expire: each under its name, and all of them in the order of their times
// (FORMAT.md, "Hashes and sets"). Knows nothing of values; ElementMap does. What changes times keeps `dues`,
// the summary of them in the hash's entry, in step.
class FieldTimes {
 public:
  FieldTimes(Transaction& transaction, uint64_t id);

  // The infinite future: it does not expire.
  [[nodiscard]] absl::Time DueOf(std::string_view field) const;
  // How many are due at `now`: O(that many).
  [[nodiscard]] uint64_t CountDue(absl::Time now) const;

  // `due` is finite.
  void Set(std::string_view field, absl::Time due, FieldDues& dues);
  // False if it did not expire.
  bool Clear(std::string_view field, FieldDues& dues);
  // Clears the times of at most `most` fields that are due at `now` and returns the names, the first one due
  // in front.
  [[nodiscard]] std::vector<std::string> TakeDue(absl::Time now, uint64_t most, FieldDues& dues);

  // Tells of one field after another, in the order in which ElementTable visits them, whether it is due:
  // cheaper than a look for each. Nothing may change meanwhile.
  class Sieve {
   public:
    Sieve(const FieldTimes& times, absl::Time now);
    [[nodiscard]] bool IsDue(std::string_view field);

   private:
    const FieldTimes& times_;
    absl::Time now_;
    std::unique_ptr<Cursor> at_;  // the first time of a field at or behind the one last asked for
    bool placed_ = false;
  };

 private:
  [[nodiscard]] std::string FieldKey(std::string_view field) const;
  [[nodiscard]] std::string DueKey(absl::Time due, std::string_view field) const;
  // A cursor at the first one due, and whether it stands on one at all.
  [[nodiscard]] std::unique_ptr<Cursor> AtFirst() const;
  [[nodiscard]] bool IsInside(const Cursor& at) const;
  // After one that was due at `due`, or all up to then, are gone.
  void Renew(absl::Time due, FieldDues& dues) const;

  Transaction& transaction_;
  uint64_t id_;
  std::string prefix_;  // of the times in their order
};

}  // namespace holdfast::storage
