#include "server/engine/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace holdfast::server::engine {
namespace {

constexpr uint64_t kShortest = 1000;          // nanoseconds
constexpr uint64_t kLongest = 1'000'000'000;  // what takes longer counts as this

}  // namespace

size_t LatencyHistogram::BucketOf(uint64_t nanoseconds) {
  const int exponent = std::max(static_cast<int>(std::bit_width(nanoseconds)) - 1 - kStepBits, 0);
  const auto step = static_cast<size_t>(nanoseconds >> exponent);  // below 2 << kStepBits
  return std::min((static_cast<size_t>(exponent) << kStepBits) + step, kBuckets - 1);
}

uint64_t LatencyHistogram::HighestOf(size_t bucket) {
  constexpr size_t kSteps = size_t{1} << kStepBits;
  if (bucket < 2 * kSteps) return bucket;
  const size_t exponent = bucket / kSteps - 1;
  return ((bucket - exponent * kSteps + 1) << exponent) - 1;
}

void LatencyHistogram::Add(absl::Duration took) {
  const auto nanoseconds = static_cast<uint64_t>(std::max<int64_t>(absl::ToInt64Nanoseconds(took), 0));
  ++counts_[BucketOf(std::clamp(nanoseconds, kShortest, kLongest))];
  ++calls_;
}

absl::Duration LatencyHistogram::Percentile(double percent) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(static_cast<double>(calls_) * percent / 100));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen > 0 && seen >= wanted) return absl::Nanoseconds(HighestOf(bucket));
  }
  return absl::ZeroDuration();
}

std::vector<std::pair<uint64_t, uint64_t>> LatencyHistogram::AtMost() const {
  std::vector<std::pair<uint64_t, uint64_t>> at_most;
  uint64_t seen = 0;
  uint64_t told = 0;
  size_t bucket = 0;
  for (uint64_t limit = 1024; seen < calls_; limit *= 2) {
    for (; bucket < kBuckets && HighestOf(bucket) <= limit; ++bucket) seen += counts_[bucket];
    if (seen > std::exchange(told, seen)) at_most.emplace_back(limit / 1000, seen);
    if (bucket == kBuckets) break;
  }
  return at_most;
}

}  // namespace holdfast::server::engine
