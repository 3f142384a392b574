// DurableStore's side of checkpoints: when to freeze, and what to do when one is done.

#include <algorithm>
#include <utility>

#include "storage/durable_store.h"

namespace holdfast::storage {
namespace {

// Slower and slower turns, rather than one long stall, while the checkpointer does not keep up.
constexpr absl::Duration kShortWait = absl::Milliseconds(2);
constexpr absl::Duration kLongestWait = absl::Milliseconds(20);

constexpr absl::Duration kWatchDiskEvery = absl::Milliseconds(10);
// A value can take twice its size in the tree's pages.
constexpr uint64_t kPagesPerByte = 2;
// One that is being filled, and one that is made before it is full.
constexpr uint64_t kSegmentsForDraining = 2;

}  // namespace

void DurableStore::WatchDisk() {
  const absl::Duration now = env_.Monotonic();
  if (now < watch_disk_again_) return;
  watch_disk_again_ = now + kWatchDiskEvery;
  const absl::StatusOr<uint64_t> free = env_.FreeBytes(options_.folder);
  if (!free.ok()) return;
  const uint64_t frozen = view_.frozen() == nullptr ? 0 : view_.frozen()->bytes();
  // A checkpoint copies pages before it frees any. If producers took the last of them, none could complete,
  // the log could not be used again, and consumers would stand still on a disk that only they can empty.
  const uint64_t reserve = kPagesPerByte * (view_.active().bytes() + frozen) +
                           kSegmentsForDraining * options_.segment_bytes + options_.memtable_bytes / 4;
  // What the tree has given up it keeps in its file, and uses first.
  const TreeFacts& tree = progress_.facts;
  const uint64_t in_file = tree.file_bytes - std::min(tree.file_bytes, tree.used_bytes);
  disk_is_low_ = *free + in_file < reserve;
  if (disk_is_low_) checkpoint_requested_ = true;
  checkpointer_.set_hurry(disk_is_low_);
}

bool DurableStore::CheckpointIsDue() {
  // Only what is durable may be checkpointed.
  if (view_.frozen() != nullptr || durable_ != last_) return false;
  if (view_.active().empty()) {
    dirty_since_ = absl::InfiniteDuration();
    checkpoint_requested_ = false;
    return false;
  }
  if (checkpoint_requested_ || view_.active().bytes() >= options_.memtable_bytes) return true;
  const absl::Duration now = env_.Monotonic();
  dirty_since_ = std::min(dirty_since_, now);
  return now - dirty_since_ >= options_.checkpoint_interval;
}

void DurableStore::StartCheckpoint() {
  checkpoint_requested_ = false;
  dirty_since_ = absl::InfiniteDuration();
  checkpointer_.Start(view_.Freeze(), {epoch_, durable_});
}

void DurableStore::TakeOver() {
  progress_ = checkpointer_.progress();
  if (progress_.commits == seen_commits_) return;
  // While the frozen memtable lies over it, any newer state is as good as the old one.
  if (!base_->Renew().ok()) return;
  seen_commits_ = progress_.commits;
  std::optional<Checkpointer::Done> done = checkpointer_.TakeDone();
  if (!done) return;
  view_.Rebase(base_.get());
  checkpointer_.Free(std::move(done->memtable));
  checkpointed_ = done->position;
  if (state_ == State::kOpen) log_->Checkpointed(checkpointed_);
}

absl::Status DurableStore::ReopenTree() {
  base_->Drop();
  absl::Status status = tree_->Reopen();
  if (status.ok()) status = base_->Renew();
  if (status.ok()) checkpointer_.Resume();
  return status;
}

absl::Status DurableStore::FinishCheckpoint() {
  absl::Status status = checkpointer_.FinishNow();
  if (checkpointer_.paused()) {
    status = ReopenTree();
    if (status.ok()) status = checkpointer_.FinishNow();
  }
  TakeOver();
  return status;
}

absl::Status DurableStore::Checkpoint() {
  if (!transaction_.empty()) return absl::FailedPreconditionError("a checkpoint in the middle of a turn");
  if (durable_ != last_) return absl::UnavailableError("a turn is still on its way to the disk");
  if (view_.frozen() != nullptr) {
    if (absl::Status status = FinishCheckpoint(); !status.ok()) return status;
  }
  if (view_.active().empty()) return absl::OkStatus();
  StartCheckpoint();
  return FinishCheckpoint();
}

void DurableStore::SlowDown() {
  const bool both_full = view_.frozen() != nullptr && view_.active().bytes() >= options_.memtable_bytes;
  if (!both_full || admission() != Admission::kOpen) return;
  const auto memtables = static_cast<int64_t>(view_.active().bytes() / options_.memtable_bytes);
  const absl::Duration start = env_.Monotonic();
  checkpointer_.WaitFor(std::min(kLongestWait, kShortWait * memtables));
  waited_ += env_.Monotonic() - start;
  TakeOver();
}

}  // namespace holdfast::storage
