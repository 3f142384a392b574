// DurableStore's side of checkpoints: when to freeze, and what to do when one is done.

#include <algorithm>
#include <utility>

#include "storage/durable_store.h"

namespace holdfast::storage {
namespace {

// What a memtable without entries may keep for the next turn: commands that were refused leave their effects'
// bytes.
constexpr uint64_t kMostIdleBytes = 1 << 20;

// Slower and slower turns, rather than one long stall, while the checkpointer does not keep up.
constexpr absl::Duration kShortWait = absl::Milliseconds(2);
constexpr absl::Duration kLongestWait = absl::Milliseconds(20);

// What waits for a checkpoint counts as used, though most of it may be pushes and pops of the same jobs:
// under a small quota it is kept to a small part of that.
constexpr uint64_t kWaitingPart = 32;
constexpr uint64_t kLeastWaiting = 1 << 20;

}  // namespace

bool DurableStore::CheckpointIsDue() {
  // Only what is durable may be checkpointed.
  if (view_.frozen() != nullptr || durable_ != last_) return false;
  if (view_.active().empty()) {
    if (view_.active().bytes() > kMostIdleBytes) view_.DropEmpty();
    dirty_since_ = absl::InfiniteDuration();
    checkpoint_requested_ = false;
    return false;
  }
  if (checkpoint_requested_ || view_.active().bytes() >= options_.memtable_bytes) return true;
  const uint64_t waiting = view_.active().bytes() + live_log_bytes();
  if (waiting >= std::max(kLeastWaiting, quota_.limit_bytes() / kWaitingPart)) return true;
  const absl::Duration now = env_.Monotonic();
  dirty_since_ = std::min(dirty_since_, now);
  return now - dirty_since_ >= options_.checkpoint_interval;
}

void DurableStore::StartCheckpoint() {
  checkpoint_requested_ = false;
  dirty_since_ = absl::InfiniteDuration();
  frozen_log_bytes_ = log_ == nullptr ? 0 : log_->written_bytes();
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
  checkpointed_log_bytes_ = frozen_log_bytes_;
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
  // Waiting helps only where checkpoints get on.
  if (!both_full || state_ == State::kSealed || RefusedByDisk() || room_is_short_) return;
  const auto memtables = static_cast<int64_t>(view_.active().bytes() / options_.memtable_bytes);
  const absl::Duration start = env_.Monotonic();
  checkpointer_.WaitFor(std::min(kLongestWait, kShortWait * memtables));
  waited_ += env_.Monotonic() - start;
  TakeOver();
}

}  // namespace holdfast::storage
