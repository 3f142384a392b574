#include "storage/put_back.h"

#include <optional>
#include <string>
#include <string_view>

#include "storage/list.h"
#include "storage/sorted_set.h"

namespace holdfast::storage {
namespace {

constexpr std::string_view kOtherKey = ":returned";

std::optional<int> NumberOf(const Transaction& transaction, uint32_t id) {
  for (int number = 0; number < Transaction::kMaxDatabases; ++number) {
    if (transaction.database(number).id == id) return number;
  }
  return std::nullopt;
}

}  // namespace

void PutBack(Keyspace& keyspace, const HandedOut& element, std::string_view bytes) {
  const bool scored = element.from == HandedOut::From::kSortedSet;
  const ValueType type = scored ? ValueType::kSortedSet : ValueType::kList;
  std::string key = element.key;
  for (auto entry = keyspace.Find(key); entry && entry->type != type; entry = keyspace.Find(key)) {
    key += kOtherKey;
  }
  if (scored) {
    const ScoredMember member{bytes, element.score};
    SortedSet(keyspace, key).Add({&member, 1}, {.existence = AddRule::Existence::kOnlyNew});
    return;
  }
  const End end = element.from == HandedOut::From::kListFront ? End::kFront : End::kBack;
  List(keyspace, key).Push(end, {&bytes, 1});
}

bool PutBack(Transaction& transaction, const HandedOut& element) {
  const std::optional<int> number = NumberOf(transaction, element.database);
  if (!number) return false;
  std::optional<std::string> bytes = element.bytes;
  if (!bytes) {
    const auto stored = transaction.Get(ElementKeyOf(element.place));
    if (!stored) return false;
    // The place may be used again by what is put back.
    bytes = std::string(*stored);
  }
  Keyspace keyspace(transaction, *number);
  PutBack(keyspace, element, *bytes);
  return true;
}

}  // namespace holdfast::storage
