#include "resp/number_line.h"

#include <gtest/gtest.h>

#include <string>

#include "resp/limits.h"

namespace holdfast::resp {
namespace {

using Status = NumberLine::Status;

TEST(NumberLineTest, ReadsTheNumberAndTheSizeOfItsLine) {
  const NumberLine line = ReadNumberLine("$512\r\nrest");
  EXPECT_EQ(line.status, Status::kRead);
  EXPECT_EQ(line.value, 512);
  EXPECT_EQ(line.size, 6u);
}

TEST(NumberLineTest, ReadsWhatParseIntegerTakes) {
  EXPECT_EQ(ReadNumberLine("*0\r\n").value, 0);
  EXPECT_EQ(ReadNumberLine("*0\r\n").status, Status::kRead);
  EXPECT_EQ(ReadNumberLine("*-1\r\n").value, -1);
  EXPECT_EQ(ReadNumberLine(":9223372036854775807\r\n").value, 9223372036854775807);
  EXPECT_EQ(ReadNumberLine(":999999999999999999\r\n").value, 999999999999999999);
  EXPECT_EQ(ReadNumberLine(":1000000000000000000\r\n").value, 1000000000000000000);
}

TEST(NumberLineTest, RefusesWhatParseIntegerRefuses) {
  for (std::string_view input : {"*\r\n", "*00\r\n", "*01\r\n", "*+1\r\n", "*1 \r\n", "*-0\r\n", "*a\r\n",
                                 "*1\n\r\n", "*9223372036854775808\r\n", "\r\n"}) {
    EXPECT_EQ(ReadNumberLine(input).status, Status::kMalformed) << input;
  }
}

TEST(NumberLineTest, WaitsForTheByteBehindCr) {
  for (std::string_view input : {"", "*", "*1", "*12", "*12\r", "*x", "*x\r"}) {
    EXPECT_EQ(ReadNumberLine(input).status, Status::kIncomplete) << input;
  }
}

TEST(NumberLineTest, EndsAt64Kilobytes) {
  const std::string longest = "*" + std::string(kMaxLineBytes - 1, '1');
  EXPECT_EQ(ReadNumberLine(longest).status, Status::kIncomplete);
  EXPECT_EQ(ReadNumberLine(longest + "\r\n").status, Status::kMalformed);
  EXPECT_EQ(ReadNumberLine(longest + "1").status, Status::kTooLong);
  EXPECT_EQ(ReadNumberLine(longest + "1\r\n").status, Status::kTooLong);
}

TEST(NumberLineTest, DoesNotSearchAgainWhatWasScanned) {
  EXPECT_EQ(ReadNumberLine("*x\r\n", 2).status, Status::kMalformed);
  EXPECT_EQ(ReadNumberLine("*x\r\n", 4).status, Status::kIncomplete);
}

}  // namespace
}  // namespace holdfast::resp
