#include "storage/hash.h"

#include <string>
#include <vector>

namespace holdfast::storage {

Hash::Hash(Keyspace& keyspace, std::string_view key, uint64_t most_expired)
    : keyspace_(keyspace), key_(key), elements_(keyspace, key, ValueType::kHash) {
  if (elements_.fields_due() <= keyspace.transaction().now()) RemoveDue(most_expired);
}

void Hash::RemoveDue(uint64_t most) {
  const std::vector<std::string> names = times().Due(keyspace_.transaction().now(), most);
  const std::vector<std::string_view> fields(names.begin(), names.end());
  if (fields.empty()) elements_.set_fields_due(times().First());
  if (Remove(fields) > 0) keyspace_.NotifyRemoval(EventClass::kHash, "hexpired", key_, size() == 0);
}

std::optional<absl::Time> Hash::Due(std::string_view field) const {
  if (!elements_.Find(field)) return std::nullopt;
  return timed() ? times().DueOf(field) : absl::InfiniteFuture();
}

void Hash::Expire(std::string_view field, absl::Time due) {
  if (!elements_.grown()) elements_.Grow();
  elements_.set_fields_due(times().Set(field, due));
  elements_.Save();
}

void Hash::ForgetTime(std::string_view field) {
  if (timed()) elements_.set_fields_due(times().Clear(field));
}

void Hash::Update(std::string_view field, std::string_view value) {
  SetOne(field, value);
  if (!elements_.Save()) elements_.Touch();
}

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
    ForgetTime(fields_and_values[i]);
  }
  // Redis does not look whether the values were the same.
  if (!elements_.Save()) elements_.Touch();
  return added;
}

uint64_t Hash::Remove(std::span<const std::string_view> fields) {
  uint64_t removed = 0;
  for (const std::string_view field : fields) {
    ForgetTime(field);
    removed += elements_.Erase(field) ? 1 : 0;
  }
  elements_.Save();
  return removed;
}

}  // namespace holdfast::storage
