#include "resp/reply.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "resp/reply_parser.h"

namespace holdfast::resp {
namespace {

// What redis-cli would show for these bytes.
std::string Shown(std::string_view bytes) {
  const auto reply = ParseReply(bytes);
  return reply ? FormatReply(*reply) : "(not a reply)";
}

TEST(FormatReplyTest, ShowsSimpleTypes) {
  EXPECT_EQ(Shown("+OK\r\n"), "OK");
  EXPECT_EQ(Shown("-ERR no\r\n"), "(error) ERR no");
  EXPECT_EQ(Shown("!6\r\nERR no\r\n"), "(error) ERR no");
  EXPECT_EQ(Shown(":-7\r\n"), "(integer) -7");
  EXPECT_EQ(Shown("$3\r\nabc\r\n"), "\"abc\"");
  EXPECT_EQ(Shown("$-1\r\n"), "(nil)");
  EXPECT_EQ(Shown("*-1\r\n"), "(nil)");
  EXPECT_EQ(Shown("_\r\n"), "(nil)");
  EXPECT_EQ(Shown("#t\r\n"), "(true)");
  EXPECT_EQ(Shown("#f\r\n"), "(false)");
  EXPECT_EQ(Shown(",1.5\r\n"), "(double) 1.5");
  EXPECT_EQ(Shown("(12345678901234567890\r\n"), "(big number) 12345678901234567890");
  EXPECT_EQ(Shown("=9\r\ntxt:a\nb c\r\n"), "a\nb c");
}

TEST(FormatReplyTest, ShowsEmptyAggregatesByName) {
  EXPECT_EQ(Shown("*0\r\n"), "(empty array)");
  EXPECT_EQ(Shown("%0\r\n"), "(empty hash)");
  EXPECT_EQ(Shown("~0\r\n"), "(empty set)");
  EXPECT_EQ(Shown(">0\r\n"), "(empty push)");
}

TEST(FormatReplyTest, NumbersTheElements) {
  EXPECT_EQ(Shown("*3\r\n$1\r\na\r\n:1\r\n$-1\r\n"), "1) \"a\"\n2) (integer) 1\n3) (nil)");
  EXPECT_EQ(Shown("~2\r\n+a\r\n+b\r\n"), "1~ a\n2~ b");
  EXPECT_EQ(Shown(">2\r\n+message\r\n+b\r\n"), "1) message\n2) b");
  EXPECT_EQ(Shown("%2\r\n$1\r\nk\r\n:1\r\n$1\r\nl\r\n#f\r\n"),
            "1# \"k\" => (integer) 1\n2# \"l\" => (false)");
}

TEST(FormatReplyTest, IndentsNestedArrays) {
  EXPECT_EQ(Shown("*3\r\n:1\r\n*2\r\n:2\r\n*1\r\n:3\r\n:4\r\n"),
            "1) (integer) 1\n"
            "2) 1) (integer) 2\n"
            "   2) 1) (integer) 3\n"
            "3) (integer) 4");
}

TEST(FormatReplyTest, AlignsLongIndices) {
  std::string bytes = "*10\r\n*2\r\n:1\r\n:2\r\n";
  for (int i = 0; i < 9; ++i) bytes += ":7\r\n";
  const std::string shown = Shown(bytes);
  EXPECT_TRUE(shown.starts_with(" 1) 1) (integer) 1\n    2) (integer) 2\n 2) (integer) 7\n")) << shown;
  EXPECT_TRUE(shown.ends_with("\n 9) (integer) 7\n10) (integer) 7")) << shown;
}

TEST(FormatReplyTest, MapValuesOfSeveralLinesStartOnTheirOwn) {
  EXPECT_EQ(Shown("%1\r\n+a\r\n*1\r\n:1\r\n"), "1# a => 1) (integer) 1");
  EXPECT_EQ(Shown("%2\r\n+a\r\n*2\r\n:1\r\n:2\r\n+b\r\n%1\r\n+c\r\n~1\r\n+d\r\n"),
            "1# a => \n"
            "   1) (integer) 1\n"
            "   2) (integer) 2\n"
            "2# b => 1# c => 1~ d");
  EXPECT_EQ(Shown("*1\r\n%1\r\n+a\r\n*1\r\n*2\r\n:1\r\n:2\r\n"),
            "1) 1# a => \n"
            "      1) 1) (integer) 1\n"
            "         2) (integer) 2");
}

TEST(QuotedTest, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("it's"), "\"it's\"");
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("\n\r\t\a\b"), R"("\n\r\t\a\b")");
  EXPECT_EQ(Quoted(std::string_view("\0\x7f\xc3", 3)), R"("\x00\x7f\xc3")");
}

TEST(ReplyTest, KnowsItsKind) {
  EXPECT_TRUE(ParseReply("*-1\r\n")->is_null());
  EXPECT_TRUE(ParseReply("_\r\n")->is_null());
  EXPECT_FALSE(ParseReply("*0\r\n")->is_null());
  EXPECT_TRUE(ParseReply("-ERR\r\n")->is_error());
  EXPECT_FALSE(ParseReply("+ERR\r\n")->is_error());
  EXPECT_TRUE(ParseReply("~0\r\n")->is_aggregate());
  EXPECT_FALSE(ParseReply("*-1\r\n")->is_aggregate());
}

TEST(ReplyTest, EqualRepliesHaveEqualTrees) {
  EXPECT_EQ(ParseReply(",nan\r\n"), ParseReply(",nan\r\n"));
  EXPECT_EQ(ParseReply("*1\r\n+a\r\n"), ParseReply("*1\r\n+a\r\n"));
  EXPECT_NE(ParseReply("*1\r\n+a\r\n"), ParseReply("*1\r\n$1\r\na\r\n"));
  EXPECT_NE(ParseReply("*1\r\n+a\r\n"), ParseReply("~1\r\n+a\r\n"));
  EXPECT_NE(ParseReply(":1\r\n"), ParseReply(":2\r\n"));
}

}  // namespace
}  // namespace holdfast::resp
