#include "storage/element_map.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/packed.h"

namespace holdfast::storage {

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

std::optional<std::string_view> ElementMap::Find(std::string_view name) const {
  if (grown()) return table().Find(name);
  if (!items_) return FindPacked(name);
  const size_t item = IndexOf(name);
  if (item >= items().size()) return std::nullopt;
  return payload(item);
}

void ElementMap::Visit(ElementVisitor visit) const {
  if (grown()) return table().Visit(visit);
  for (size_t item = 0; item < items().size(); item += stride_) {
    if (!visit(items()[item], payload(item))) return;
  }
}

uint64_t ElementMap::Scan(uint64_t cursor, uint64_t count, ElementVisitor visit) const {
  if (grown()) return table().Scan(cursor, count, visit);
  for (size_t item = 0; item < items().size(); item += stride_) visit(items()[item], payload(item));
  return 0;
}

void ElementMap::Sample(uint64_t count, ElementVisitor visit) const {
  if (grown() && count < size() / 3) return SampleFew(count, visit);
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

void ElementMap::VisitRandom(const ElementTable& elements, ElementVisitor visit) const {
  // An element's chance would be the gap in front of its hash alone, which may be tiny; some steps more make
  // it the mean of as many gaps.
  constexpr uint64_t kSteps = 16;
  Transaction& transaction = keyspace_.transaction();
  const uint64_t hash = transaction.Random();
  elements.VisitFrom(hash, transaction.Random() % std::min(size(), kSteps), visit);
}

void ElementMap::SampleFew(uint64_t count, ElementVisitor visit) const {
  absl::flat_hash_set<std::string> seen;
  const ElementTable elements = table();
  // One and a half draws an element are to be expected; the bound is for a table that lost elements.
  for (uint64_t draws = 100 + 20 * count; seen.size() < count && draws > 0; --draws) {
    VisitRandom(elements, [&](std::string_view name, std::string_view payload) {
      return !seen.emplace(name).second || visit(name, payload);
    });
  }
}

void ElementMap::SampleWithRepeats(uint64_t count, ElementVisitor visit) const {
  if (size() == 0) return;
  if (grown() && count < size() / 3) {
    const ElementTable elements = table();
    for (; count > 0; --count) VisitRandom(elements, visit);
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> all;
  all.reserve(size());
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
  ++entry_.count;
  entry_.bytes += name.size() + payload.size();
  changed_ = true;
}

void ElementMap::Insert(std::string_view name, std::string_view payload) {
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
  entry_.bytes += payload.size() - before.size();
  if (grown()) return table().Replace(name, payload);
  items()[IndexOf(name) + 1] = payload;
}

bool ElementMap::Erase(std::string_view name) {
  const std::optional<std::string_view> payload = Find(name);
  if (!payload) return false;
  changed_ = true;
  --entry_.count;
  entry_.bytes -= name.size() + payload->size();
  if (grown()) {
    table().Erase(name);
  } else {
    const auto item = items().begin() + static_cast<std::ptrdiff_t>(IndexOf(name));
    items().erase(item, item + static_cast<std::ptrdiff_t>(stride_));
  }
  return true;
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

void ElementMap::set_fields_due(absl::Time due) {
  entry_.fields_due = due;
  changed_ = true;
}

bool ElementMap::Save() {
  if (!changed_) return false;
  changed_ = false;
  if (entry_.count == 0) {
    // Elements that were erased one by one need no trash; what Clear forgot does.
    if (slot_.stored && slot_.stored->id == entry_.id) {
      keyspace_.Detach(slot_);
    } else {
      keyspace_.Remove(slot_);
    }
    entry_ = Keyspace::NewEntry(type_, Encoding::kInline);
    items_.reset();
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
