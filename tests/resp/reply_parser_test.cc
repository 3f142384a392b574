#include "resp/reply_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply_writer.h"

namespace holdfast::resp {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Result = ReplyParser::Result;

struct Parsed {
  std::vector<std::string> replies;  // as redis-cli shows them
  std::string error;
  bool operator==(const Parsed&) const = default;
};

Parsed ParsePieces(const std::vector<std::string_view>& pieces, const ReplyLimits& limits = {}) {
  ReplyParser parser(limits);
  Parsed parsed;
  for (std::string_view piece : pieces) {
    parser.Feed(piece);
    Reply reply;
    while (parser.Next(reply) == Result::kReply) parsed.replies.push_back(FormatReply(reply));
  }
  parsed.error = parser.error();
  return parsed;
}

// Parses `input` in one piece and checks that no cut changes the result.
Parsed ParseEverySplit(std::string_view input, const ReplyLimits& limits = {}) {
  Parsed whole = ParsePieces({input}, limits);
  std::vector<std::string_view> bytes;
  for (size_t at = 0; at < input.size(); ++at) {
    EXPECT_EQ(ParsePieces({input.substr(0, at), input.substr(at)}, limits), whole) << "cut at " << at;
    bytes.push_back(input.substr(at, 1));
  }
  EXPECT_EQ(ParsePieces(bytes, limits), whole) << "byte by byte";
  return whole;
}

std::vector<std::string> RepliesOf(std::string_view input) {
  const Parsed parsed = ParseEverySplit(input);
  EXPECT_EQ(parsed.error, "");
  return parsed.replies;
}

TEST(ReplyParserTest, ReadsRepliesInARow) {
  EXPECT_THAT(RepliesOf("+OK\r\n:1\r\n-ERR x\r\n$2\r\nhi\r\n*1\r\n$-1\r\n_\r\n"),
              ElementsAre("OK", "(integer) 1", "(error) ERR x", "\"hi\"", "1) (nil)", "(nil)"));
}

TEST(ReplyParserTest, IsBinarySafe) {
  EXPECT_THAT(RepliesOf(std::string_view("$5\r\n\0\r\n$\xff\r\n", 11)), ElementsAre(R"("\x00\r\n$\xff")"));
  EXPECT_THAT(RepliesOf("+\r\n"), ElementsAre(""));
  EXPECT_THAT(RepliesOf("+a\rb\nc\r\n"), ElementsAre("a\rb\nc"));
}

TEST(ReplyParserTest, ReadsNestedAggregatesOfEveryKind) {
  EXPECT_THAT(RepliesOf("*2\r\n%1\r\n+k\r\n~1\r\n#t\r\n>1\r\n*0\r\n,2.5\r\n"),
              ElementsAre("1) 1# k => 1~ (true)\n2) 1) (empty array)", "(double) 2.5"));
}

TEST(ReplyParserTest, DropsAttributes) {
  EXPECT_THAT(
      RepliesOf(
          "|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|2\r\n+a\r\n*1\r\n:9\r\n+b\r\n|0\r\n:8\r\n:2\r\n+end\r\n"),
      ElementsAre("1) (integer) 1\n2) (integer) 2", "end"));
}

TEST(ReplyParserTest, KeepsTheTwoNullsOfResp2Apart) {
  EXPECT_EQ(ParseReply("$-1\r\n")->type, Reply::Type::kNull);
  EXPECT_EQ(ParseReply("_\r\n")->type, Reply::Type::kNull);
  EXPECT_EQ(ParseReply("*-1\r\n")->type, Reply::Type::kNullArray);
}

TEST(ReplyParserTest, ReadsDoubles) {
  EXPECT_EQ(ParseReply(",1.5e+300\r\n")->number, 1.5e300);
  EXPECT_EQ(ParseReply(",-inf\r\n")->number, -INFINITY);
  EXPECT_EQ(ParseReply(",10\r\n")->number, 10);
  EXPECT_TRUE(std::isnan(ParseReply(",nan\r\n")->number));
}

TEST(ReplyParserTest, ReadsVerbatimStrings) {
  const auto reply = ParseReply("=15\r\nmkd:Some string\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type, Reply::Type::kVerbatim);
  EXPECT_EQ(reply->format, "mkd");
  EXPECT_EQ(reply->text, "Some string");
}

TEST(ReplyParserTest, MapsHoldKeysAndValuesInTurn) {
  const auto reply = ParseReply("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n");
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->elements.size(), 4u);
  EXPECT_EQ(reply->elements[2].text, "b");
  EXPECT_EQ(reply->elements[3].integer, 2);
}

class BadReplyTest : public testing::TestWithParam<std::string_view> {};

TEST_P(BadReplyTest, IsRefusedHoweverItIsCut) {
  const Parsed parsed = ParseEverySplit(GetParam());
  EXPECT_THAT(parsed.replies, IsEmpty());
  EXPECT_THAT(parsed.error, HasSubstr("Protocol error, "));
}

INSTANTIATE_TEST_SUITE_P(All, BadReplyTest,
                         testing::Values("?1\r\n", "\r\n", "PING\r\n", ":\r\n", ":1a\r\n", ":+1\r\n",
                                         "$-2\r\n", "$x\r\n", "$?\r\n", "*?\r\n", "*-2\r\n", "%-1\r\n",
                                         "~-1\r\n", "#x\r\n", "#\r\n", ",abc\r\n", ",\r\n", "(\r\n",
                                         "(12a\r\n", "(-\r\n", "_x\r\n", "=3\r\ntxt\r\n", "=5\r\ntxt_x\r\n",
                                         "!-1\r\n", "$3\r\nabcde", "*1\r\n*1\r\n?\r\n", "*2147483648\r\n"));

TEST(ReplyParserTest, NamesTheUnknownType) {
  EXPECT_EQ(ParsePieces({"PING\r\n"}).error, "Protocol error, got \"P\" as reply type byte");
  EXPECT_EQ(ParsePieces({":x\r\n"}).error, "Protocol error, bad reply \":x\"");
}

TEST(ReplyParserTest, StaysInErrorAndIgnoresWhatFollows) {
  ReplyParser parser;
  parser.Feed("?\r\n");
  Reply reply;
  EXPECT_EQ(parser.Next(reply), Result::kError);
  parser.Feed("+OK\r\n");
  EXPECT_EQ(parser.Next(reply), Result::kError);
  EXPECT_EQ(parser.pending_bytes(), 0u);
}

TEST(ReplyParserLimitTest, DepthIsBounded) {
  const ReplyLimits limits{.max_depth = 3};
  EXPECT_THAT(ParseEverySplit("*1\r\n*1\r\n*1\r\n:1\r\n", limits).replies, testing::SizeIs(1));
  EXPECT_EQ(ParseEverySplit("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", limits).error,
            "Protocol error, too deeply nested reply");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "*1\r\n";
  EXPECT_EQ(ParsePieces({deep}).error, "Protocol error, too deeply nested reply");
}

TEST(ReplyParserLimitTest, SizeIsBounded) {
  const ReplyLimits limits{.max_bytes = 100};
  const std::string error = "Protocol error, reply is too big";
  EXPECT_EQ(ParsePieces({"$90\r\n" + std::string(90, 'x') + "\r\n"}, limits).error, "");
  EXPECT_EQ(ParsePieces({"$100\r\n"}, limits).error, error);
  EXPECT_EQ(ParsePieces({"$9223372036854775807\r\n"}, limits).error, error);
  EXPECT_EQ(ParsePieces({"+" + std::string(100, 'x')}, limits).error, error);
  std::string many = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) many += ":1\r\n";
  EXPECT_EQ(ParsePieces({many}, limits).error, error);
}

