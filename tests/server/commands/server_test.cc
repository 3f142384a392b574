#include <gtest/gtest.h>

#include <string>

#include "tests/harness/engine_harness.h"

namespace holdfast::server::commands {
namespace {

TEST(ServerCommandsTest, SavingBeginsAtOnceOutsideATransaction) {
  harness::EngineHarness server;
  EXPECT_EQ(server.Run("BGSAVE"), "Background saving started");
  EXPECT_EQ(server.Run("BGREWRITEAOF"), "Background append only file rewriting started");
  (void)server.Run("MULTI");
  (void)server.Run("BGREWRITEAOF");
  EXPECT_EQ(server.Run("EXEC"), "1) Background append only file rewriting scheduled");
}

// redis-cli shows both nulls alike; RESP2 clients tell them apart.
TEST(ServerCommandsTest, WhatIsNoCommandIsANullBulkInCommandInfo) {
  harness::EngineHarness server;
  server.Send("main", {"COMMAND", "INFO", "nosuch"});
  EXPECT_EQ(server.client("main").TakeBytes(), "*1\r\n$-1\r\n");
}

}  // namespace
}  // namespace holdfast::server::commands
