#include <gtest/gtest.h>

#include <string>

#include "tests/harness/engine_harness.h"

// Connections: who may stay, who is closed, who is served.
namespace holdfast::server::engine {
namespace {

using harness::EngineHarness;

TEST(ClientsTest, KilledClientIsClosedAndServedNoMore) {
  EngineHarness server;
  server.Send("worker", {"BRPOP", "q", "0"});
  const std::string id = std::to_string(server.id("worker"));
  EXPECT_EQ(server.Run("CLIENT KILL ID " + id), "(integer) 1");
  EXPECT_TRUE(server.client("worker").closed());
  EXPECT_EQ(server.Run("LPUSH q a"), "(integer) 1");
  EXPECT_EQ(server.Run("LLEN q"), "(integer) 1");
}

TEST(ClientsTest, ClientThatKillsItselfGetsItsReply) {
  EngineHarness server;
  const std::string id = std::to_string(server.id("main"));
  EXPECT_EQ(server.Run("CLIENT KILL ID " + id + " SKIPME no"), "(integer) 1");
  EXPECT_TRUE(server.client("main").closed());
}

TEST(ClientsTest, SkipmeSparesTheAskingClient) {
  EngineHarness server;
  (void)server.Run("other", "PING");
  EXPECT_EQ(server.Run("CLIENT KILL TYPE normal"), "(integer) 1");
  EXPECT_FALSE(server.client("main").closed());
  EXPECT_TRUE(server.client("other").closed());
}

TEST(ClientsTest, UnblockedClientHearsWhatItWasToldTo) {
  EngineHarness server;
  const std::string id = std::to_string(server.id("worker"));
  server.Send("worker", {"BRPOP", "q", "0"});
  EXPECT_EQ(server.Run("CLIENT UNBLOCK " + id), "(integer) 1");
  EXPECT_EQ(server.Take("worker"), "(nil)");
  server.Send("worker", {"BLMOVE", "q", "p", "LEFT", "LEFT", "0"});
  EXPECT_EQ(server.Run("CLIENT UNBLOCK " + id + " ERROR"), "(integer) 1");
  EXPECT_EQ(server.Take("worker"), "(error) UNBLOCKED client unblocked via CLIENT UNBLOCK");
  EXPECT_EQ(server.Run("CLIENT UNBLOCK " + id), "(integer) 0");
}

TEST(ClientsTest, JobIsNotHandedToADeadSocket) {
  EngineHarness server;
  server.Send("dead", {"BRPOP", "q", "0"});
  server.client("dead").Die();
  (void)server.Run("LPUSH q a");
  EXPECT_EQ(server.Run("LLEN q"), "(integer) 1");
  EXPECT_EQ(server.Run("LPUSH q b"), "(integer) 2");
  server.Disconnect("dead");
  EXPECT_EQ(server.Run("LLEN q"), "(integer) 2");
}

TEST(ClientsTest, ReadingNothingMoreAfterQuit) {
  EngineHarness server;
  server.BeginTurn();
  server.Send("main", {"QUIT"});
  server.Send("main", {"SET", "k", "v"});
  server.EndTurn();
  EXPECT_EQ(server.Take("main"), "OK");
  EXPECT_TRUE(server.client("main").closed());
  EXPECT_EQ(server.Run("other", "EXISTS k"), "(integer) 0");
}

TEST(ClientsTest, ProtocolErrorIsTheLastReply) {
  EngineHarness server;
  server.engine().Refuse(server.id("main"), "ERR Protocol error: invalid bulk length");
  server.engine().EndTurn();
  EXPECT_EQ(server.Take("main"), "(error) ERR Protocol error: invalid bulk length");
  EXPECT_TRUE(server.client("main").closed());
}

TEST(ClientsTest, DisconnectInsideATurnLosesNobodyElsesReply) {
  EngineHarness server;
  server.BeginTurn();
  server.Send("gone", {"SET", "k", "v"});
  server.Send("main", {"GET", "k"});
  server.engine().Disconnect(server.id("gone"));
  server.EndTurn();
  EXPECT_EQ(server.Take("main"), "\"v\"");
}

TEST(ClientsTest, SlowReaderOfMessagesIsClosed) {
  EngineHarness server;
  (void)server.Run("CONFIG SET client-output-buffer-limit \"pubsub 1000 0 0\"");
  (void)server.Run("slow", "SUBSCRIBE c");
  server.client("slow").StopReading();
  (void)server.Run("PUBLISH c " + std::string(500, 'x'));
  server.Advance(absl::Seconds(2));
  EXPECT_FALSE(server.client("slow").closed());
  (void)server.Run("PUBLISH c " + std::string(500, 'x'));
  server.Advance(absl::Seconds(2));
  EXPECT_TRUE(server.client("slow").closed());
  EXPECT_EQ(server.Run("PUBSUB NUMSUB c"), "1) \"c\"\n2) (integer) 0");
}

TEST(ClientsTest, SoftLimitGivesTime) {
  EngineHarness server;
  (void)server.Run("CONFIG SET client-output-buffer-limit \"pubsub 0 100 10\"");
  (void)server.Run("slow", "SUBSCRIBE c");
  server.client("slow").StopReading();
  (void)server.Run("PUBLISH c " + std::string(500, 'x'));
  server.Advance(absl::Seconds(9));
  EXPECT_FALSE(server.client("slow").closed());
  server.Advance(absl::Seconds(4));
  EXPECT_TRUE(server.client("slow").closed());
}

TEST(ClientsTest, ListShowsEveryClientInOrder) {
  EngineHarness server;
  (void)server.Run("one", "CLIENT SETNAME first");
  server.Send("two", {"BRPOP", "q", "0"});
  const std::string list = server.Run("CLIENT LIST");
  const size_t first = list.find("name=first");
  const size_t blocked = list.find("flags=b");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(blocked, std::string::npos);
  EXPECT_LT(first, blocked);
  EXPECT_NE(list.find("cmd=brpop"), std::string::npos);
}

// As Redis 7.0 counts it: the bytes of the request that runs, 0 for everybody else.
TEST(ClientsTest, ListShowsTheRequestThatRuns) {
  EngineHarness server;
  (void)server.Run("idle", "PING");
  const std::string info = server.Run("CLIENT INFO");
  EXPECT_NE(info.find(" qbuf=26 "), std::string::npos) << info;
  EXPECT_NE(info.find(" argv-mem=10 "), std::string::npos) << info;
  EXPECT_EQ(info.find(" tot-mem=0 "), std::string::npos) << info;
  const std::string list = server.Run("CLIENT LIST TYPE normal");
  EXPECT_NE(list.find(" qbuf=0 "), std::string::npos) << list;
  EXPECT_NE(list.find(" qbuf=48 "), std::string::npos) << list;
}

TEST(ClientsTest, ShutdownAsksTheProcessAndSaysNothing) {
  EngineHarness server;
  EXPECT_EQ(server.Run("SHUTDOWN NOSAVE"), "");
  EXPECT_TRUE(server.shutdown_requested());
}

}  // namespace
}  // namespace holdfast::server::engine