TEST(ReplyParserLimitTest, SizeIsPerReply) {
  const ReplyLimits limits{.max_bytes = 100};
  std::string many;
  for (int i = 0; i < 1000; ++i) many += ":1\r\n";
  EXPECT_THAT(ParsePieces({many}, limits).replies, testing::SizeIs(1000));
}

TEST(ReplyParserLimitTest, AnAnnouncedAggregateCostsNothing) {
  ReplyParser parser;
  parser.Feed("*2147483647\r\n%2147483647\r\n:1\r\n");
  Reply reply;
  EXPECT_EQ(parser.Next(reply), Result::kNeedMore);
  EXPECT_LT(parser.pending_bytes(), 100u);
}

TEST(ParseReplyTest, TakesExactlyOneReply) {
  EXPECT_EQ(ParseReply("+OK\r\n")->text, "OK");
  EXPECT_THAT(ParseReply(""), Eq(std::nullopt));
  EXPECT_THAT(ParseReply("+OK\r"), Eq(std::nullopt));
  EXPECT_THAT(ParseReply("*1\r\n"), Eq(std::nullopt));
  EXPECT_THAT(ParseReply("+OK\r\n+OK\r\n"), Eq(std::nullopt));
  EXPECT_THAT(ParseReply("?\r\n"), Eq(std::nullopt));
}

TEST(ParseReplyTest, ReadsAllThatTheWriterWrites) {
  for (const Protocol protocol : {Protocol::kResp2, Protocol::kResp3}) {
    std::string bytes;
    ReplyWriter writer(bytes, protocol);
    writer.Array(10);
    writer.Ok();
    writer.Error("ERR x");
    writer.Integer(-5);
    writer.Null();
    writer.NullArray();
    writer.Boolean(true);
    writer.Double(0.1);
    writer.BigNumber("-12345678901234567890");
    writer.Verbatim("txt", "text");
    writer.Map(1);
    writer.Bulk("key");
    writer.Set(1);
    writer.Push(0);
    const auto reply = ParseReply(bytes);
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->elements.size(), 10u);
    EXPECT_EQ(reply->elements[6].text, "0.1");
    EXPECT_EQ(reply->elements[9].elements[0].text, "key");
  }
}

}  // namespace
}  // namespace holdfast::resp
