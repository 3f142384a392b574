#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/memtable.h"

namespace holdfast::server::engine {

// The requests that share one log record, bounded by count, bytes and time, and the clock they see: the wall
// clock of the turn's beginning, moved on by the clock that never jumps. One reading a command.
class Turn {
 public:
  static constexpr size_t kMaxRequests = 4096;
  static constexpr size_t kMaxBytes = 1 << 20;  // of requests and replies
  static constexpr absl::Duration kMaxTime = absl::Milliseconds(3);

  explicit Turn(storage::Env& env) : env_(env) {}

  [[nodiscard]] bool running() const { return running_; }
  void Begin();
  void End();

  // The time for the command that begins.
  [[nodiscard]] absl::Time now() const { return wall_ + (lap_ - begin_); }
  // When the last command ended.
  [[nodiscard]] absl::Duration lap() const { return lap_; }
  // The time since the last call or Begin: what a command took.
  absl::Duration Lap();

  void CountRequest(size_t bytes) {
    ++requests_;
    bytes_ += bytes;
  }
  void CountReply(size_t bytes) { bytes_ += bytes; }
  [[nodiscard]] bool full() const {
    return running_ && (requests_ >= kMaxRequests || bytes_ >= kMaxBytes || lap_ - begin_ >= kMaxTime);
  }

  // For bytes that must live until the turn is committed.
  [[nodiscard]] storage::Arena& arena() { return *arena_; }

 private:
  storage::Env& env_;
  bool running_ = false;
  absl::Time wall_;
  absl::Duration begin_;
  absl::Duration lap_;
  size_t requests_ = 0;
  size_t bytes_ = 0;
  std::unique_ptr<storage::Arena> arena_;
};

}  // namespace holdfast::server::engine
