#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/codec.h"
#include "storage/entry.h"
#include "storage/handed_out.h"
#include "storage/kv.h"

namespace holdfast::storage::check {

// The elements of one value against its key's entry. Faults are words that name no key.
class ValueCheck {
 public:
  using Fault = absl::FunctionRef<void(std::string what)>;

  // Places of lists that hold what is handed out (hand_over_book.h), outside of the list's ends.
  using Places = std::set<HandedOut::Place>;

  // `map`, `handed_out` and `fault` outlive it; `seed` is the folder's (meta.h).
  ValueCheck(Reader& map, uint64_t seed, const Places& handed_out, Fault fault)
      : map_(map), seed_(seed), handed_out_(handed_out), fault_(fault) {}

  // Whatever `entry` is of. Its views must live until the call returns.
  void Check(const Entry& entry);
  // Elements that were seen in tables.
  [[nodiscard]] uint64_t elements() const { return elements_; }

  // Whether `bounded`, a key's part from its hash on, is what codec.h makes of `name`.
  [[nodiscard]] bool IsBounded(std::string_view bounded, std::string_view name,
                               size_t max_whole = kMaxBoundedBytes) const;

 private:
  using Visit = absl::FunctionRef<void(std::string_view rest, std::string_view value)>;
  struct Sum {
    uint64_t count = 0;
    uint64_t bytes = 0;
  };

  void CheckString(const Entry& entry);
  void CheckInline(const Entry& entry);
  void CheckInlineSet(const Entry& entry);
  void CheckInlineSortedSet(const Entry& entry);
  void CheckList(const Entry& entry);
  void CheckNamed(const Entry& entry, Table table);
  void CheckSortedSet(const Entry& entry);
  void CheckScores(const Entry& entry, Sum& sum);
  void CheckOrder(const Entry& entry);
  void CheckStream(const Entry& entry);
  void CheckStreamNodes(const Entry& entry);
  void CheckGroups(const Entry& entry);
  void CheckGroup(const Entry& entry, std::string_view stored);
  // Of the group whose things stand under [table] `part`; how many there are.
  uint64_t CheckConsumers(const std::string& part);
  uint64_t CheckDeliveries(const std::string& part);

  // Every entry whose key begins with `prefix`; `rest` is what follows it.
  void Walk(const std::string& prefix, Visit visit);
  void Compare(const Entry& entry, const Sum& sum);
  void Expect(bool holds, std::string_view what) {
    if (!holds) fault_(std::string(what));
  }

  Reader& map_;
  const uint64_t seed_;
  const Places& handed_out_;
  Fault fault_;
  uint64_t elements_ = 0;
};

}  // namespace holdfast::storage::check
