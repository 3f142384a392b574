#include "resp/reply_writer.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <string_view>

namespace holdfast::resp {
namespace {

using Write = std::function<void(ReplyWriter&)>;

std::string Written(Protocol protocol, const Write& write) {
  std::string out;
  ReplyWriter reply(out, protocol);
  write(reply);
  return out;
}

void ExpectInBoth(const Write& write, std::string_view bytes) {
  EXPECT_EQ(Written(Protocol::kResp2, write), bytes);
  EXPECT_EQ(Written(Protocol::kResp3, write), bytes);
}

void ExpectEach(const Write& write, std::string_view resp2, std::string_view resp3) {
  EXPECT_EQ(Written(Protocol::kResp2, write), resp2);
  EXPECT_EQ(Written(Protocol::kResp3, write), resp3);
}

TEST(ReplyWriterTest, SimpleStringsAreTheSameInBothProtocols) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Ok(); }, "+OK\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.SimpleString("QUEUED"); }, "+QUEUED\r\n");
}

TEST(ReplyWriterTest, ErrorsStartWithTheirCodeWord) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Error("ERR syntax error"); }, "-ERR syntax error\r\n");
}

TEST(ReplyWriterTest, LineEndsInsideAnErrorBecomeSpaces) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Error("ERR unknown command 'a\r\nb\n'"); },
               "-ERR unknown command 'a  b '\r\n");
}

TEST(ReplyWriterTest, SanitizingAnErrorLeavesEarlierRepliesAlone) {
  ExpectInBoth(
      [](ReplyWriter& reply) {
        reply.Bulk("a\r\nb");
        reply.Error("ERR x\ny");
        reply.Integer(1);
      },
      "$4\r\na\r\nb\r\n-ERR x y\r\n:1\r\n");
}

TEST(ReplyWriterTest, IntegersCoverTheWholeRange) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Integer(0); }, ":0\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.Integer(-2); }, ":-2\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.Integer(std::numeric_limits<int64_t>::min()); },
               ":-9223372036854775808\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.BulkInteger(std::numeric_limits<int64_t>::max()); },
               "$19\r\n9223372036854775807\r\n");
}

TEST(ReplyWriterTest, BulksAreBinarySafe) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Bulk(""); }, "$0\r\n\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.Bulk("hello"); }, "$5\r\nhello\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.Bulk(std::string_view("\0\r\n", 3)); },
               std::string_view("$3\r\n\0\r\n\r\n", 9));
}

TEST(ReplyWriterTest, NullHasOneFormInResp3AndTwoInResp2) {
  ExpectEach([](ReplyWriter& reply) { reply.Null(); }, "$-1\r\n", "_\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.NullArray(); }, "*-1\r\n", "_\r\n");
}

TEST(ReplyWriterTest, BooleansAreIntegersInResp2) {
  ExpectEach([](ReplyWriter& reply) { reply.Boolean(true); }, ":1\r\n", "#t\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Boolean(false); }, ":0\r\n", "#f\r\n");
}

TEST(ReplyWriterTest, DoublesAreBulksInResp2) {
  ExpectEach([](ReplyWriter& reply) { reply.Double(1.5); }, "$3\r\n1.5\r\n", ",1.5\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Double(3); }, "$1\r\n3\r\n", ",3\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Double(-std::numeric_limits<double>::infinity()); },
             "$4\r\n-inf\r\n", ",-inf\r\n");
}

TEST(ReplyWriterTest, BigNumbersAreBulksInResp2) {
  ExpectEach([](ReplyWriter& reply) { reply.BigNumber("12345678901234567890"); },
             "$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n");
}

TEST(ReplyWriterTest, VerbatimCountsItsFormatInResp3) {
  ExpectEach([](ReplyWriter& reply) { reply.Verbatim("txt", "Some string"); }, "$11\r\nSome string\r\n",
             "=15\r\ntxt:Some string\r\n");
}

TEST(ReplyWriterTest, AggregatesAreArraysInResp2) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Array(0); }, "*0\r\n");
  ExpectInBoth([](ReplyWriter& reply) { reply.Array(12); }, "*12\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Map(3); }, "*6\r\n", "%3\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Pairs(3); }, "*6\r\n", "*3\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Pair(); }, "", "*2\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Set(2); }, "*2\r\n", "~2\r\n");
  ExpectEach([](ReplyWriter& reply) { reply.Push(3); }, "*3\r\n", ">3\r\n");
}

TEST(ReplyWriterTest, RawIsAppendedAsItIs) {
  ExpectInBoth([](ReplyWriter& reply) { reply.Raw("*1\r\n:1\r\n"); }, "*1\r\n:1\r\n");
}

TEST(ReplyWriterTest, TruncateCutsBackToAMark) {
  std::string out = "+earlier\r\n";
  ReplyWriter reply(out, Protocol::kResp2);
  const size_t mark = reply.size();
  reply.Array(2);
  reply.Bulk("half a reply");
  reply.Truncate(mark);
  reply.Error("ERR failed");
  EXPECT_EQ(out, "+earlier\r\n-ERR failed\r\n");
}

TEST(ReplyWriterTest, ProtocolCanChangeBetweenReplies) {
  std::string out;
  ReplyWriter reply(out, Protocol::kResp2);
  reply.Null();
  reply.set_protocol(Protocol::kResp3);
  EXPECT_EQ(reply.protocol(), Protocol::kResp3);
  reply.Null();
  EXPECT_EQ(out, "$-1\r\n_\r\n");
}

}  // namespace
}  // namespace holdfast::resp
