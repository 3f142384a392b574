#include "storage/field_times.h"

#include <memory>
#include <optional>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

absl::Time ReadTime(std::string_view bytes) {
  if (bytes.size() < sizeof(uint64_t)) return absl::InfiniteFuture();
  return absl::FromUnixMillis(static_cast<int64_t>(ReadU64(bytes)));
}

void AppendTime(std::string& out, absl::Time time) {
  AppendU64(out, static_cast<uint64_t>(absl::ToUnixMillis(time)));
}

}  // namespace

std::string FieldTimes::FieldKey(std::string_view field) const {
  std::string key = TablePrefix(Table::kFieldDue, id_);
  AppendBounded(key, transaction_.Hash(field), field);
  return key;
}

std::string FieldTimes::DueKey(absl::Time due, std::string_view field) const {
  std::string key = TablePrefix(Table::kDueField, id_);
  AppendTime(key, due);
  AppendBounded(key, transaction_.Hash(field), field);
  return key;
}

absl::Time FieldTimes::DueOf(std::string_view field) const {
  return ReadTime(transaction_.Get(FieldKey(field)).value_or(std::string_view()));
}

absl::Time FieldTimes::First() const {
  const std::string prefix = TablePrefix(Table::kDueField, id_);
  const std::unique_ptr<Cursor> at = transaction_.NewCursor();
  at->Seek(prefix);
  if (!at->valid() || !at->key().starts_with(prefix)) return absl::InfiniteFuture();
  return ReadTime(at->key().substr(prefix.size()));
}

std::vector<std::string> FieldTimes::Due(absl::Time now, uint64_t most) const {
  std::vector<std::string> fields;
  const std::string prefix = TablePrefix(Table::kDueField, id_);
  const std::unique_ptr<Cursor> at = transaction_.NewCursor();
  for (at->Seek(prefix); at->valid() && at->key().starts_with(prefix) && fields.size() < most; at->Next()) {
    const std::string_view rest = at->key().substr(prefix.size());
    if (ReadTime(rest) > now) break;
    fields.emplace_back(BoundedBytes(rest.substr(sizeof(uint64_t))).value_or(at->value()));
  }
  return fields;
}

absl::Time FieldTimes::Set(std::string_view field, absl::Time due) {
  const std::string key = FieldKey(field);
  if (const std::optional<std::string_view> before = transaction_.Get(key)) {
    transaction_.Delete(DueKey(ReadTime(*before), field));
    if (due == absl::InfiniteFuture()) transaction_.Delete(key);
  }
  if (due != absl::InfiniteFuture()) {
    std::string stored;
    AppendTime(stored, due);
    transaction_.Put(key, stored);
    transaction_.Put(DueKey(due, field), NeedsFullBytes(field) ? field : std::string_view());
  }
  return First();
}

}  // namespace holdfast::storage
