#include "storage/set.h"

#include <algorithm>
#include <optional>

#include "storage/integer_text.h"

namespace holdfast::storage {
namespace {

// Where `value` belongs in a sorted set of integers.
size_t SortedPosition(const ElementMap& integers, int64_t value) {
  size_t low = 0;
  size_t high = integers.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (CanonicalInteger(integers.name(middle)).value_or(0) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool FitsListpack(const ElementMap& small, std::string_view member) {
  const InlineLimits& limits = small.limits();
  if (small.size() >= limits.set_max_listpack_entries) return false;
  size_t longest = member.size();
  // The longest of sorted integers stand at the ends.
  if (small.encoding() == Encoding::kIntegers && !small.empty()) {
    longest = std::max({longest, small.name(0).size(), small.name(small.size() - 1).size()});
  }
  return longest <= limits.set_max_listpack_value;
}

}  // namespace

bool Set::AddOne(std::string_view member) {
  if (elements_.Find(member)) return false;
  if (elements_.grown()) {
    elements_.Insert(member, {});
  } else {
    AddToSmall(member);
  }
  return true;
}

void Set::AddToSmall(std::string_view member) {
  const bool integers = size() == 0 || elements_.encoding() == Encoding::kIntegers;
  const std::optional<int64_t> value = integers ? CanonicalInteger(member) : std::nullopt;
  if (value && size() < elements_.limits().set_max_intset_entries) {
    elements_.set_small_encoding(Encoding::kIntegers);
    return elements_.InsertAt(SortedPosition(elements_, *value), member);
  }
  // As in Redis, too many integers never become a listpack, whatever that one's limit.
  const bool outgrown = value && size() > 0;
  if (outgrown || !FitsListpack(elements_, member)) {
    elements_.Grow();
  } else {
    elements_.set_small_encoding(Encoding::kInline);
  }
  elements_.Insert(member, {});
}

uint64_t Set::Add(std::span<const std::string_view> members) {
  uint64_t added = 0;
  for (const std::string_view member : members) added += AddOne(member) ? 1 : 0;
  elements_.Save();
  return added;
}

uint64_t Set::Remove(std::span<const std::string_view> members) {
  uint64_t removed = 0;
  for (const std::string_view member : members) removed += elements_.Erase(member) ? 1 : 0;
  elements_.Save();
  return removed;
}

std::vector<std::string> Set::Pop(uint64_t count) {
  std::vector<std::string> popped;
  elements_.Sample(count, [&](std::string_view member, std::string_view) {
    popped.emplace_back(member);
    return true;
  });
  if (popped.size() >= size()) {
    elements_.Clear();
  } else {
    for (const std::string& member : popped) elements_.Erase(member);
  }
  elements_.Save();
  return popped;
}

bool Set::Assign(std::span<const std::string_view> members) {
  const bool existed = elements_.exists();
  elements_.Clear();
  for (const std::string_view member : members) AddOne(member);
  elements_.Save();
  return existed;
}

}  // namespace holdfast::storage
