#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/log/segment_files.h"

namespace holdfast::storage::log {

// A live segment that is needed no more.
struct RetiredSegment {
  uint64_t number;
  uint64_t bytes;
};

// The segments out of use: zero-filled once, then recycled, so that a write to one allocates nothing. Keeps
// one at hand by means of the worker, so that the engine's thread rarely waits for a zero-fill. Hands out the
// numbers of all files in the folder. Thread-safe.
class SegmentPool {
 public:
  // All of them outlive the pool; the worker's tasks must have ended before the pool goes.
  SegmentPool(Env& env, Worker& worker, std::string folder, uint64_t segment_bytes, size_t most_spares);

  // Takes over the spares among the folder's `names` and removes half-made ones. Before any other call.
  [[nodiscard]] absl::Status TakeOver(const std::vector<std::string>& names);

  // Makes sure that `count` calls to Take succeed without making anything. kResourceExhausted when the disk
  // is full: what was made in vain is removed again.
  [[nodiscard]] absl::Status Secure(size_t count);
  // Hands out the number of a spare, made now if there is none.
  [[nodiscard]] absl::StatusOr<uint64_t> Take();
  // Takes back the number of a spare that could not be used.
  void GiveBack(uint64_t number);
  // Has the worker make a spare if there is none; not again within a second after it failed.
  void Refill();

  // Live segments that count no more, oldest first: makes spares of them, or removes those beyond the limit.
  // A spare is handed out only when its new name is durable. What fails leaves files behind that the next
  // opening deals with.
  void Recycle(const std::vector<RetiredSegment>& segments);
  void RecycleInBackground(std::vector<RetiredSegment> segments);

  // A number that no file in the folder has or had.
  [[nodiscard]] uint64_t NewNumber();
  // Of spares, and of segments that are being recycled.
  [[nodiscard]] uint64_t bytes() const;

 private:
  // Called with the lock held; Secure and AddOne give it up while they work on files.
  [[nodiscard]] absl::Status Secure(size_t count, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] absl::Status AddOne(std::unique_lock<std::mutex>& lock);
  void RemoveSurplus();
  void RefillNow();
  [[nodiscard]] absl::Status TakeOverSpare(const std::string& name, uint64_t number);
  [[nodiscard]] std::string SparePath(uint64_t number) const {
    return PathOf(folder_, {SegmentKind::kSpare, number});
  }

  Env& env_;
  Worker& worker_;
  const std::string folder_;
  const uint64_t segment_bytes_;
  const size_t most_spares_;

  // Of std: ThreadSanitizer does not see into Debian's absl::Mutex.
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable made_;
  std::vector<uint64_t> spares_;
  uint64_t last_number_ = 0;
  size_t recycling_ = 0;
  bool making_ = false;
  bool refill_given_ = false;
  absl::Duration refill_not_before_ = -absl::InfiniteDuration();
};

}  // namespace holdfast::storage::log
