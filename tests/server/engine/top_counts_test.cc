#include "server/engine/top_counts.h"

#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

TEST(TopCountsTest, LargestComeFirst) {
  TopCounts counts(8);
  for (const char* name : {"a", "b", "c", "b", "c", "c"}) counts.Add(name);
  const auto largest = counts.Largest(2);
  ASSERT_EQ(largest.size(), 2U);
  EXPECT_EQ(largest[0].name, "c");
  EXPECT_EQ(largest[0].count, 3U);
  EXPECT_EQ(largest[1].name, "b");
  EXPECT_EQ(counts.others(), 0U);
}

TEST(TopCountsTest, FullTableKeepsTheLargeAndTheSum) {
  TopCounts counts(3);
  for (int i = 0; i < 100; ++i) counts.Add("large");
  for (int i = 0; i < 50; ++i) counts.Add(std::to_string(i));
  const auto largest = counts.Largest(10);
  ASSERT_EQ(largest.size(), 3U);
  EXPECT_EQ(largest[0].name, "large");
  EXPECT_EQ(largest[0].count, 100U);
  EXPECT_EQ(largest[1].count + largest[2].count + counts.others(), 50U);
}

TEST(TopCountsTest, LongNamesAreCutOff) {
  TopCounts counts(3);
  counts.Add(std::string(100'000, 'x'));
  EXPECT_EQ(counts.Largest(1)[0].name.size(), 256U);
}

}  // namespace
}  // namespace holdfast::server::engine
