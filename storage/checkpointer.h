#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/memtable.h"
#include "storage/tree.h"

namespace holdfast::storage {

// Owns the tree's write side. Applies a frozen memtable in one transaction together with the log position
// that it reaches, and empties the trash in slices; both on a worker's thread. A checkpoint that fails keeps
// its memtable and is tried again, later and later, up to once a second.
//
//   checkpointer.Start(view.Freeze(), position);
//   ... between turns ...
//   if (auto done = checkpointer.TakeDone()) {
//     snapshot.Renew();
//     view.Rebase(&snapshot);
//     checkpointer.Free(std::move(done->memtable));
//   }
//
// Used by one thread, the engine's. Destroying it waits for the transaction under way and drops what is left:
// the log has it.
class Checkpointer {
 public:
  struct Done {
    log::Position position;
    std::shared_ptr<const Memtable> memtable;  // now in the tree; give the last reference to Free
  };
  struct Progress {
    uint64_t checkpoints = 0;
    uint64_t failures = 0;
    uint64_t commits = 0;  // of checkpoints and of sweeps: each frees pages once snapshots are renewed
    absl::Status last_status;
    absl::Time last_time;  // of the last success
    absl::Duration last_duration;
    TreeFacts facts;
  };

  // Begins to sweep what an earlier life left in the trash. Both outlive it.
  Checkpointer(Env& env, Tree& tree);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Needs that none is under way: since the last Start, TakeDone returned one.
  void Start(std::shared_ptr<const Memtable> memtable, log::Position position);
  // The checkpoint that has been completed since the last call.
  [[nodiscard]] std::optional<Done> TakeDone();
  // Frees the memtable on the worker's thread.
  void Free(std::shared_ptr<const Memtable> memtable);
  // Whether the trash is emptied at once, in large slices, because its space is needed, or at leisure, which
  // is the default.
  void set_hurry(bool hurry) { hurry_ = hurry; }
  // Waits until the one under way is done or failed for good, but not longer than `limit`.
  void WaitFor(absl::Duration limit);
  // Tries the one under way on the caller's thread, now, if the worker does not just do it. OK: TakeDone has
  // it.
  [[nodiscard]] absl::Status FinishNow();

  // After a failed commit nothing is written until the tree is reopened (Tree::Reopen, with all snapshots
  // dropped) and Resume called.
  [[nodiscard]] bool paused() const;
  void Resume();

  [[nodiscard]] Progress progress() const;

 private:
  struct Job {
    std::shared_ptr<const Memtable> memtable;
    log::Position position;
    uint64_t attempts = 0;
  };
  enum class Work { kAll, kCheckpointOnly };

  void Schedule(absl::Duration delay);
  // One transaction: the checkpoint if there is one, else a slice of the trash.
  void Step(Work work);
  void RunCheckpoint(const Job& job);
  void RunSweep();
  [[nodiscard]] absl::Status Apply(const Job& job, bool& trash_left);
  void NoteFailure(const absl::Status& why, uint64_t attempts) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Env& env_;
  Tree& tree_;

  // Not absl's: Debian's is built without ThreadSanitizer, which then sees races where there are none.
  std::atomic<bool> hurry_ = false;
  std::mutex step_mutex_;  // held during a transaction, and taken before the other
  mutable std::mutex mutex_;
  std::condition_variable ended_;  // the checkpoint under way is done, or paused
  std::optional<Job> job_ ABSL_GUARDED_BY(mutex_);
  std::optional<Done> done_ ABSL_GUARDED_BY(mutex_);
  bool trash_left_ ABSL_GUARDED_BY(mutex_) = true;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t sweep_failures_ ABSL_GUARDED_BY(mutex_) = 0;  // since the last success
  Progress progress_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<Worker> worker_;  // last: its tasks use what stands above
};

}  // namespace holdfast::storage
