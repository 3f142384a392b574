#include "storage/log/delayed_sync.h"

#include <utility>

namespace holdfast::storage::log {

DelayedSync::DelayedSync(Worker& worker, absl::Duration interval, uint64_t durable_sequence)
    : worker_(worker),
      interval_(interval),
      finished_sequence_(durable_sequence),
      durable_sequence_(durable_sequence) {}

void DelayedSync::Wrote(const std::shared_ptr<File>& file) {
  const std::lock_guard lock(mutex_);
  if (dirty_.empty() || dirty_.back().lock() != file) dirty_.push_back(file);
  if (scheduled_ || interval_ == absl::InfiniteDuration()) return;
  scheduled_ = true;
  worker_.Run(interval_, [this] { SyncNow().IgnoreError(); });
}

void DelayedSync::Finished(uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  finished_sequence_ = sequence;
}

absl::Status DelayedSync::SyncNow() {
  std::unique_lock lock(mutex_);
  scheduled_ = false;
  const auto dirty = std::exchange(dirty_, {});
  const uint64_t through = finished_sequence_;
  auto status = status_;
  lock.unlock();

  for (const auto& entry : dirty) {
    if (!status.ok()) break;
    if (const auto file = entry.lock()) status = file->Sync();
  }

  lock.lock();
  if (status.ok()) {
    durable_sequence_ = through;
  } else {
    status_ = status;
  }
  return status;
}

void DelayedSync::BeginAgain(uint64_t durable_sequence) {
  const std::lock_guard lock(mutex_);
  dirty_.clear();
  finished_sequence_ = durable_sequence_ = durable_sequence;
  status_ = absl::OkStatus();
}

uint64_t DelayedSync::durable_sequence() const {
  const std::lock_guard lock(mutex_);
  return durable_sequence_;
}

absl::Status DelayedSync::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace holdfast::storage::log
