#include "server/command/random_count.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace holdfast::server::command {
namespace {

RandomCount Read(std::string_view word, std::string& error) {
  const std::vector<std::string_view> words = {word};
  Args args(words, 0);
  const RandomCount count = ReadRandomCount(args);
  const auto fault = args.Finish();
  error = fault ? std::string(fault->text()) : "";
  return count;
}

TEST(RandomCountTest, TheSignTellsWhetherElementsMayRepeat) {
  std::string error;
  EXPECT_EQ(Read("3", error).count, 3U);
  EXPECT_FALSE(Read("3", error).repeats);
  EXPECT_EQ(Read("-3", error).count, 3U);
  EXPECT_TRUE(Read("-3", error).repeats);
  EXPECT_EQ(Read("-9223372036854775807", error).count, 9223372036854775807U);
  EXPECT_EQ(error, "");
}

TEST(RandomCountTest, OnlyDrawsThatMayRepeatAreBounded) {
  std::string error;
  EXPECT_FALSE(Read("9223372036854775807", error).too_many());
  EXPECT_FALSE(Read("-16777216", error).too_many());
  EXPECT_TRUE(Read("-16777217", error).too_many());
}

TEST(RandomCountTest, FaultsAreRediss) {
  std::string error;
  EXPECT_EQ(Read("x", error).count, 0U);
  EXPECT_EQ(error, "ERR value is not an integer or out of range");
  EXPECT_EQ(Read("-9223372036854775808", error).count, 0U);
  EXPECT_EQ(error,
            "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
}

}  // namespace
}  // namespace holdfast::server::command
