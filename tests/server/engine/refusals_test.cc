#include "server/engine/refusals.h"

#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

class RefusalsTest : public testing::Test {
 protected:
  RefusalsTest() { client_.address = "10.0.0.7:50312"; }

  command::Client client_;
  Refusals refusals_;
};

TEST_F(RefusalsTest, CountsByReasonCommandQueueAndClient) {
  refusals_.Note("lpush", "queue:a", client_, RefusalReason::kDiskFull);
  refusals_.Note("lpush", "queue:b", client_, RefusalReason::kDiskFull);
  refusals_.Note("script|load", "", client_, RefusalReason::kSealed);
  EXPECT_EQ(refusals_.total(), 3U);
  EXPECT_EQ(refusals_.of(RefusalReason::kDiskFull), 2U);
  EXPECT_EQ(refusals_.of(RefusalReason::kSealed), 1U);
  EXPECT_EQ(refusals_.commands().Largest(1)[0].name, "lpush");
  EXPECT_EQ(refusals_.commands().Largest(1)[0].count, 2U);
  EXPECT_EQ(refusals_.queues().Largest(9).size(), 2U);
  EXPECT_EQ(refusals_.clients().Largest(9).size(), 1U);
  EXPECT_EQ(refusals_.clients().Largest(9)[0].name, "10.0.0.7");
  EXPECT_EQ(client_.refused, 3U);
  refusals_.Reset();
  EXPECT_EQ(refusals_.total(), 0U);
  EXPECT_TRUE(refusals_.queues().Largest(9).empty());
}

TEST_F(RefusalsTest, ReportNamesTheLargestOfWhatIsNew) {
  EXPECT_EQ(refusals_.TakeReport(), "");
  for (int i = 0; i < 5; ++i) refusals_.Note("lpush", "queue:a", client_, RefusalReason::kDiskFull);
  refusals_.Note("set", "a\nb", client_, RefusalReason::kDiskFull);
  EXPECT_EQ(refusals_.TakeReport(),
            "refused 6 commands: \"lpush\" (5), \"set\" (1) to \"queue:a\" (5), \"a\\nb\" (1) from "
            "\"10.0.0.7\" (6)");
  EXPECT_EQ(refusals_.TakeReport(), "");
  for (const char* key : {"a", "a", "b", "c", "d", "e"}) {
    refusals_.Note("lpush", key, client_, RefusalReason::kDiskFull);
  }
  EXPECT_EQ(refusals_.TakeReport(),
            "refused 6 commands: \"lpush\" (6) to \"a\" (2), \"b\" (1), \"c\" (1), others (2) from "
            "\"10.0.0.7\" (6)");
}

}  // namespace
}  // namespace holdfast::server::engine
