#include <gtest/gtest.h>

#include <string>

#include "tests/harness/engine_harness.h"

// What clients send costs bounded memory and time.
namespace holdfast::server::engine {
namespace {

using harness::EngineHarness;

TEST(BoundsTest, EndlessTransactionIsClosed) {
  EngineHarness server;
  (void)server.Run("CONFIG SET client-query-buffer-limit 1mb");
  (void)server.Run("MULTI");
  const std::string value(300 << 10, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.Run("SET k " + value), "QUEUED");
  EXPECT_EQ(server.Run("SET k " + value), "");
  EXPECT_TRUE(server.client("main").closed());
  EXPECT_EQ(server.Run("other", "EXISTS k"), "(integer) 0");
}

TEST(BoundsTest, ManyWatchedKeysAreNotSearchedOneByOne) {
  EngineHarness server;
  std::vector<std::string> words = {"WATCH"};
  for (int i = 0; i < 20000; ++i) words.push_back("key" + std::to_string(i));
  server.Send("main", words);
  EXPECT_EQ(server.Take("main"), "OK");
  EXPECT_EQ(server.Run("other", "SET key19999 x"), "OK");
  (void)server.Run("MULTI");
  EXPECT_EQ(server.Run("EXEC"), "(nil)");
}

TEST(BoundsTest, BigReplyFillsTheTurn) {
  EngineHarness server;
  (void)server.Run("SET k " + std::string(600 << 10, 'x'));
  server.BeginTurn();
  server.Send("main", {"GET", "k"});
  EXPECT_FALSE(server.engine().TurnIsFull());
  server.Send("main", {"GET", "k"});
  EXPECT_TRUE(server.engine().TurnIsFull());
  server.EndTurn();
}

TEST(BoundsTest, UnknownCommandsAreCountedTogether) {
  EngineHarness server;
  for (int i = 0; i < 300; ++i) (void)server.Run("NOSUCH" + std::to_string(i));
  const std::string errors = server.engine().Info(std::vector<std::string_view>{"errorstats"});
  EXPECT_EQ(errors, "# Errorstats\r\nerrorstat_ERR:count=300\r\n");
}

TEST(BoundsTest, ManyWaitersOfOneKeyAreServedOneByOne) {
  EngineHarness server;
  for (int i = 0; i < 500; ++i) server.Send("worker" + std::to_string(i), {"BRPOP", "q", "0"});
  for (int i = 0; i < 500; ++i) EXPECT_EQ(server.Run("LPUSH q job"), "(integer) 1");
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(server.Take("worker" + std::to_string(i)), "1) \"q\"\n2) \"job\"");
  }
}

}  // namespace
}  // namespace holdfast::server::engine
