#include "storage/quota.h"

#include <gtest/gtest.h>

namespace holdfast::storage {
namespace {

constexpr uint64_t kPlenty = 1'000'000;

class QuotaTest : public testing::Test {
 protected:
  DiskLevel Use(uint64_t used, uint64_t room = kPlenty) {
    return quota_.Update({.used_bytes = used, .room_bytes = room, .file_system_bytes = 4000});
  }

  Quota quota_;
};

TEST_F(QuotaTest, LevelsBeginAtTheirPercents) {
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(0), DiskLevel::kNormal);
  EXPECT_EQ(Use(799), DiskLevel::kNormal);
  EXPECT_EQ(Use(800), DiskLevel::kWarn);
  EXPECT_EQ(Use(899), DiskLevel::kWarn);
  EXPECT_EQ(Use(900), DiskLevel::kFull);
  EXPECT_EQ(Use(999), DiskLevel::kFull);
  EXPECT_EQ(Use(1000), DiskLevel::kExhausted);
  EXPECT_EQ(Use(5000), DiskLevel::kExhausted);
  EXPECT_EQ(quota_.warn_bytes(), 800U);
  EXPECT_EQ(quota_.full_bytes(), 900U);
  EXPECT_EQ(quota_.limit_bytes(), 1000U);
}

TEST_F(QuotaTest, LevelsEndBelowWhereTheyBegin) {
  quota_.Configure({.most_bytes = 1000});
  Use(1000);
  EXPECT_EQ(Use(980), DiskLevel::kExhausted);
  EXPECT_EQ(Use(979), DiskLevel::kFull);
  EXPECT_EQ(Use(999), DiskLevel::kFull);
  EXPECT_EQ(Use(880), DiskLevel::kFull);
  EXPECT_EQ(Use(879), DiskLevel::kWarn);
  EXPECT_EQ(Use(780), DiskLevel::kWarn);
  EXPECT_EQ(Use(779), DiskLevel::kNormal);
  EXPECT_EQ(Use(799), DiskLevel::kNormal);
}

TEST_F(QuotaTest, StartBetweenEndAndBeginningOfALevelIsInIt) {
  // The store looks before it is told the quota: that is no start.
  EXPECT_EQ(Use(881), DiskLevel::kNormal);
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(881), DiskLevel::kFull);
  EXPECT_EQ(Use(879), DiskLevel::kWarn);
  EXPECT_EQ(Use(881), DiskLevel::kWarn);
  // Nor is a change of the quota.
  quota_.Configure({.most_bytes = 1001});
  EXPECT_EQ(Use(881), DiskLevel::kWarn);
}

TEST_F(QuotaTest, ZeroIsNoLimit) {
  quota_.Configure({.most_bytes = 0, .most_percent = 0});
  EXPECT_EQ(Use(5000), DiskLevel::kNormal);
  EXPECT_EQ(quota_.quota_bytes(), 0U);
}

TEST_F(QuotaTest, LevelMayFallOrRiseOverSeveralAtOnce) {
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(2000), DiskLevel::kExhausted);
  EXPECT_EQ(Use(10), DiskLevel::kNormal);
}

TEST_F(QuotaTest, RoomOnTheFileSystemDecidesWhereItIsTighter) {
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(100, 900), DiskLevel::kNormal);
  EXPECT_EQ(quota_.limit_bytes(), 1000U);
  EXPECT_EQ(Use(100, 20), DiskLevel::kWarn);
  EXPECT_EQ(quota_.limit_bytes(), 120U);
  EXPECT_EQ(quota_.quota_bytes(), 1000U);
  EXPECT_EQ(Use(100, 11), DiskLevel::kFull);
  EXPECT_EQ(Use(100, 0), DiskLevel::kExhausted);
  EXPECT_EQ(Use(0, 0), DiskLevel::kExhausted);
}

TEST_F(QuotaTest, WithoutAQuotaOnlyTheFileSystemBounds) {
  EXPECT_EQ(Use(100, 900), DiskLevel::kNormal);
  EXPECT_EQ(quota_.quota_bytes(), 0U);
  EXPECT_EQ(quota_.limit_bytes(), 1000U);
  EXPECT_EQ(Use(900, 100), DiskLevel::kFull);
}

TEST_F(QuotaTest, PercentIsOfTheFileSystem) {
  quota_.Configure({.most_bytes = 7, .most_percent = 25});
  EXPECT_EQ(Use(870), DiskLevel::kWarn);
  EXPECT_EQ(Use(899), DiskLevel::kWarn);
  EXPECT_EQ(quota_.quota_bytes(), 1000U);
  EXPECT_EQ(Use(900), DiskLevel::kFull);
}

TEST_F(QuotaTest, LoweredQuotaIsFullAndARaisedOneIsNot) {
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(500), DiskLevel::kNormal);
  quota_.Configure({.most_bytes = 300});
  EXPECT_EQ(Use(500), DiskLevel::kExhausted);
  quota_.Configure({.most_bytes = 1000});
  EXPECT_EQ(Use(500), DiskLevel::kNormal);
}

TEST_F(QuotaTest, ThresholdsAreConfigurableAndKeepTheirOrder) {
  quota_.Configure({.most_bytes = 1000, .warn_percent = 95, .full_percent = 60, .hysteresis_percent = 0});
  EXPECT_EQ(Use(599), DiskLevel::kNormal);
  EXPECT_EQ(Use(600), DiskLevel::kFull);
  EXPECT_EQ(Use(599), DiskLevel::kNormal);
  quota_.Configure({.most_bytes = 1000, .full_percent = 400});
  EXPECT_EQ(Use(999), DiskLevel::kWarn);
  EXPECT_EQ(Use(1000), DiskLevel::kExhausted);
}

TEST_F(QuotaTest, HugeFiguresDoNotOverflow) {
  quota_.Configure({.most_bytes = UINT64_MAX});
  EXPECT_EQ(Use(UINT64_MAX / 2, UINT64_MAX), DiskLevel::kNormal);
  EXPECT_EQ(quota_.limit_bytes(), UINT64_MAX);
}

}  // namespace
}  // namespace holdfast::storage
