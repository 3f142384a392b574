#include "server/engine/queue_limits.h"

#include "gtest/gtest.h"

namespace holdfast::server::engine {
namespace {

std::string NormalForm(std::string_view text) {
  std::string why;
  const auto limits = QueueLimits::Parse(text, why);
  return limits ? limits->text() : "refused: " + why;
}

TEST(QueueLimitsTest, AreReadWithTheirUnits) {
  EXPECT_EQ(NormalForm(""), "");
  EXPECT_EQ(NormalForm("  queue:a   MAX-JOBS 10 max-bytes 1kb q* max-bytes 2mb "),
            "queue:a max-jobs 10 max-bytes 1024 q* max-bytes 2097152");
  EXPECT_EQ(NormalForm(NormalForm("a max-jobs 1k")), "a max-jobs 1000");
}

TEST(QueueLimitsTest, SayWhatIsWrong) {
  EXPECT_EQ(NormalForm("queue:a"), "refused: the pattern 'queue:a' has neither max-jobs nor max-bytes");
  EXPECT_EQ(NormalForm("queue:a max-jobs many"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs many'");
  EXPECT_EQ(NormalForm("max-jobs 10"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs 10'");
  EXPECT_EQ(NormalForm("a max-jobs"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs '");
  EXPECT_EQ(NormalForm("a max-jobs -1"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs -1'");
}

TEST(QueueLimitsTest, TheFirstThatMatchesCounts) {
  std::string why;
  const auto limits = QueueLimits::Parse("queue:bulk max-jobs 2 queue:* max-jobs 3", why);
  ASSERT_TRUE(limits.has_value()) << why;
  ASSERT_NE(limits->Find("queue:bulk"), nullptr);
  EXPECT_EQ(limits->Find("queue:bulk")->jobs, 2U);
  EXPECT_EQ(limits->Find("queue:other")->jobs, 3U);
  EXPECT_EQ(limits->Find("schedule"), nullptr);
}

}  // namespace
}  // namespace holdfast::server::engine
