#include "storage/hash.h"

namespace holdfast::storage {

// Whether the field is new.
bool Hash::SetOne(std::string_view field, std::string_view value) {
  const std::optional<std::string_view> before = elements_.Find(field);
  if (before == value) return false;
  const InlineLimits& limits = elements_.limits();
  const bool too_long =
      field.size() > limits.hash_max_listpack_value || value.size() > limits.hash_max_listpack_value;
  const bool too_many = !before && elements_.size() >= limits.hash_max_listpack_entries;
  if (!elements_.grown() && (too_long || too_many)) elements_.Grow();
  if (before) {
    elements_.Replace(field, *before, value);
  } else {
    elements_.Insert(field, value);
  }
  return !before;
}

uint64_t Hash::Set(std::span<const std::string_view> fields_and_values) {
  uint64_t added = 0;
  for (size_t i = 0; i + 1 < fields_and_values.size(); i += 2) {
    added += SetOne(fields_and_values[i], fields_and_values[i + 1]) ? 1 : 0;
    elements_.SetDue(fields_and_values[i], absl::InfiniteFuture());
  }
  // Redis does not look whether the values were the same.
  if (!elements_.Save()) elements_.Touch();
  return added;
}

uint64_t Hash::Remove(std::span<const std::string_view> fields) {
  uint64_t removed = 0;
  for (const std::string_view field : fields) removed += elements_.Erase(field) ? 1 : 0;
  elements_.Save();
  return removed;
}

void Hash::Update(std::string_view field, std::string_view value) {
  SetOne(field, value);
  if (!elements_.Save()) elements_.Touch();
}

std::optional<absl::Time> Hash::Due(std::string_view field) const {
  if (!elements_.Find(field)) return std::nullopt;
  return elements_.DueOf(field);
}

void Hash::Expire(std::string_view field, absl::Time due) {
  if (due > keyspace_.transaction().now()) {
    elements_.SetDue(field, due);
  } else {
    elements_.Erase(field);
  }
}

uint64_t Hash::Reclaim(uint64_t most) {
  const uint64_t erased = elements_.ErasePast(most);
  elements_.Save();
  if (erased > 0) keyspace_.NotifyRemoval(EventClass::kHash, "hexpired", elements_.key(), empty());
  return erased;
}

}  // namespace holdfast::storage
