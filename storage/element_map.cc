#include "storage/element_map.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/packed.h"

namespace holdfast::storage {
namespace {

// One and a half draws an element are to be expected, or three while fields past their time are among them;
// the bound is for a table that lost elements.
uint64_t MostDraws(uint64_t count) { return 100 + 20 * count; }

}  // namespace

ElementMap::ElementMap(Keyspace& keyspace, std::string_view key, ValueType type)
    : keyspace_(keyspace),
      type_(type),
      stride_(type == ValueType::kHash ? 2 : 1),
      slot_(keyspace.Look(key)),
      entry_(Keyspace::NewEntry(type, Encoding::kInline)) {
  if (slot_.entry && slot_.entry->type == type) entry_ = *slot_.entry;
}

ElementMap::Items& ElementMap::items() const {
  if (!items_) items_ = Unpack(entry_.value);
  return *items_;
}

ElementTable ElementMap::table() const {
  return {keyspace_.transaction(), type_ == ValueType::kHash ? Table::kField : Table::kMember, entry_.id};
}

size_t ElementMap::IndexOf(std::string_view name) const {
  size_t item = 0;
  while (item < items().size() && items()[item] != name) item += stride_;
  return item;
}

std::optional<std::string_view> ElementMap::FindPacked(std::string_view name) const {
  std::string_view packed = entry_.value;
  while (const auto found = TakeBytes(packed)) {
    const std::string_view payload =
        stride_ == 2 ? TakeBytes(packed).value_or(std::string_view()) : std::string_view();
    if (*found == name) return payload;
  }
  return std::nullopt;
}

bool ElementMap::IsPast(std::string_view name) const {
  return HasPast() && times().DueOf(name) <= keyspace_.transaction().now();
}

std::optional<std::string_view> ElementMap::Find(std::string_view name) const {
  return IsPast(name) ? std::nullopt : FindStored(name);
}

std::optional<std::string_view> ElementMap::FindStored(std::string_view name) const {
  if (grown()) return table().Find(name);
  if (!items_) return FindPacked(name);
  const size_t item = IndexOf(name);
  if (item >= items().size()) return std::nullopt;
  return payload(item);
}

void ElementMap::VisitGrown(absl::FunctionRef<void(ElementVisitor)> walk, ElementVisitor visit) const {
  if (!HasPast()) return walk(visit);
  const FieldTimes all = times();
  FieldTimes::Sieve sieve(all, keyspace_.transaction().now());
  walk([&](std::string_view name, std::string_view payload) {
    return sieve.IsDue(name) || visit(name, payload);
  });
}

void ElementMap::Visit(ElementVisitor visit) const {
  if (grown()) return VisitGrown([&](ElementVisitor present) { table().Visit(present); }, visit);
  for (size_t item = 0; item < items().size(); item += stride_) {
    if (!visit(items()[item], payload(item))) return;
  }
}

uint64_t ElementMap::Scan(uint64_t cursor, uint64_t count, ElementVisitor visit) const {
  if (grown()) {
    uint64_t next = 0;
    VisitGrown([&](ElementVisitor present) { next = table().Scan(cursor, count, present); }, visit);
    return next;
  }
  for (size_t item = 0; item < items().size(); item += stride_) visit(items()[item], payload(item));
  return 0;
}

bool ElementMap::MayDraw(uint64_t count) const {
  // Where most fields are past their time, draws would seldom meet another.
  const uint64_t present = size();
  return grown() && count < present / 3 && entry_.count / 2 < present;
}

void ElementMap::Sample(uint64_t count, ElementVisitor visit) const {
  if (MayDraw(count)) return SampleFew(count, visit);
  // One pass that takes each element with the chance (still wanted) / (still to come): uniform, and it needs
  // no memory.
  uint64_t to_come = size();
  uint64_t wanted = count;
  Visit([&](std::string_view name, std::string_view payload) {
    if (keyspace_.transaction().Random() % to_come < wanted) {
      --wanted;
      if (!visit(name, payload)) return false;
    }
    return --to_come > 0 && wanted > 0;
  });
}

bool ElementMap::VisitRandom(const ElementTable& elements, ElementVisitor visit) const {
  // An element's chance would be the gap in front of its hash alone, which may be tiny; some steps more make
  // it the mean of as many gaps.
  constexpr uint64_t kSteps = 16;
  Transaction& transaction = keyspace_.transaction();
  const uint64_t hash = transaction.Random();
  bool visited = false;
  elements.VisitFrom(hash, transaction.Random() % std::min(entry_.count, kSteps),
                     [&](std::string_view name, std::string_view payload) {
                       visited = !IsPast(name);
                       return !visited || visit(name, payload);
                     });
  return visited;
}

void ElementMap::SampleFew(uint64_t count, ElementVisitor visit) const {
  absl::flat_hash_set<std::string> seen;
  const ElementTable elements = table();
  for (uint64_t draws = MostDraws(count); seen.size() < count && draws > 0; --draws) {
    VisitRandom(elements, [&](std::string_view name, std::string_view payload) {
      return !seen.emplace(name).second || visit(name, payload);
    });
  }
}

void ElementMap::SampleWithRepeats(uint64_t count, ElementVisitor visit) const {
  if (empty()) return;
  if (MayDraw(count)) {
    const ElementTable elements = table();
    for (uint64_t draws = MostDraws(count); count > 0 && draws > 0; --draws) {
      if (VisitRandom(elements, visit)) --count;
    }
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> all;
  all.reserve(entry_.count);
  Visit([&](std::string_view name, std::string_view payload) {
    all.emplace_back(name, payload);
    return true;
  });
  for (; count > 0 && !all.empty(); --count) {
    const auto [name, payload] = all[keyspace_.transaction().Random() % all.size()];
    visit(name, payload);
  }
}

void ElementMap::Count(std::string_view name, std::string_view payload) {
  keyspace_.transaction().NoteValue(payload);
  ++entry_.count;
  entry_.bytes += name.size() + payload.size();
  changed_ = true;
}

void ElementMap::Insert(std::string_view name, std::string_view payload) {
  if (IsPast(name)) EraseStored(name, FindStored(name).value_or(std::string_view()));
  Count(name, payload);
  if (grown()) return table().Insert(name, payload);
  items().push_back(name);
  if (stride_ == 2) items().push_back(payload);
}

void ElementMap::InsertAt(size_t index, std::string_view name) {
  Count(name, {});
  items().insert(items().begin() + static_cast<std::ptrdiff_t>(index), name);
}

void ElementMap::Replace(std::string_view name, std::string_view before, std::string_view payload) {
  changed_ = true;
  keyspace_.transaction().NoteValue(payload);
  entry_.bytes += payload.size() - before.size();
  if (grown()) return table().Replace(name, payload);
  items()[IndexOf(name) + 1] = payload;
}

bool ElementMap::Erase(std::string_view name) {
  const std::optional<std::string_view> payload = Find(name);
  if (!payload) return false;
  EraseStored(name, *payload);
  return true;
}

void ElementMap::EraseStored(std::string_view name, std::string_view payload) {
  changed_ = true;
  --entry_.count;
  entry_.bytes -= name.size() + payload.size();
  if (grown()) {
    ClearDue(name);
    table().Erase(name);
  } else {
    const auto item = items().begin() + static_cast<std::ptrdiff_t>(IndexOf(name));
    items().erase(item, item + static_cast<std::ptrdiff_t>(stride_));
  }
}

void ElementMap::Clear() {
  entry_ = Keyspace::NewEntry(type_, Encoding::kInline);
  items_.reset();
  changed_ = slot_.stored.has_value();
}

void ElementMap::Grow() {
  changed_ = true;
  entry_.encoding = Encoding::kElements;
  entry_.id = keyspace_.transaction().NewId();
  ElementTable elements = table();
  for (size_t item = 0; item < items().size(); item += stride_) elements.Insert(items()[item], payload(item));
  entry_.value = {};
  items_.reset();
}

void ElementMap::set_small_encoding(Encoding encoding) { entry_.encoding = encoding; }

absl::Time ElementMap::DueOf(std::string_view name) const {
  return entry_.dues.count == 0 ? absl::InfiniteFuture() : times().DueOf(name);
}

void ElementMap::SetDue(std::string_view name, absl::Time due) {
  if (due == absl::InfiniteFuture()) return ClearDue(name);
  if (!grown()) Grow();
  times().Set(name, due, entry_.dues);
  changed_ = true;
}

void ElementMap::ClearDue(std::string_view name) {
  if (entry_.dues.count != 0 && times().Clear(name, entry_.dues)) changed_ = true;
}

uint64_t ElementMap::ErasePast(uint64_t most) {
  if (!HasPast()) return 0;
  changed_ = true;
  const std::vector<std::string> names = times().TakeDue(keyspace_.transaction().now(), most, entry_.dues);
  for (const std::string& name : names) {
    if (const auto payload = FindStored(name)) EraseStored(name, *payload);
  }
  return names.size();
}

void ElementMap::RemoveKey() {
  // Elements that were erased one by one need no trash; what Clear forgot does, and fields past their time.
  if (entry_.count > 0) Discard(keyspace_.transaction(), entry_);
  if (slot_.stored && slot_.stored->id == entry_.id) {
    keyspace_.Detach(slot_);
  } else {
    keyspace_.Remove(slot_);
  }
  entry_ = Keyspace::NewEntry(type_, Encoding::kInline);
  items_.reset();
}

bool ElementMap::Save() {
  if (!changed_) return false;
  changed_ = false;
  if (empty()) {
    RemoveKey();
    return true;
  }
  std::string packed;
  if (!grown()) {
    packed = Pack(items());
    entry_.value = packed;
  }
  slot_.entry = entry_;
  keyspace_.Save(slot_);
  entry_ = *slot_.entry;
  items_.reset();
  return true;
}

}  // namespace holdfast::storage
