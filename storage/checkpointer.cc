#include "storage/checkpointer.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/meta.h"
#include "storage/trash.h"

namespace holdfast::storage {
namespace {

// Entries. A small trash goes along with the checkpoint and costs no sync of its own.
constexpr uint64_t kSweptByCheckpoint = 1000;
constexpr uint64_t kSweptAtOnce = 5000;
constexpr uint64_t kSweptInAHurry = 50000;
// Leaves the disk to the log between two slices, and nine tenths of the time to the turns.
constexpr absl::Duration kSweepPause = absl::Milliseconds(10);
constexpr int64_t kSweepRest = 9;

constexpr absl::Duration kFirstRetry = absl::Milliseconds(20);
constexpr absl::Duration kLastRetry = absl::Seconds(1);

absl::Duration RetryDelay(uint64_t attempts) {
  return std::min(kLastRetry, kFirstRetry * static_cast<int64_t>(1ULL << std::min<uint64_t>(attempts, 10)));
}

}  // namespace

// A checkpoint can wait, and the engine waits for it where it cannot (DurableStore::SlowDown): on few
// processors it would otherwise take time from the turns and from the clients.
Checkpointer::Checkpointer(Env& env, Tree& tree)
    : env_(env), tree_(tree), worker_(env.NewWorker(Worker::Priority::kLow)) {
  progress_.facts = tree.Measure();
  Schedule(absl::ZeroDuration());
}

// Not worker_.reset(): a sweep under way asks worker_ for the next one while its thread is awaited.
Checkpointer::~Checkpointer() = default;

void Checkpointer::Schedule(absl::Duration delay) {
  worker_->Run(delay, [this] { Step(Work::kAll); });
}

void Checkpointer::Start(std::shared_ptr<const Memtable> memtable, log::Position position) {
  {
    const std::lock_guard lock(mutex_);
    job_ = Job{std::move(memtable), position};
  }
  Schedule(absl::ZeroDuration());
}

std::optional<Checkpointer::Done> Checkpointer::TakeDone() {
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, std::nullopt);
}

void Checkpointer::Free(std::shared_ptr<const Memtable> memtable) {
  worker_->Run(absl::ZeroDuration(), [last = std::move(memtable)]() mutable { last.reset(); });
}

void Checkpointer::WaitFor(absl::Duration limit) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, absl::ToChronoNanoseconds(limit), [this] { return !job_.has_value() || paused_; });
}

absl::Status Checkpointer::FinishNow() {
  Step(Work::kCheckpointOnly);
  const std::lock_guard lock(mutex_);
  return job_ ? progress_.last_status : absl::OkStatus();
}

bool Checkpointer::paused() const {
  const std::lock_guard lock(mutex_);
  return paused_;
}

void Checkpointer::Resume() {
  absl::Duration delay;
  {
    const std::lock_guard lock(mutex_);
    paused_ = false;
    delay = RetryDelay(job_ ? job_->attempts : sweep_failures_);
  }
  Schedule(delay);
}

Checkpointer::Progress Checkpointer::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

void Checkpointer::Step(Work work) {
  const std::lock_guard stepping(step_mutex_);
  std::optional<Job> job;
  bool sweep = false;
  {
    const std::lock_guard lock(mutex_);
    if (paused_) return;
    job = job_;
    sweep = trash_left_ && work == Work::kAll;
  }
  if (job) {
    RunCheckpoint(*job);
  } else if (sweep) {
    RunSweep();
  }
}

absl::Status Checkpointer::Apply(const Job& job, bool& trash_left) {
  absl::StatusOr<std::unique_ptr<TreeWriter>> writer = tree_.NewWriter();
  if (!writer.ok()) return writer.status();
  for (const auto& [key, slot] : job.memtable->map()) {
    if (slot.kind == Memtable::Kind::kDelete) {
      (*writer)->Delete(key);
    } else {
      (*writer)->Put(key, slot.value);
    }
    if (!(*writer)->status().ok()) return (*writer)->status();
  }
  (*writer)->Put(kPositionKey, EncodePosition(job.position));
  // A sweep that finds no space must not stand in the way of the checkpoint again.
  const uint64_t limit = job.attempts == 0 ? kSweptByCheckpoint : 0;
  trash_left = SweepTrash(**writer, limit) == Trash::kLeft;
  return (*writer)->Commit();
}

void Checkpointer::RunCheckpoint(const Job& job) {
  const absl::Duration start = env_.Monotonic();
  bool trash_left = false;
  const absl::Status status = Apply(job, trash_left);
  const TreeFacts facts = tree_.Measure();
  bool sweep = false;
  {
    const std::lock_guard lock(mutex_);
    progress_.last_status = status;
    progress_.facts = facts;
    if (!status.ok()) {
      ++progress_.failures;
      ++job_->attempts;
      NoteFailure(status, job_->attempts);
      return;
    }
    ++progress_.checkpoints;
    ++progress_.commits;
    progress_.last_time = env_.Now();
    progress_.last_duration = env_.Monotonic() - start;
    done_ = Done{job.position, job.memtable};
    job_.reset();
    ended_.notify_all();
    trash_left_ = sweep = trash_left;
  }
  if (sweep) Schedule(hurry_ ? absl::ZeroDuration() : kSweepPause);
}

void Checkpointer::RunSweep() {
  const absl::Duration start = env_.Monotonic();
  bool left = true;
  absl::Status status;
  {
    absl::StatusOr<std::unique_ptr<TreeWriter>> writer = tree_.NewWriter();
    status = writer.status();
    if (status.ok()) {
      left = SweepTrash(**writer, hurry_ ? kSweptInAHurry : kSweptAtOnce) == Trash::kLeft;
      status = (*writer)->Commit();
    }
  }
  const TreeFacts facts = tree_.Measure();
  {
    const std::lock_guard lock(mutex_);
    progress_.facts = facts;
    if (!status.ok()) {
      NoteFailure(status, ++sweep_failures_);
      return;
    }
    sweep_failures_ = 0;
    ++progress_.commits;
    trash_left_ = left;
  }
  const absl::Duration rest = std::max(kSweepPause, kSweepRest * (env_.Monotonic() - start));
  if (left) Schedule(hurry_ ? absl::ZeroDuration() : rest);
}

void Checkpointer::NoteFailure(const absl::Status& why, uint64_t attempts) {
  if (tree_.needs_reopen()) {
    paused_ = true;
    ended_.notify_all();
  } else if (!why.ok()) {
    Schedule(RetryDelay(attempts));
  }
}

}  // namespace holdfast::storage
