#include "server/command/index_range.h"

#include <gtest/gtest.h>

#include <limits>

namespace holdfast::server::command {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

void ExpectRange(const IndexRange& range, uint64_t first, uint64_t count) {
  EXPECT_EQ(range.first, first);
  EXPECT_EQ(range.count, count);
}

TEST(IndexRangeTest, NegativeIndexesCountFromTheBack) {
  EXPECT_EQ(ResolveIndex(0, 3), 0u);
  EXPECT_EQ(ResolveIndex(-1, 3), 2u);
  EXPECT_EQ(ResolveIndex(-3, 3), 0u);
}

TEST(IndexRangeTest, AnIndexOutsideNamesNothing) {
  EXPECT_EQ(ResolveIndex(3, 3), std::nullopt);
  EXPECT_EQ(ResolveIndex(-4, 3), std::nullopt);
  EXPECT_EQ(ResolveIndex(kMin, 3), std::nullopt);
  EXPECT_EQ(ResolveIndex(kMax, 3), std::nullopt);
  EXPECT_EQ(ResolveIndex(0, 0), std::nullopt);
}

TEST(IndexRangeTest, BothEndsBelongToTheRange) {
  ExpectRange(ResolveRange(0, -1, 5), 0, 5);
  ExpectRange(ResolveRange(1, 3, 5), 1, 3);
  ExpectRange(ResolveRange(-2, -1, 5), 3, 2);
}

TEST(IndexRangeTest, ARangeIsCutToWhatIsThere) {
  ExpectRange(ResolveRange(-100, 100, 5), 0, 5);
  ExpectRange(ResolveRange(kMin, kMax, 5), 0, 5);
  ExpectRange(ResolveRange(3, kMax, 5), 3, 2);
}

TEST(IndexRangeTest, ARangeThatHoldsNothingIsEmpty) {
  EXPECT_EQ(ResolveRange(5, 9, 5).count, 0u);
  EXPECT_EQ(ResolveRange(3, 2, 5).count, 0u);
  EXPECT_EQ(ResolveRange(0, -6, 5).count, 0u);
  EXPECT_EQ(ResolveRange(kMax, kMin, 5).count, 0u);
  EXPECT_EQ(ResolveRange(0, -1, 0).count, 0u);
}

}  // namespace
}  // namespace holdfast::server::command
