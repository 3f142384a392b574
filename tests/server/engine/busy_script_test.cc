#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "tests/harness/engine_harness.h"

namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kBusyReply =
    "(error) BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";

// What others see, and may do, while a script is over its time.
class BusyScriptTest : public ::testing::Test {
 protected:
  BusyScriptTest() {
    server_.on_log = [this](const std::string& line) {
      if (line == "time passes") server_.env().Advance(absl::Seconds(6));
    };
  }

  // Runs the script as the client "main"; once it is over its time, `meanwhile` happens.
  std::string Eval(const std::string& body, std::function<void()> meanwhile) {
    server_.on_poll = [this, &meanwhile] {
      if (meanwhile) std::exchange(meanwhile, {})();
    };
    server_.BeginTurn();
    server_.Send("main", {"EVAL", "redis.log(redis.LOG_WARNING, 'time passes') " + body, "0"});
    server_.EndTurn();
    return server_.Take("main");
  }

  harness::EngineHarness server_;
};

TEST_F(BusyScriptTest, OthersAreToldThatItIsBusy) {
  std::string other;
  EXPECT_EQ(Eval("for i = 1, 1e6 do end return 7", [&] { other = server_.Run("other", "GET k"); }),
            "(integer) 7");
  EXPECT_EQ(other, kBusyReply);
  EXPECT_EQ(server_.Run("other", "GET k"), "(nil)");
}

TEST_F(BusyScriptTest, ScriptKillEndsIt) {
  std::string other;
  EXPECT_THAT(Eval("while true do end", [&] { other = server_.Run("other", "SCRIPT KILL"); }),
              StartsWith("(error) ERR Script killed by user with SCRIPT KILL... script: "));
  EXPECT_EQ(other, "OK");
}

TEST_F(BusyScriptTest, AWriterCannotBeKilled) {
  std::string other;
  EXPECT_EQ(Eval("redis.call('SET', 'k', 'v') for i = 1, 1e6 do end return 7",
                 [&] { other = server_.Run("other", "SCRIPT KILL"); }),
            "(integer) 7");
  EXPECT_THAT(other, StartsWith("(error) UNKILLABLE "));
  EXPECT_EQ(server_.Run("GET k"), "\"v\"");
}

TEST_F(BusyScriptTest, StrangersCannotKill) {
  std::string other;
  server_.Run("CONFIG SET requirepass secret");
  EXPECT_EQ(Eval("for i = 1, 1e6 do end return 7", [&] { other = server_.Run("other", "SCRIPT KILL"); }),
            "(integer) 7");
  EXPECT_EQ(other, "(error) NOAUTH Authentication required.");
}

TEST_F(BusyScriptTest, CommandsAreNotQueuedButATransactionCanBeGivenUp) {
  std::string other;
  server_.Run("other", "MULTI");
  Eval("for i = 1, 1e6 do end return 7", [&] {
    other = server_.Run("other", "GET k");
    other += "; " + server_.Run("other", "DISCARD");
  });
  EXPECT_EQ(other, std::string(kBusyReply) + "; OK");
}

TEST_F(BusyScriptTest, CallerMayLeaveMeanwhile) {
  server_.on_poll = [this] {
    server_.on_poll = nullptr;
    server_.engine().Disconnect(server_.id("main"));
  };
  server_.BeginTurn();
  server_.Send("main", {"EVAL",
                        "redis.log(redis.LOG_WARNING, 'time passes') for i = 1, 1e6 do end "
                        "return redis.call('SET', 'k', 'v')",
                        "0"});
  server_.EndTurn();
  EXPECT_EQ(server_.client("main").TakeBytes(), "");
  EXPECT_EQ(server_.Run("other", "GET k"), "\"v\"");
}

TEST_F(BusyScriptTest, OthersMayLeaveMeanwhile) {
  server_.Send("worker", {"BRPOP", "q", "0"});
  EXPECT_EQ(Eval("for i = 1, 1e6 do end return redis.call('LPUSH', 'q', 'a')",
                 [&] { server_.engine().Disconnect(server_.id("worker")); }),
            "(integer) 1");
  EXPECT_EQ(server_.Run("other", "LLEN q"), "(integer) 1");
}

TEST_F(BusyScriptTest, ShutdownDropsWhatTheScriptDid) {
  std::string other;
  server_.Run("SET k before");
  EXPECT_THAT(Eval("redis.call('SET', 'k', 'v') while true do end",
                   [&] {
                     other = server_.Run("other", "SHUTDOWN");
                     other += "; " + server_.Run("other", "SHUTDOWN NOSAVE");
                   }),
              HasSubstr("because the server shuts down"));
  EXPECT_THAT(other, StartsWith(kBusyReply));
  EXPECT_TRUE(server_.shutdown_requested());
  EXPECT_EQ(server_.Run("GET k"), "\"before\"");
}

}  // namespace
}  // namespace holdfast::server::engine
