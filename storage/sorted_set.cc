#include "storage/sorted_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "storage/codec.h"
#include "storage/packed.h"
#include "storage/scan_cursor.h"

namespace holdfast::storage {

namespace {

constexpr uint64_t kScoreBytes = 8;

bool OrderedBefore(const ScoredMember& a, const ScoredMember& b) {
  return a.score != b.score ? a.score < b.score : a.member < b.member;
}

bool Allows(const AddRule& rule, double from, double to) {
  switch (rule.change) {
    case AddRule::Change::kAny:
      return true;
    case AddRule::Change::kOnlyGreater:
      return to > from;
    case AddRule::Change::kOnlyLess:
      return to < from;
  }
  return false;
}

std::vector<ScoredMember> UnpackItems(std::string_view packed) {
  std::vector<std::string_view> words = Unpack(packed);
  std::vector<ScoredMember> items;
  items.reserve(words.size() / 2);
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    items.push_back({words[i], ReadOrderedDouble(words[i + 1])});
  }
  return items;
}

std::string PackItems(const std::vector<ScoredMember>& items) {
  std::string packed;
  for (const ScoredMember& item : items) {
    AppendBytes(packed, item.member);
    AppendVarint(packed, kScoreBytes);
    AppendOrderedDouble(packed, item.score);
  }
  return packed;
}

}  // namespace

SortedSet::SortedSet(Keyspace& keyspace, std::string_view key)
    : keyspace_(keyspace), slot_(keyspace.Look(key)) {
  if (slot_.entry.has_value() && !wrong_type() && inline_form()) items_ = UnpackItems(slot_.entry->value);
}

std::optional<SortedSet::Found> SortedSet::Find(std::string_view member) const {
  if (!inline_form()) {
    std::optional<SortedSetOrder::Stored> stored = order().Find(member);
    if (!stored) return std::nullopt;
    return Found{0, *stored};
  }
  auto item = std::find_if(items_.begin(), items_.end(), [&](const auto& i) { return i.member == member; });
  if (item == items_.end()) return std::nullopt;
  return Found{static_cast<size_t>(item - items_.begin()), {item->score, 0}};
}

std::optional<double> SortedSet::Score(std::string_view member) const {
  std::optional<Found> found = Find(member);
  if (!found) return std::nullopt;
  return found->stored.score;
}

SortedSet::AddResult SortedSet::Add(std::span<const ScoredMember> members, const AddRule& rule) {
  AddResult result;
  for (const ScoredMember& element : members) AddOne(element, rule, result);
  if (result.added + result.updated > 0) Save();
  return result;
}

// False if the rule forbids it.
bool SortedSet::AddOne(const ScoredMember& element, const AddRule& rule, AddResult& result) {
  std::optional<Found> found = Find(element.member);
  if (!found) {
    if (rule.existence == AddRule::Existence::kOnlyExisting) return false;
    Insert(element);
    keyspace_.transaction().NoteGiven(keyspace_.database(), slot_.key, element.member);
    ++result.added;
    return true;
  }
  if (rule.existence == AddRule::Existence::kOnlyNew) return false;
  if (!Allows(rule, found->stored.score, element.score)) return false;
  if (element.score == found->stored.score) return true;
  ChangeScore(element.member, *found, element.score);
  ++result.updated;
  return true;
}

std::optional<double> SortedSet::Increment(std::string_view member, double delta, const AddRule& rule) {
  std::optional<Found> found = Find(member);
  if (found && rule.existence == AddRule::Existence::kOnlyNew) return std::nullopt;
  double score = found ? found->stored.score + delta : delta;
  if (std::isnan(score)) return score;
  AddResult result;
  if (!AddOne({member, score}, rule, result)) return std::nullopt;
  if (result.added + result.updated > 0) Save();
  return score;
}

bool SortedSet::Assign(std::span<const ScoredMember> members) {
  const bool existed = slot_.entry.has_value();
  items_.clear();
  if (members.empty()) {
    keyspace_.Remove(slot_);
  } else {
    slot_.entry.reset();
    Add(members);
  }
  return existed;
}

void SortedSet::Insert(const ScoredMember& element) {
  if (!slot_.entry.has_value()) slot_.entry = Keyspace::NewEntry(ValueType::kSortedSet, Encoding::kInline);
  const InlineLimits& limits = keyspace_.transaction().limits();
  if (inline_form() && (items_.size() >= limits.zset_max_listpack_entries ||
                        element.member.size() > limits.zset_max_listpack_value)) {
    LeaveInlineForm();
  }
  if (inline_form()) {
    InsertInline(element);
  } else {
    order().Insert(element.member, element.score);
  }
  ++slot_.entry->count;
  slot_.entry->bytes += element.member.size() + kScoreBytes;
}

void SortedSet::InsertInline(const ScoredMember& element) {
  items_.insert(std::upper_bound(items_.begin(), items_.end(), element, OrderedBefore), element);
}

void SortedSet::LeaveInlineForm() {
  slot_.entry->encoding = Encoding::kElements;
  slot_.entry->id = keyspace_.transaction().NewId();
  slot_.entry->value = {};
  for (const ScoredMember& item : items_) order().Insert(item.member, item.score);
  items_.clear();
}

void SortedSet::ChangeScore(std::string_view member, const Found& found, double score) {
  if (!inline_form()) return order().Move(member, found.stored, score);
  ScoredMember moved{items_[found.index].member, score};
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(found.index));
  InsertInline(moved);
}

uint64_t SortedSet::Remove(std::span<const std::string_view> members) {
  uint64_t removed = 0;
  for (std::string_view member : members) {
    std::optional<Found> found = size() > 0 ? Find(member) : std::nullopt;
    if (!found) continue;
    Erase(member, *found);
    ++removed;
  }
  if (removed > 0) Save();
  return removed;
}

void SortedSet::Erase(std::string_view member, const Found& found) {
  keyspace_.transaction().NoteTaken(member);
  --slot_.entry->count;
  slot_.entry->bytes -= member.size() + kScoreBytes;
  if (!inline_form()) return order().Erase(member, found.stored);
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(found.index));
}

void SortedSet::Save() {
  if (size() == 0) {
    // The elements are gone already: nothing is left for the trash.
    keyspace_.Detach(slot_);
    return;
  }
  std::string packed;
  if (inline_form()) {
    packed = PackItems(items_);
    slot_.entry->value = packed;
  }
  keyspace_.Save(slot_);
}

uint64_t SortedSet::Scan(uint64_t cursor, size_t count,
                         const std::function<void(const ScoredMember&)>& visit) const {
  if (!inline_form()) {
    Transaction& transaction = keyspace_.transaction();
    const std::string prefix = TablePrefix(Table::kScore, slot_.entry->id);
    return ScanByHash(
        transaction, prefix, cursor, count, [&](std::string_view bounded, std::string_view value) {
          const std::string_view kept = transaction.Keep(std::string(prefix).append(bounded), value);
          visit(SortedSetOrder::ElementOf(bounded, kept));
        });
  }
  for (const ScoredMember& item : items_) visit(item);
  return 0;
}

}  // namespace holdfast::storage
