#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/env.h"

namespace holdfast::storage::log {

// Syncs written files later, on a worker's thread, oldest first, and knows how far that has come.
// Thread-safe.
class DelayedSync {
 public:
  // A sync follows within `interval` of each write; with InfiniteDuration only SyncNow syncs. Records up to
  // `durable_sequence` are durable already. The worker's tasks must have ended before this goes.
  DelayedSync(Worker& worker, absl::Duration interval, uint64_t durable_sequence);

  // `file` has bytes that are not durable.
  void Wrote(const std::shared_ptr<File>& file);
  // All frames of the record were written.
  void Finished(uint64_t sequence);

  [[nodiscard]] absl::Status SyncNow();

  // Every record up to here is durable.
  [[nodiscard]] uint64_t durable_sequence() const;
  // Forgets a sync that failed: all up to `durable_sequence` has become durable by other means.
  void BeginAgain(uint64_t durable_sequence);
  // The first sync that failed; no sync is tried after it.
  [[nodiscard]] absl::Status status() const;

 private:
  Worker& worker_;
  const absl::Duration interval_;

  mutable std::mutex mutex_;                // guards all below
  std::vector<std::weak_ptr<File>> dirty_;  // a file that is gone was recycled
  uint64_t finished_sequence_;
  uint64_t durable_sequence_;
  bool scheduled_ = false;
  absl::Status status_;
};

}  // namespace holdfast::storage::log
