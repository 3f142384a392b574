#include "storage/field_times.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

constexpr size_t kPrefixBytes = 1 + sizeof(uint64_t);  // table, id
constexpr size_t kTimeBytes = sizeof(uint64_t);

absl::Time TimeAt(const Cursor& at) { return ReadTime(at.key().substr(kPrefixBytes)); }

std::string_view NameAt(const Cursor& at) {
  return BoundedBytes(at.key().substr(kPrefixBytes + kTimeBytes)).value_or(at.value());
}

}  // namespace

FieldTimes::Sieve::Sieve(const FieldTimes& times, absl::Time now)
    : times_(times), now_(now), at_(times.transaction_.NewCursor()) {}

bool FieldTimes::Sieve::IsDue(std::string_view field) {
  const std::string key = times_.FieldKey(field);
  if (!std::exchange(placed_, true)) at_->Seek(key);
  while (at_->valid() && at_->key() < key) at_->Next();
  return at_->valid() && at_->key() == key && at_->value().size() == kTimeBytes &&
         ReadTime(at_->value()) <= now_;
}

FieldTimes::FieldTimes(Transaction& transaction, uint64_t id)
    : transaction_(transaction), id_(id), prefix_(TablePrefix(Table::kDueField, id)) {}

std::string FieldTimes::FieldKey(std::string_view field) const {
  std::string key = TablePrefix(Table::kFieldDue, id_);
  AppendBounded(key, transaction_.Hash(field), field);
  return key;
}

std::string FieldTimes::DueKey(absl::Time due, std::string_view field) const {
  std::string key = prefix_;
  AppendTime(key, due);
  AppendBounded(key, transaction_.Hash(field), field);
  return key;
}

std::unique_ptr<Cursor> FieldTimes::AtFirst() const {
  std::unique_ptr<Cursor> at = transaction_.NewCursor();
  at->Seek(prefix_);
  return at;
}

bool FieldTimes::IsInside(const Cursor& at) const {
  return at.valid() && at.key().starts_with(prefix_) && at.key().size() > kPrefixBytes + kTimeBytes;
}

absl::Time FieldTimes::DueOf(std::string_view field) const {
  const std::optional<std::string_view> stored = transaction_.Get(FieldKey(field));
  return stored && stored->size() == kTimeBytes ? ReadTime(*stored) : absl::InfiniteFuture();
}

uint64_t FieldTimes::CountDue(absl::Time now) const {
  uint64_t count = 0;
  const std::unique_ptr<Cursor> at = AtFirst();
  for (; IsInside(*at) && TimeAt(*at) <= now; at->Next()) ++count;
  return count;
}

void FieldTimes::Set(std::string_view field, absl::Time due, FieldDues& dues) {
  Clear(field, dues);
  std::string stored;
  AppendTime(stored, due);
  transaction_.Insert(FieldKey(field), stored);
  transaction_.Insert(DueKey(due, field), NeedsFullBytes(field) ? field : std::string_view());
  dues.first = dues.count == 0 ? due : std::min(dues.first, due);
  dues.last = dues.count == 0 ? due : std::max(dues.last, due);
  ++dues.count;
}

bool FieldTimes::Clear(std::string_view field, FieldDues& dues) {
  const absl::Time due = DueOf(field);
  if (due == absl::InfiniteFuture()) return false;
  transaction_.Delete(FieldKey(field));
  transaction_.Delete(DueKey(due, field));
  --dues.count;
  Renew(due, dues);
  return true;
}

std::vector<std::string> FieldTimes::TakeDue(absl::Time now, uint64_t most, FieldDues& dues) {
  std::vector<std::string> names;
  std::vector<std::string> keys;
  const std::unique_ptr<Cursor> at = AtFirst();
  for (; IsInside(*at) && TimeAt(*at) <= now && names.size() < most; at->Next()) {
    names.emplace_back(NameAt(*at));
    keys.emplace_back(at->key());
  }
  for (size_t i = 0; i < names.size(); ++i) {
    transaction_.Delete(keys[i]);
    transaction_.Delete(FieldKey(names[i]));
  }
  dues.count -= std::min<uint64_t>(dues.count, names.size());
  Renew(now, dues);
  return names;
}

void FieldTimes::Renew(absl::Time due, FieldDues& dues) const {
  const std::unique_ptr<Cursor> at = AtFirst();
  // What damage made unreadable is still counted: nothing to be met is nothing there.
  if (dues.count == 0 || !IsInside(*at)) {
    dues = FieldDues();
    return;
  }
  dues.first = TimeAt(*at);
  if (due < dues.last) return;
  at->SeekBefore(TablePrefix(Table::kDueField, id_ + 1));
  if (IsInside(*at)) dues.last = TimeAt(*at);
}

}  // namespace holdfast::storage
