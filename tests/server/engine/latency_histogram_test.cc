#include "server/engine/latency_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(LatencyHistogramTest, CountsAddUpAtPowersOfTwo) {
  LatencyHistogram histogram;
  histogram.Add(absl::Nanoseconds(10));  // counts as a microsecond
  histogram.Add(absl::Microseconds(3));
  histogram.Add(absl::Microseconds(3));
  histogram.Add(absl::Microseconds(100));
  EXPECT_EQ(histogram.calls(), 4U);
  EXPECT_THAT(histogram.AtMost(), ElementsAre(Pair(1, 1), Pair(4, 3), Pair(131, 4)));
}

TEST(LatencyHistogramTest, PercentilesAreRightWithinASixteenth) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.Add(absl::Microseconds(i));
  for (const double percent : {50.0, 90.0, 99.0, 100.0}) {
    const double found = absl::ToDoubleMicroseconds(histogram.Percentile(percent));
    EXPECT_GE(found, percent * 10);
    EXPECT_LE(found, percent * 10 * 17 / 16);
  }
}

TEST(LatencyHistogramTest, NothingAboveASecond) {
  LatencyHistogram histogram;
  histogram.Add(absl::Hours(1));
  EXPECT_EQ(histogram.AtMost().size(), 1U);
  EXPECT_GE(histogram.Percentile(50), absl::Seconds(1));
}

}  // namespace
}  // namespace holdfast::server::engine
