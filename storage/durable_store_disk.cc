// DurableStore's side of disk space: what is held, what there is, and the level that follows.

#include <algorithm>

#include "storage/durable_store.h"

namespace holdfast::storage {
namespace {

// A value can take twice its size in the tree's pages.
constexpr uint64_t kPagesPerByte = 2;
// One that is being filled, and one that is made before it is full.
constexpr uint64_t kSegmentsForDraining = 2;

// With plenty of room nobody fills the disk within the longer time.
constexpr absl::Duration kAskOften = absl::Milliseconds(10);
constexpr absl::Duration kAskSeldom = absl::Milliseconds(100);
constexpr uint64_t kPlenty = uint64_t{1} << 30;

uint64_t Minus(uint64_t a, uint64_t b) { return a - std::min(a, b); }

}  // namespace

void DurableStore::SetQuota(const QuotaOptions& quota) {
  quota_.Configure(quota);
  WatchDisk();
}

void DurableStore::WatchDisk() {
  AskFileSystem();
  const TreeFacts& tree = progress_.facts;
  use_.used_bytes = used_bytes();
  // What the tree has given up it keeps in its file, and uses first.
  const uint64_t free = space_.available + Minus(tree.file_bytes, tree.used_bytes);
  use_.room_bytes = Minus(free, Headroom());
  use_.file_system_bytes = space_.total;
  const DiskLevel level = quota_.Update(use_);
  room_is_short_ = free < Headroom();
  // What was deleted becomes room with a checkpoint only.
  if (room_is_short_) checkpoint_requested_ = true;
  checkpointer_.set_hurry(level >= DiskLevel::kWarn || RefusedByDisk());
}

void DurableStore::AskFileSystem() {
  const absl::Duration now = env_.Monotonic();
  if (now < ask_file_system_again_) return;
  ask_file_system_again_ = now + (use_.room_bytes < kPlenty ? kAskOften : kAskSeldom);
  if (const auto space = env_.Space(options_.folder); space.ok()) space_ = *space;
}

// A checkpoint copies pages before it frees any. If producers took the last of them, none could complete, the
// log could not be used again, and consumers would stand still on a disk that only they can empty.
uint64_t DurableStore::Headroom() const {
  return kPagesPerByte * memtable_bytes() + kSegmentsForDraining * options_.segment_bytes +
         options_.memtable_bytes / 4;
}

uint64_t DurableStore::used_bytes() const {
  return progress_.facts.used_bytes + memtable_bytes() + live_log_bytes();
}

uint64_t DurableStore::memtable_bytes() const {
  return view_.active().bytes() + (view_.frozen() == nullptr ? 0 : view_.frozen()->bytes());
}

uint64_t DurableStore::live_log_bytes() const {
  return log_ == nullptr ? 0 : log_->written_bytes() - checkpointed_log_bytes_;
}

bool DurableStore::RefusedByDisk() const {
  if (log_is_full_) return true;
  if (progress_.last_status.ok()) return false;
  const bool memory_is_full = view_.active().bytes() >= options_.memtable_bytes;
  return memory_is_full || absl::IsResourceExhausted(progress_.last_status);
}

DiskFacts DurableStore::disk() const {
  return {.level = RefusedByDisk() ? DiskLevel::kExhausted : quota_.level(),
          .used_bytes = used_bytes(),
          .quota_bytes = quota_.quota_bytes(),
          .limit_bytes = quota_.limit_bytes(),
          .warn_bytes = quota_.warn_bytes(),
          .full_bytes = quota_.full_bytes(),
          .free_bytes = space_.available,
          .file_system_bytes = space_.total,
          .tree_bytes = progress_.facts.used_bytes,
          .memtable_bytes = memtable_bytes(),
          .live_log_bytes = live_log_bytes(),
          .refused_by_disk = RefusedByDisk()};
}

}  // namespace holdfast::storage
