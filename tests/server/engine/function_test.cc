#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "tests/harness/engine_harness.h"

// Functions in a whole engine: over their time, in memory against what is stored, and from Redis's payloads.
namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kBusyReply =
    "(error) BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
constexpr const char* kLibrary =
    "#!lua name=lib\n"
    "redis.register_function('loop', function(keys, args)\n"
    "  if keys[1] then redis.call('SET', keys[1], 'v') end\n"
    "  redis.log(redis.LOG_WARNING, 'time passes')\n"
    "  for i = 1, 1e6 do end\n"
    "  return 7\n"
    "end)";

class FunctionTest : public ::testing::Test {
 protected:
  FunctionTest() {
    server_.on_log = [this](const std::string& line) {
      if (line == "time passes") server_.env().Advance(absl::Seconds(6));
    };
    EXPECT_EQ(Load(kLibrary), "\"lib\"");
  }

  std::string Load(const std::string& code, const std::string& client = "main") {
    server_.Send(client, {"FUNCTION", "LOAD", "REPLACE", code});
    return server_.Take(client);
  }

  // Calls the function as the client "main"; once it is over its time, another client sends the line.
  std::string CallAndAsk(const std::string& call, std::string line) {
    server_.on_poll = [this, &line] {
      if (!line.empty()) other_ = server_.Run("other", std::exchange(line, {}));
    };
    server_.BeginTurn();
    server_.Run(call);
    server_.EndTurn();
    std::string reply = server_.Take("main");
    server_.on_poll = nullptr;
    return reply;
  }

  harness::EngineHarness server_;
  std::string other_;
};

TEST_F(FunctionTest, OthersAreToldThatItIsBusy) {
  EXPECT_EQ(CallAndAsk("FCALL loop 0", "GET k"), "(integer) 7");
  EXPECT_EQ(other_, kBusyReply);
}

TEST_F(FunctionTest, FunctionKillEndsIt) {
  EXPECT_THAT(
      CallAndAsk("FCALL loop 0", "FUNCTION KILL"),
      StartsWith("(error) ERR Script killed by user with SCRIPT KILL... script: loop, on @user_function:"));
  EXPECT_EQ(other_, "OK");
}

TEST_F(FunctionTest, ScriptKillDoesNot) {
  EXPECT_EQ(CallAndAsk("FCALL loop 0", "SCRIPT KILL"), "(integer) 7");
  EXPECT_EQ(other_, kBusyReply);
}

TEST_F(FunctionTest, AWriterCannotBeKilled) {
  EXPECT_EQ(CallAndAsk("FCALL loop 1 k", "FUNCTION KILL"), "(integer) 7");
  EXPECT_THAT(other_, StartsWith("(error) UNKILLABLE "));
}

TEST_F(FunctionTest, StatsTellWhatRuns) {
  CallAndAsk("FCALL Loop 0 arg", "FUNCTION STATS");
  EXPECT_THAT(other_, HasSubstr("1) \"name\"\n   2) \"loop\"\n   3) \"command\"\n   4) 1) \"FCALL\"\n"
                                "      2) \"Loop\"\n      3) \"0\"\n      4) \"arg\"\n   5) \"duration_ms\"\n"
                                "   6) (integer) 6"));
}

TEST_F(FunctionTest, LoadingHasItsTime) {
  EXPECT_EQ(Load("#!lua name=slow\nredis.log(3, 'time passes') while true do end"),
            "(error) ERR Error registering functions: ERR FUNCTION LOAD timeout");
  EXPECT_EQ(server_.Run("FCALL loop 0"), "(integer) 7");
}

TEST_F(FunctionTest, APushWakesWhoWaits) {
  Load(
      "#!lua name=push\nredis.register_function('push', function(keys) return redis.call('LPUSH', keys[1], "
      "'x') end)");
  server_.Send("worker", {"BRPOP", "q", "0"});
  EXPECT_EQ(server_.Run("FCALL push 1 q"), "(integer) 1");
  EXPECT_EQ(server_.Take("worker"), "1) \"q\"\n2) \"x\"");
}

TEST_F(FunctionTest, WhatIsTakenBackIsNotCalled) {
  const std::string other = "#!lua name=other\nredis.register_function('f', function() return 1 end)";
  server_.store().LimitEffects(0);
  EXPECT_THAT(Load(other), StartsWith("(error) OOM "));
  server_.store().LimitEffects(1000);
  EXPECT_EQ(server_.Run("FCALL f 0"), "(error) ERR Function not found");
  EXPECT_EQ(server_.Run("FUNCTION DELETE other"), "(error) ERR Library not found");
  EXPECT_EQ(server_.Run("FCALL loop 0"), "(integer) 7");
  EXPECT_EQ(Load(other), "\"other\"");
}

TEST_F(FunctionTest, RestoresWhatRedisDumps) {
  // FUNCTION DUMP of a Redis 7.0.15: lib1 with f2, compressed.
  const std::string payload =
      R"("\xf5\xc3\x40\x69\x40\x72\x1f#!lua name=lib1\nredis.register_f\x07unction{\xc0\x08\x00_`*\x0e'f2', )"
      R"(callback=\xc0\x1c\x1f() return 2 end, flags={'no-writ\x04es'}}\n\x00\xec\x8b\x00\x18\x9f\x06\xa5U")";
  EXPECT_EQ(server_.Run("FUNCTION RESTORE " + payload), "OK");
  EXPECT_EQ(server_.Run("FCALL_RO f2 0"), "(integer) 2");
  EXPECT_EQ(server_.Run("FUNCTION RESTORE " + payload), "(error) ERR Library lib1 already exists");
  EXPECT_EQ(server_.Run("FUNCTION RESTORE " + payload + " REPLACE"), "OK");
  EXPECT_EQ(server_.Run("FUNCTION RESTORE " + payload + " FLUSH"), "OK");
  EXPECT_EQ(server_.Run("FCALL loop 0"), "(error) ERR Function not found");
  EXPECT_EQ(Load("#!lua name=other\nredis.register_function('F2', redis.log)"),
            "(error) ERR Function F2 already exists");
  EXPECT_EQ(server_.Run("FUNCTION DELETE lib1"), "OK");
}

TEST_F(FunctionTest, DumpsCanBeRestored) {
  const std::string payload = server_.Run("FUNCTION DUMP");
  EXPECT_EQ(server_.Run("FUNCTION FLUSH"), "OK");
  EXPECT_EQ(server_.Run("FUNCTION RESTORE " + payload), "OK");
  EXPECT_EQ(server_.Run("FCALL loop 0"), "(integer) 7");
  server_.Restart();
  EXPECT_EQ(server_.Run("FCALL loop 0"), "(integer) 7");
}

}  // namespace
}  // namespace holdfast::server::engine
