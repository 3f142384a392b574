#include "storage/access_times.h"

#include <gtest/gtest.h>

namespace holdfast::storage {
namespace {

constexpr absl::Time kThen = absl::FromUnixSeconds(1'700'000'000);
constexpr uint64_t kHash = 0x0123456789abcdef;

class AccessTimesTest : public ::testing::Test {
 protected:
  AccessTimes times_;
};

TEST_F(AccessTimesTest, KnowsNothingAtFirst) {
  EXPECT_EQ(times_.Find(1, kHash), std::nullopt);
  EXPECT_EQ(times_.Find(0, 0), std::nullopt);
  times_.Note(1, kHash, kThen);
  EXPECT_EQ(times_.Find(0, 0), std::nullopt);
}

TEST_F(AccessTimesTest, TellsTheLastTimeInWholeSeconds) {
  times_.Note(1, kHash, kThen - absl::Hours(1));
  times_.Note(1, kHash, kThen + absl::Milliseconds(999));
  EXPECT_EQ(times_.Find(1, kHash), kThen);
}

TEST_F(AccessTimesTest, TheSameKeyOfTwoDatabasesIsTwoKeys) {
  times_.Note(1, kHash, kThen);
  EXPECT_EQ(times_.Find(2, kHash), std::nullopt);
  times_.Note(2, kHash, kThen + absl::Hours(1));
  EXPECT_EQ(times_.Find(1, kHash), kThen);
  EXPECT_EQ(times_.Find(2, kHash), kThen + absl::Hours(1));
}

TEST_F(AccessTimesTest, TheLaterKeyTakesAPlace) {
  constexpr uint64_t kRival = kHash ^ 1;
  times_.Note(1, kHash, kThen);
  times_.Note(1, kRival, kThen + absl::Seconds(1));
  EXPECT_EQ(times_.Find(1, kHash), std::nullopt);
  EXPECT_EQ(times_.Find(1, kRival), kThen + absl::Seconds(1));
}

TEST_F(AccessTimesTest, RemembersManyKeysAtOnce) {
  for (uint64_t place = 0; place < 1 << 16; ++place) {
    times_.Note(1, place << 48, kThen + absl::Seconds(place));
  }
  for (uint64_t place = 0; place < 1 << 16; ++place) {
    ASSERT_EQ(times_.Find(1, place << 48), kThen + absl::Seconds(place));
  }
}

TEST_F(AccessTimesTest, TimesBeyondAllCountingAreTheNearest) {
  times_.Note(1, kHash, absl::InfinitePast());
  EXPECT_EQ(times_.Find(1, kHash), absl::FromUnixSeconds(1));
  times_.Note(1, kHash, absl::InfiniteFuture());
  EXPECT_EQ(times_.Find(1, kHash), absl::FromUnixSeconds(0xffffffff));
}

}  // namespace
}  // namespace holdfast::storage
