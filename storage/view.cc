#include "storage/view.h"

#include <algorithm>
#include <utility>

#include "storage/view_cursor.h"

namespace holdfast::storage {
namespace {

// Enough for every collection that is being drained at once; past it the notes cost more than they save.
constexpr size_t kMaxEmptyRanges = 1024;

}  // namespace

View::View(Reader* base) : base_(base), active_(std::make_unique<Memtable>()) {}

std::optional<std::string_view> View::Get(std::string_view key) {
  for (const Memtable* table : {static_cast<const Memtable*>(active_.get()), frozen_.get()}) {
    const Memtable::Slot* slot = table == nullptr ? nullptr : table->Find(key);
    if (slot == nullptr) continue;
    if (slot->kind == Memtable::Kind::kDelete) return std::nullopt;
    return slot->value;
  }
  return base_ == nullptr ? std::nullopt : base_->Get(key);
}

std::unique_ptr<Cursor> View::NewCursor() {
  return std::make_unique<ViewCursor>(*this, base_ == nullptr ? nullptr : base_->NewCursor());
}

void View::Release() {
  if (base_ != nullptr) base_->Release();
}

const absl::Status& View::fault() const {
  static const absl::Status* const kOk = new absl::Status();
  return base_ == nullptr ? *kOk : base_->fault();
}

Memtable::Change View::Put(std::string_view key, std::string_view value, Memtable::Kind kind) {
  ForgetEmpty(key);
  return active_->Put(key, value, kind);
}

Memtable::Change View::Delete(std::string_view key) { return active_->Delete(key); }

void View::Restore(const Memtable::Change& change) {
  ForgetEmpty(change.key);
  active_->Restore(change);
}

void View::DropEmpty() {
  if (active_->empty()) active_ = std::make_unique<Memtable>();
}

std::shared_ptr<const Memtable> View::Freeze() {
  frozen_ = std::move(active_);
  active_ = std::make_unique<Memtable>();
  return frozen_;
}

void View::Rebase(Reader* base) {
  frozen_ = nullptr;
  base_ = base;
}

void View::Reset(Reader* base) {
  Rebase(base);
  active_ = std::make_unique<Memtable>();
  empty_ranges_.clear();
}

void View::NoteEmpty(std::string_view from, std::string_view to) {
  if (empty_ranges_.size() >= kMaxEmptyRanges) empty_ranges_.clear();
  std::string first(from);
  std::string last(to);
  auto next = empty_ranges_.upper_bound(first);
  if (next != empty_ranges_.begin() && std::prev(next)->second >= first) {
    --next;
    first = next->first;
    last = std::max(last, next->second);
    next = empty_ranges_.erase(next);
  }
  while (next != empty_ranges_.end() && next->first <= last) {
    last = std::max(last, next->second);
    next = empty_ranges_.erase(next);
  }
  empty_ranges_.emplace(std::move(first), std::move(last));
}

void View::ForgetEmpty(std::string_view key) {
  if (empty_ranges_.empty()) return;
  auto range = empty_ranges_.upper_bound(std::string(key));
  if (range == empty_ranges_.begin()) return;
  --range;
  if (key >= range->second) return;
  std::string after(key);
  after.push_back('\0');
  std::string last = std::move(range->second);
  if (range->first == key) {
    empty_ranges_.erase(range);
  } else {
    range->second = std::string(key);
  }
  if (after < last) empty_ranges_.emplace(std::move(after), std::move(last));
}

std::string View::SkipForward(std::string_view key) const {
  auto range = empty_ranges_.upper_bound(std::string(key));
  if (range != empty_ranges_.begin() && std::prev(range)->second > key) return std::prev(range)->second;
  return std::string(key);
}

std::string View::SkipBackward(std::string_view key) const {
  auto range = empty_ranges_.lower_bound(std::string(key));
  if (range != empty_ranges_.begin() && std::prev(range)->second >= key) return std::prev(range)->first;
  return std::string(key);
}

}  // namespace holdfast::storage
