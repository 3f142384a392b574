#include "server/command/args.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace holdfast::server::command {
namespace {

using Words = std::vector<std::string_view>;

std::string TextOf(const std::optional<CommandError>& error) {
  return error ? std::string(error->text()) : std::string();
}

TEST(ArgsTest, ReadsWordsByType) {
  const Words words = {"cmd", "key", "-5", "1.5", "rest", "more"};
  Args args(words);
  EXPECT_EQ(args.Bytes(), "key");
  EXPECT_EQ(args.Integer(), -5);
  EXPECT_EQ(args.Double(), 1.5);
  EXPECT_EQ(args.remaining(), 2u);
  EXPECT_EQ(args.Rest().size(), 2u);
  EXPECT_FALSE(args.Finish());
}

TEST(ArgsTest, SkipsTheNameOfASubcommand) {
  const Words words = {"client", "setname", "x"};
  EXPECT_EQ(Args(words, 2).Bytes(), "x");
}

TEST(ArgsTest, FirstErrorSticks) {
  const Words words = {"cmd", "abc", "def"};
  Args args(words);
  EXPECT_EQ(args.Integer(), 0);
  EXPECT_EQ(args.Double(), 0);
  EXPECT_EQ(TextOf(args.Finish()), kNotInteger.text());
}

TEST(ArgsTest, ReadingPastTheEndIsASyntaxError) {
  const Words words = {"cmd"};
  Args args(words);
  EXPECT_EQ(args.Bytes(), "");
  EXPECT_EQ(args.Integer(), 0);
  EXPECT_EQ(TextOf(args.error()), kSyntaxError.text());
}

TEST(ArgsTest, WordsLeftOverAreASyntaxError) {
  const Words words = {"cmd", "a"};
  EXPECT_EQ(TextOf(Args(words).Finish()), kSyntaxError.text());
}

TEST(ArgsTest, TakesExactlyAsManyAsAskedFor) {
  const Words words = {"cmd", "a", "b"};
  Args args(words);
  EXPECT_EQ(args.Take(2).size(), 2u);
  EXPECT_TRUE(args.Take(1).empty());
  EXPECT_EQ(TextOf(args.error()), kSyntaxError.text());
}

TEST(ArgsTest, IntegerHasBounds) {
  const Words words = {"cmd", "5"};
  Args args(words);
  EXPECT_EQ(args.Integer(6, 10, kMustBePositive), 0);
  EXPECT_EQ(TextOf(args.error()), kMustBePositive.text());
}

TEST(ArgsTest, KeywordIsTakenInAnyCaseOnlyIfItMatches) {
  const Words words = {"cmd", "wItHsCoReS", "x"};
  Args args(words);
  EXPECT_FALSE(args.Keyword("LIMIT"));
  EXPECT_TRUE(args.Keyword("WITHSCORES"));
  EXPECT_EQ(args.peek(), "x");
}

struct TimeoutCase {
  std::string_view word;
  absl::Duration duration;
  std::string_view error;
};

class TimeoutTest : public testing::TestWithParam<TimeoutCase> {};

TEST_P(TimeoutTest, IsReadAsRedisReadsIt) {
  const Words words = {"cmd", GetParam().word};
  Args args(words);
  EXPECT_EQ(args.Timeout(), GetParam().duration);
  EXPECT_EQ(TextOf(args.error()), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    All, TimeoutTest,
    testing::Values(TimeoutCase{"0", absl::InfiniteDuration(), ""}, TimeoutCase{"2", absl::Seconds(2), ""},
                    TimeoutCase{"0.5", absl::Milliseconds(500), ""},
                    // Below a millisecond is not "for ever".
                    TimeoutCase{"0.0001", absl::Milliseconds(1), ""},
                    TimeoutCase{"1.0001", absl::Milliseconds(1001), ""},
                    TimeoutCase{"-1", absl::ZeroDuration(), kTimeoutNegative.text()},
                    TimeoutCase{"-0.0001", absl::ZeroDuration(), kTimeoutNegative.text()},
                    TimeoutCase{"x", absl::ZeroDuration(), kTimeoutNotFloat.text()},
                    TimeoutCase{"1e300", absl::ZeroDuration(), "ERR timeout is out of range"}));

}  // namespace
}  // namespace holdfast::server::command
