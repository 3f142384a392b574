#include "storage/memtable.h"

#include <algorithm>
#include <cstring>

namespace holdfast::storage {
namespace {

constexpr size_t kBlockBytes = 64 << 10;

}  // namespace

std::string_view Arena::Copy(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() > left_) {
    // A large copy gets a block of its own, so that the rest of the current one is not wasted.
    const bool own = bytes.size() > kBlockBytes / 4;
    const size_t size = own ? bytes.size() : kBlockBytes;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    bytes_ += size;
    if (own) {
      std::memcpy(blocks_.back().get(), bytes.data(), bytes.size());
      return {blocks_.back().get(), bytes.size()};
    }
    next_ = blocks_.back().get();
    left_ = size;
  }
  char* copy = next_;
  std::memcpy(copy, bytes.data(), bytes.size());
  next_ += bytes.size();
  left_ -= bytes.size();
  return {copy, bytes.size()};
}

Memtable::Change Memtable::Put(std::string_view key, std::string_view value, Kind kind) {
  ++version_;
  const std::string_view copy = arena_.Copy(value);
  auto found = map_.lower_bound(key);
  if (found == map_.end() || found->first != key) {
    const std::string_view own_key = arena_.Copy(key);
    map_.emplace_hint(found, own_key, Slot{copy, kind});
    return {own_key, copy, std::nullopt};
  }
  const Slot before = found->second;
  // Over a delete something may still lie below, whatever the caller sees.
  found->second = {copy, before.kind == Kind::kInsert ? Kind::kInsert : Kind::kPut};
  return {found->first, copy, before};
}

Memtable::Change Memtable::Delete(std::string_view key) {
  ++version_;
  auto found = map_.lower_bound(key);
  if (found == map_.end() || found->first != key) {
    const std::string_view own_key = arena_.Copy(key);
    map_.emplace_hint(found, own_key, Slot{{}, Kind::kDelete});
    return {own_key, {}, std::nullopt};
  }
  const Change change{found->first, {}, found->second};
  if (found->second.kind == Kind::kInsert) {
    map_.erase(found);
  } else {
    found->second = {{}, Kind::kDelete};
  }
  return change;
}

void Memtable::Restore(const Change& change) {
  ++version_;
  if (change.before) {
    map_[change.key] = *change.before;
  } else {
    map_.erase(change.key);
  }
}

const Memtable::Slot* Memtable::Find(std::string_view key) const {
  auto found = map_.find(key);
  return found == map_.end() ? nullptr : &found->second;
}

}  // namespace holdfast::storage
