#include "server/engine/hand_overs.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/harness/engine_harness.h"

// A popped job is not lost before its receiver has shown that it has it.
namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;

class HandOversTest : public ::testing::Test {
 protected:
  HandOversTest() { (void)server_.Run("RPUSH q a b c"); }

  std::string Queue() { return server_.Run("LRANGE q 0 -1"); }
  void DieUnheard(std::string_view client) {
    server_.client(client).LoseReplies();
    server_.Disconnect(client);
    server_.Advance(absl::Milliseconds(1));
  }

  harness::EngineHarness server_;
};

TEST_F(HandOversTest, APopWhoseReplyWasLostComesBack) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"\n3) \"c\"");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs_returned:1"));
}

TEST_F(HandOversTest, ADeliveredReplyIsTheClients) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  server_.Disconnect("worker");
  server_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, TheNextRequestConfirms) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  EXPECT_EQ(server_.Run("worker", "PING"), "PONG");
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, ARequestOfTheSamePipelineDoesNot) {
  server_.BeginTurn();
  server_.Send("worker", {"RPOP", "q"});
  server_.Send("worker", {"PING"});
  server_.EndTurn();
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"\n3) \"c\"");
}

TEST_F(HandOversTest, TheKernelsAcknowledgementConfirms) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:1"));
  server_.Advance(absl::Milliseconds(200));
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:0"));
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, ItIsAskedForUntilItComes) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  server_.client("worker").LoseReplies();
  server_.Advance(absl::Seconds(1));
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:1"));
  server_.Disconnect("worker");
  server_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"\n3) \"c\"");
}

TEST_F(HandOversTest, AStartPutsBackWhatWasNotConfirmed) {
  EXPECT_EQ(server_.Run("one", "RPOP q"), "\"c\"");
  EXPECT_EQ(server_.Run("one", "RPOP q"), "\"b\"");
  EXPECT_EQ(server_.Run("two", "LPOP q"), "\"a\"");
  server_.Crash();
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:0"));
  server_.Crash();
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, ACleanEndPutsBackWhatDidNotArriveAndKeepsNothingElse) {
  EXPECT_EQ(server_.Run("one", "RPOP q"), "\"c\"");
  EXPECT_EQ(server_.Run("two", "LPOP q"), "\"a\"");
  server_.client("two").LoseReplies();
  server_.Restart();
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, AConfirmationIsWrittenThoughNobodyElseWrites) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  server_.Advance(absl::Seconds(3));
  server_.Crash();
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, ABlockedClientIsHandedOverToAsWell) {
  server_.Send("worker", {"BRPOP", "empty", "0"});
  (void)server_.Run("LPUSH empty x");
  EXPECT_EQ(server_.Take("worker"), "1) \"empty\"\n2) \"x\"");
  DieUnheard("worker");
  EXPECT_EQ(server_.Run("LRANGE empty 0 -1"), "1) \"x\"");
}

TEST_F(HandOversTest, WhatComesBackServesWhoWaits) {
  EXPECT_EQ(server_.Run("worker", "BRPOP q 0"), "1) \"q\"\n2) \"c\"");
  (void)server_.Run("LTRIM q 1 0");
  server_.Send("other", {"BRPOP", "q", "0"});
  DieUnheard("worker");
  EXPECT_EQ(server_.Take("other"), "1) \"q\"\n2) \"c\"");
}

TEST_F(HandOversTest, AClientThatIsKilledGivesBackWhatItNeverHad) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  server_.client("worker").LoseReplies();
  (void)server_.Run("CLIENT KILL ID " + std::to_string(server_.id("worker")));
  server_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"\n3) \"c\"");
}

TEST_F(HandOversTest, PopsOfTransactionsAndScriptsAreGoneAsInRedis) {
  EXPECT_EQ(server_.Run("worker", "MULTI"), "OK");
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "QUEUED");
  EXPECT_EQ(server_.Run("worker", "EXEC"), "1) \"c\"");
  EXPECT_EQ(server_.Run("worker", "EVAL \"return redis.call('rpop', KEYS[1])\" 1 q"), "\"b\"");
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"");
}

TEST_F(HandOversTest, MovesStayWhereTheyAre) {
  EXPECT_EQ(server_.Run("worker", "LMOVE q working RIGHT LEFT"), "\"c\"");
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
  EXPECT_EQ(server_.Run("LRANGE working 0 -1"), "1) \"c\"");
}

TEST_F(HandOversTest, MembersOfSortedSetsAreHandedOver) {
  (void)server_.Run("ZADD s 1 x 2 y");
  EXPECT_EQ(server_.Run("worker", "ZPOPMIN s"), "1) \"x\"\n2) \"1\"");
  DieUnheard("worker");
  EXPECT_EQ(server_.Run("ZRANGE s 0 -1 WITHSCORES"), "1) \"x\"\n2) \"1\"\n3) \"y\"\n4) \"2\"");
}

TEST_F(HandOversTest, WhatSeveralClientsLeaveComesBackInTheOrderOfTheirPops) {
  (void)server_.Run("RPUSH q d e f");
  for (const char* worker : {"one", "two", "one", "two"}) {
    server_.client(worker).LoseReplies();
    server_.BeginTurn();
    server_.Send(worker, {"LPOP", "q"});
    server_.EndTurn();
  }
  EXPECT_EQ(Queue(), "1) \"e\"\n2) \"f\"");
  server_.Restart();
  EXPECT_EQ(Queue(), "1) \"c\"\n2) \"d\"\n3) \"e\"\n4) \"f\"");
}

TEST_F(HandOversTest, ATurnThatIsTakenBackHandsNothingOutAndTakesNothingFromOthers) {
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  server_.client("worker").LoseReplies();
  server_.store().TakeBackNextTurn();
  (void)server_.Run("other", "RPOP q");
  // Before the clock moves on and things go back, somebody else pops.
  EXPECT_EQ(server_.Run("third", "RPOP q"), "\"b\"");
  server_.client("third").LoseReplies();
  server_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Queue(), "1) \"a\"");
  server_.Disconnect("third");
  server_.Disconnect("worker");
  server_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"\n3) \"c\"");
}

TEST_F(HandOversTest, WhoTakesVeryMuchHasItAtOnce) {
  for (int i = 0; i < 1001; ++i) (void)server_.Run("RPUSH many " + std::to_string(i));
  (void)server_.Run("worker", "LPOP many 1001");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:0"));
  (void)server_.Run("RPUSH many x");
  (void)server_.Run("worker", "LPOP many 1000");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("hand_overs:1"));
}

TEST_F(HandOversTest, CanBeSwitchedOff) {
  (void)server_.Run("CONFIG SET hand-over no");
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"c\"");
  DieUnheard("worker");
  EXPECT_EQ(Queue(), "1) \"a\"\n2) \"b\"");
}

TEST_F(HandOversTest, ComesBackOnAFullDiskAndIsNoLoanAnyMore) {
  (void)server_.Run("RPUSH jobs '{\"jid\":\"1\"}'");
  EXPECT_EQ(server_.Run("worker", "RPOP jobs"), "\"{\\\"jid\\\":\\\"1\\\"}\"");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("loans:1"));
  server_.store().set_admission(storage::Admission::kFull);
  DieUnheard("worker");
  EXPECT_EQ(server_.Run("LLEN jobs"), "(integer) 1");
  EXPECT_THAT(server_.Run("INFO holdfast"), HasSubstr("loans:0"));
}

}  // namespace
}  // namespace holdfast::server::engine
