#include "server/command/scan_options.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace holdfast::server::command {
namespace {

using Words = std::vector<std::string_view>;

// The error text of reading `words` behind a command's name; empty if all is well.
std::string ErrorOf(const Words& words, ScanOptions& options) {
  Args args(words, 0);
  options.ReadAll(args);
  const auto error = args.Finish();
  return error ? std::string(error->text()) : "";
}

uint64_t CursorOf(std::string_view word, std::string& error) {
  const Words words = {word};
  Args args(words, 0);
  const uint64_t cursor = ReadScanCursor(args);
  error = args.error() ? std::string(args.error()->text()) : "";
  return cursor;
}

TEST(ScanOptionsTest, WithoutWordsEverythingMatches) {
  ScanOptions options;
  EXPECT_EQ(ErrorOf({}, options), "");
  EXPECT_EQ(options.count, 10U);
  EXPECT_TRUE(options.Matches("anything"));
}

TEST(ScanOptionsTest, TheLastOfEachCounts) {
  ScanOptions options;
  EXPECT_EQ(ErrorOf({"MATCH", "a*", "count", "5", "match", "b*", "COUNT", "7"}, options), "");
  EXPECT_EQ(options.count, 7U);
  EXPECT_TRUE(options.Matches("bc"));
  EXPECT_FALSE(options.Matches("ac"));
}

TEST(ScanOptionsTest, FaultsAreRediss) {
  ScanOptions options;
  EXPECT_EQ(ErrorOf({"MATCH"}, options), "ERR syntax error");
  EXPECT_EQ(ErrorOf({"COUNT"}, options), "ERR syntax error");
  EXPECT_EQ(ErrorOf({"COUNT", "0"}, options), "ERR syntax error");
  EXPECT_EQ(ErrorOf({"COUNT", "-3"}, options), "ERR syntax error");
  EXPECT_EQ(ErrorOf({"COUNT", "x"}, options), "ERR value is not an integer or out of range");
  EXPECT_EQ(ErrorOf({"TYPE", "hash"}, options), "ERR syntax error");
}

TEST(ScanOptionsTest, OptionsOfACommandsOwnAreLeftToIt) {
  const Words words = {"COUNT", "5", "TYPE", "hash", "MATCH", "x"};
  Args args(words, 0);
  ScanOptions options;
  options.ReadAll(args);
  EXPECT_TRUE(args.Keyword("TYPE"));
  EXPECT_EQ(args.Bytes(), "hash");
  options.ReadAll(args);
  EXPECT_FALSE(args.Finish());
  EXPECT_EQ(options.count, 5U);
  EXPECT_EQ(options.pattern, "x");
}

TEST(ScanCursorTest, IsAnUnsignedDecimal) {
  std::string error;
  EXPECT_EQ(CursorOf("0", error), 0U);
  EXPECT_EQ(CursorOf("18446744073709551615", error), 18446744073709551615U);
  EXPECT_EQ(error, "");
  for (const std::string_view word : {"18446744073709551616", "x", "1x", " 1", "1 ", "1.0"}) {
    (void)CursorOf(word, error);
    EXPECT_EQ(error, "ERR invalid cursor") << word;
  }
}

TEST(WriteScanTest, GivesCursorAndElements) {
  std::string out;
  resp::ReplyWriter reply(out, resp::Protocol::kResp3);
  const Words found = {"a", "b"};
  WriteScan(reply, (uint64_t{1} << 52) - 1, found);
  EXPECT_EQ(out, "*2\r\n$16\r\n4503599627370495\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
}

}  // namespace
}  // namespace holdfast::server::command
