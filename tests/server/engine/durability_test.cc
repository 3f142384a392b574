#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "tests/harness/engine_harness.h"

// Promise 1: no reply reveals what a power cut could take back.
namespace holdfast::server::engine {
namespace {

class DurabilityTest : public testing::Test {
 protected:
  DurabilityTest() { server_.store().HoldDurability(); }

  harness::EngineHarness server_;
};

TEST_F(DurabilityTest, ReplyOfAWriteWaitsForItsRecord) {
  EXPECT_EQ(server_.Run("LPUSH q a"), "");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("main"), "(integer) 1");
}

TEST_F(DurabilityTest, ReplyOfAReadWaitsForWhatItSaw) {
  (void)server_.Run("SET k v");
  EXPECT_EQ(server_.Run("reader", "GET k"), "");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("reader"), "\"v\"");
}

TEST_F(DurabilityTest, ReadWithNothingPendingIsAnsweredAtOnce) { EXPECT_EQ(server_.Run("GET k"), "(nil)"); }

TEST_F(DurabilityTest, RepliesStayInOrder) {
  (void)server_.Run("SET k 1");
  (void)server_.Run("INCR k");
  (void)server_.Run("GET k");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("main"), "OK\n(integer) 2\n\"2\"");
}

TEST_F(DurabilityTest, MessageWaitsForItsTurn) {
  (void)server_.Run("sub", "SUBSCRIBE c");
  server_.BeginTurn();
  server_.Send("main", {"SET", "k", "v"});
  server_.Send("main", {"PUBLISH", "c", "changed"});
  server_.EndTurn();
  EXPECT_EQ(server_.Take("sub"), "");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("sub"), "1) \"message\"\n2) \"c\"\n3) \"changed\"");
}

TEST_F(DurabilityTest, BlockedClientIsServedWithThePushThatFedIt) {
  server_.Send("worker", {"BRPOP", "q", "0"});
  (void)server_.Run("LPUSH q a");
  EXPECT_EQ(server_.Take("worker"), "");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("worker"), "1) \"q\"\n2) \"a\"");
}

TEST_F(DurabilityTest, ClosingWaitsForTheLastReply) {
  (void)server_.Run("SET k v");
  server_.Send("main", {"QUIT"});
  EXPECT_FALSE(server_.client("main").closed());
  server_.store().Sync();
  EXPECT_EQ(server_.Take("main"), "OK\nOK");
  EXPECT_TRUE(server_.client("main").closed());
}

TEST_F(DurabilityTest, ClientThatLeavesBeforeItsReplyIsForgotten) {
  (void)server_.Run("SET k v");
  server_.Disconnect("main");
  server_.store().Sync();
  EXPECT_EQ(server_.Run("other", "GET k"), "\"v\"");
}

TEST_F(DurabilityTest, FailedLogClosesClientsThatWait) {
  EXPECT_EQ(server_.Run("idle", "PING"), "PONG");
  (void)server_.Run("SET k v");
  server_.store().Fail(absl::DataLossError("EIO"));
  EXPECT_TRUE(server_.client("main").closed());
  EXPECT_EQ(server_.Take("main"), "");
  EXPECT_FALSE(server_.client("idle").closed());
  ASSERT_EQ(server_.log_lines().size(), 1u);
}

TEST_F(DurabilityTest, SealedServerReadsAndRefusesWrites) {
  server_.store().Fail(absl::DataLossError("EIO"));
  EXPECT_EQ(server_.Run("GET k"), "(nil)");
  EXPECT_EQ(server_.Run("SET k v").substr(0, 15), "(error) MISCONF");
  EXPECT_EQ(server_.Run("DEL k").substr(0, 15), "(error) MISCONF");
}

TEST(AdmissionTest, CommandThatTheLogCannotTakeLeavesNothing) {
  harness::EngineHarness server;
  (void)server.Run("LPUSH q a");
  server.store().LimitEffects(0);
  EXPECT_EQ(server.Run("LPUSH q b").substr(0, 11), "(error) OOM");
  server.store().LimitEffects(SIZE_MAX);
  EXPECT_EQ(server.Run("LRANGE q 0 -1"), "1) \"a\"");
}

TEST(AdmissionTest, ExecIsTakenBackAsAWhole) {
  harness::EngineHarness server;
  (void)server.Run("MULTI");
  (void)server.Run("SET a 1");
  (void)server.Run("SET b 1");
  server.store().LimitEffects(1);
  EXPECT_EQ(server.Run("EXEC").substr(0, 11), "(error) OOM");
  server.store().LimitEffects(SIZE_MAX);
  EXPECT_EQ(server.Run("EXISTS a b"), "(integer) 0");
}

}  // namespace
}  // namespace holdfast::server::engine
