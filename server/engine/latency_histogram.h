#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace holdfast::server::engine {

// How long a command took, each time: counted in nanoseconds in buckets that are at most 1/16 wide, from one
// microsecond to a second, as Redis's are.
class LatencyHistogram {
 public:
  void Add(absl::Duration took);

  [[nodiscard]] uint64_t calls() const { return calls_; }
  // The duration that `percent` of the calls did not exceed.
  [[nodiscard]] absl::Duration Percentile(double percent) const;
  // Calls that took at most so many microseconds, for 1, 2, 4, ... as far as the counts rise.
  [[nodiscard]] std::vector<std::pair<uint64_t, uint64_t>> AtMost() const;

 private:
  static constexpr int kStepBits = 4;
  static constexpr size_t kBuckets = size_t{31} << kStepBits;

  [[nodiscard]] static size_t BucketOf(uint64_t nanoseconds);
  // The longest duration that falls into the bucket.
  [[nodiscard]] static uint64_t HighestOf(size_t bucket);

  std::array<uint32_t, kBuckets> counts_{};
  uint64_t calls_ = 0;
};

}  // namespace holdfast::server::engine
