#include "storage/check/value_check.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "storage/packed.h"
#include "storage/sorted_set_order.h"

namespace holdfast::storage::check {
namespace {

constexpr size_t kWord = sizeof(uint64_t);

// All items, or nullopt if the packed bytes do not end with one.
std::optional<std::vector<std::string_view>> UnpackAll(std::string_view packed) {
  std::vector<std::string_view> items;
  while (!packed.empty()) {
    const std::optional<std::string_view> item = TakeBytes(packed);
    if (!item) return std::nullopt;
    items.push_back(*item);
  }
  return items;
}

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || absl::StrCat(number) != text) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

void ValueCheck::Check(const Entry& entry) {
  switch (entry.type) {
    case ValueType::kString:
      return CheckString(entry);
    case ValueType::kList:
      return CheckList(entry);
    case ValueType::kHash:
      return entry.encoding == Encoding::kElements ? CheckNamed(entry, Table::kField) : CheckInline(entry);
    case ValueType::kSet:
      return entry.encoding == Encoding::kElements ? CheckNamed(entry, Table::kMember)
                                                   : CheckInlineSet(entry);
    case ValueType::kSortedSet:
      return entry.encoding == Encoding::kElements ? CheckSortedSet(entry) : CheckInlineSortedSet(entry);
    case ValueType::kStream:
      return CheckStream(entry);
  }
  fault_(absl::StrCat("its type ", static_cast<int>(entry.type), " is unknown"));
}

bool ValueCheck::IsBounded(std::string_view bounded, std::string_view name, size_t max_whole) const {
  std::string expected;
  AppendBounded(expected, KeyedHash(seed_, name), name, max_whole);
  return bounded == expected;
}

void ValueCheck::Walk(const std::string& prefix, Visit visit) {
  const std::unique_ptr<Cursor> cursor = map_.NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    ++elements_;
    visit(cursor->key().substr(prefix.size()), cursor->value());
  }
}

void ValueCheck::Compare(const Entry& entry, const Sum& sum) {
  if (entry.count != sum.count) {
    fault_(absl::StrCat("it counts ", entry.count, " elements, but ", sum.count, " are there"));
  } else if (entry.bytes != sum.bytes) {
    fault_(absl::StrCat("it counts ", entry.bytes, " bytes of elements, but ", sum.bytes, " are there"));
  }
}

void ValueCheck::CheckString(const Entry& entry) {
  Expect(entry.encoding == Encoding::kInline, "a string that is not of the encoding 1");
}

void ValueCheck::CheckInline(const Entry& entry) {
  const auto items = UnpackAll(entry.value);
  Expect(entry.encoding == Encoding::kInline, "a hash of an unknown encoding");
  if (!items || items->size() % 2 != 0) return fault_("its packed fields and values cannot be read");
  Sum sum;
  absl::flat_hash_set<std::string_view> names;
  for (size_t i = 0; i < items->size(); i += 2) {
    ++sum.count;
    sum.bytes += (*items)[i].size() + (*items)[i + 1].size();
    Expect(names.insert((*items)[i]).second, "a field stands in it twice");
  }
  Compare(entry, sum);
}

void ValueCheck::CheckInlineSet(const Entry& entry) {
  const auto items = UnpackAll(entry.value);
  if (!items) return fault_("its packed members cannot be read");
  Sum sum;
  absl::flat_hash_set<std::string_view> members;
  std::optional<int64_t> before;
  for (const std::string_view member : *items) {
    ++sum.count;
    sum.bytes += member.size();
    Expect(members.insert(member).second, "a member stands in it twice");
    if (entry.encoding != Encoding::kIntegers) continue;
    const std::optional<int64_t> number = WholeNumber(member);
    Expect(number && (!before || *before < *number), "its members are not rising whole numbers");
    before = number;
  }
  Compare(entry, sum);
}

void ValueCheck::CheckInlineSortedSet(const Entry& entry) {
  const auto items = UnpackAll(entry.value);
  if (!items || items->size() % 2 != 0) return fault_("its packed members and scores cannot be read");
  Sum sum;
  absl::flat_hash_set<std::string_view> members;
  std::string before;
  for (size_t i = 0; i < items->size(); i += 2) {
    const std::string_view score = (*items)[i + 1];
    if (score.size() != kWord || std::isnan(ReadOrderedDouble(score)))
      return fault_("a score cannot be read");
    ++sum.count;
    sum.bytes += (*items)[i].size() + kWord;
    Expect(members.insert((*items)[i]).second, "a member stands in it twice");
    const std::string place = std::string(score).append((*items)[i]);
    Expect(before.empty() || before < place, "its members are not in order");
    before = place;
  }
  Compare(entry, sum);
}

void ValueCheck::CheckList(const Entry& entry) {
  if (entry.encoding != Encoding::kElements) return fault_("a list of an unknown encoding");
  Sum sum;
  uint64_t first = 0;
  uint64_t last = 0;
  Walk(TablePrefix(Table::kList, entry.id), [&](std::string_view rest, std::string_view value) {
    if (rest.size() != kWord) return fault_("an element without a position");
    const uint64_t position = ReadU64(rest);
    const bool outside = position < entry.head || position > entry.tail;
    if (outside && handed_out_.contains({entry.id, position})) return;
    last = position;
    if (sum.count == 0) first = last;
    ++sum.count;
    sum.bytes += value.size();
  });
  Compare(entry, sum);
  Expect(sum.count == 0 || (first == entry.head && last == entry.tail),
         "its ends are not where its first and last elements stand");
}

void ValueCheck::CheckNamed(const Entry& entry, Table table) {
  Sum sum;
  Walk(TablePrefix(table, entry.id), [&](std::string_view rest, std::string_view value) {
    std::optional<std::string_view> name = BoundedBytes(rest);
    if (!name) name = TakeBytes(value);
    if (!name || !IsBounded(rest, *name)) return fault_("a name does not stand at its hash");
    ++sum.count;
    sum.bytes += name->size() + value.size();
    Expect(table == Table::kField || value.empty(), "a member with a value");
  });
  Compare(entry, sum);
}

void ValueCheck::CheckSortedSet(const Entry& entry) {
  Sum sum;
  CheckScores(entry, sum);
  Compare(entry, sum);
  CheckOrder(entry);
}

void ValueCheck::CheckScores(const Entry& entry, Sum& sum) {
  constexpr size_t kLabelEnd = 2 * kWord;
  const std::string order = TablePrefix(Table::kOrder, entry.id);
  Walk(TablePrefix(Table::kScore, entry.id), [&](std::string_view rest, std::string_view value) {
    const std::optional<std::string_view> whole = BoundedBytes(rest);
    if (value.size() < (whole ? kWord : kLabelEnd)) return fault_("a score cannot be read");
    const std::string_view member = whole ? *whole : value.substr(kLabelEnd);
    Expect(IsBounded(rest, member, SortedSetOrder::kWholeMemberBytes), "a member does not stand at its hash");
    Expect(!std::isnan(ReadOrderedDouble(value)), "a score that is no number");
    ++sum.count;
    sum.bytes += member.size() + kWord;
    std::string key = order;
    key.append(value.substr(0, kWord)).append(member.substr(0, SortedSetOrder::kWholeMemberBytes));
    if (!whole) key.append(value.substr(kWord, kWord));
    const std::optional<std::string_view> place = map_.Get(key);
    Expect(place && *place == (whole ? std::string_view() : rest),
           "a member is missing in the order of scores");
  });
}

void ValueCheck::CheckOrder(const Entry& entry) {
  constexpr size_t kRunBytes = kWord + SortedSetOrder::kWholeMemberBytes;
  const std::string scores = TablePrefix(Table::kScore, entry.id);
  uint64_t count = 0;
  std::string run;
  std::string before;
  Walk(TablePrefix(Table::kOrder, entry.id), [&](std::string_view rest, std::string_view value) {
    ++count;
    if (rest.size() < kWord || rest.size() > kRunBytes + kWord)
      return fault_("a place in the order that is none");
    if (value.empty()) return;
    const std::optional<std::string_view> score = map_.Get(std::string(scores).append(value));
    if (!score || score->size() < 2 * kWord) return fault_("a place in the order without a member");
    const std::string_view member = score->substr(2 * kWord);
    Expect(rest.substr(0, kRunBytes) != run || before < member, "long members are not in order");
    run = rest.substr(0, kRunBytes);
    before = member;
    map_.Release();
  });
  if (count != entry.count) {
    fault_(
        absl::StrCat("it counts ", entry.count, " elements, but ", count, " stand in the order of scores"));
  }
}

}  // namespace holdfast::storage::check
