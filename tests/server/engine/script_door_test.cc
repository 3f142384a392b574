#include "server/engine/script_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine/script_sha.h"
#include "tests/server/engine/fake_script_host.h"

namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScriptDoorTest : public ::testing::Test {
 protected:
  // A script is over its time from its first look on, and SCRIPT KILL comes at the third.
  void KillAtTheThirdLook() {
    client_.host.threshold = absl::Nanoseconds(1);
    client_.host.on_slow = [this] {
      if (client_.host.slow_calls == 3) kill_ = client_.door.Kill();
    };
  }
  void ExpectKilled(std::string_view body) {
    client_.host.slow_calls = 0;
    EXPECT_THAT(client_.Eval(body),
                StartsWith("(error) ERR Script killed by user with SCRIPT KILL... script: "))
        << body;
    EXPECT_EQ(client_.host.slow_calls, 3) << "a killed script ran on: " << body;
    EXPECT_EQ(client_.host.begun, client_.host.ended);
  }

  ScriptClient client_;
  command::Outcome kill_ = command::Done{};
};

TEST_F(ScriptDoorTest, KnownScriptsRunByTheirSha) {
  std::string sha;
  EXPECT_EQ(client_.EvalSha("e0e1f9fabfc9d4800c877a703b823ac0578ff8db"),
            "(error) NOSCRIPT No matching script. Please use EVAL.");
  EXPECT_FALSE(client_.door.Load("return 1", sha));
  EXPECT_EQ(sha, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  EXPECT_EQ(client_.EvalSha(sha), "(integer) 1");
  EXPECT_EQ(client_.EvalSha("E0E1F9FABFC9D4800C877A703B823AC0578FF8DB"), "(integer) 1");
  EXPECT_TRUE(client_.door.Knows(sha));
  EXPECT_FALSE(client_.door.Knows("abc"));
}

TEST_F(ScriptDoorTest, EvaluatedScriptsAreKnown) {
  client_.Eval("return 1");
  EXPECT_EQ(client_.EvalSha("e0e1f9fabfc9d4800c877a703b823ac0578ff8db"), "(integer) 1");
}

TEST_F(ScriptDoorTest, FlushForgetsEverything) {
  client_.Eval("return 1");
  EXPECT_EQ(client_.door.size(), 1U);
  client_.door.Flush();
  EXPECT_EQ(client_.door.size(), 0U);
  EXPECT_THAT(client_.EvalSha("e0e1f9fabfc9d4800c877a703b823ac0578ff8db"), StartsWith("(error) NOSCRIPT"));
  EXPECT_EQ(client_.Eval("return 1"), "(integer) 1");
}

TEST_F(ScriptDoorTest, OldEvaluatedScriptsMakePlaceButLoadedOnesStay) {
  std::string loaded;
  ASSERT_FALSE(client_.door.Load("return 'loaded'", loaded));
  client_.Eval("return 'old'");
  client_.Eval("return 'named'");
  EXPECT_EQ(client_.EvalSha(View(Sha1Hex("return 'named'"))), "\"named\"");
  for (size_t i = 0; i < ScriptCache::kMaxEvaluated; ++i) client_.Eval("return " + std::to_string(i));
  EXPECT_FALSE(client_.door.Knows(View(Sha1Hex("return 'old'"))));
  EXPECT_TRUE(client_.door.Knows(View(Sha1Hex("return 'named'"))));
  EXPECT_TRUE(client_.door.Knows(loaded));
  EXPECT_TRUE(client_.door.Knows(View(Sha1Hex("return 499"))));
  EXPECT_EQ(client_.door.size(), ScriptCache::kMaxEvaluated + 2);
}

TEST_F(ScriptDoorTest, CompileErrors) {
  EXPECT_EQ(client_.Eval("retur 1"),
            "(error) ERR Error compiling script (new function): user_script:1: '=' expected near '1'");
  EXPECT_EQ(client_.Eval("return 1 foo"),
            "(error) ERR Error compiling script (new function): user_script:1: '<eof>' expected near 'foo'");
  EXPECT_EQ(client_.host.begun, 0);
  std::string sha;
  const auto error = client_.door.Load("\n\nif", sha);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->text(), StartsWith("ERR Error compiling script (new function): user_script:3: "));
  EXPECT_EQ(client_.door.size(), 0U);
}

TEST_F(ScriptDoorTest, RuntimeErrorsNameScriptAndLine) {
  EXPECT_EQ(
      client_.Eval("error(\"x\")"),
      "(error) ERR user_script:1: x script: ada89932db851ca262f39d814ce59006e53278cc, on @user_script:1.");
  EXPECT_THAT(client_.Eval("\nlocal x = nil + 1"),
              StartsWith("(error) ERR user_script:2: attempt to perform arithmetic on a nil value script: "));
  EXPECT_THAT(client_.Eval("error({err = 'MY text'})"), StartsWith("(error) MY text script: "));
  EXPECT_THAT(client_.Eval("error()"), StartsWith("(error) ERR nil script: "));
  EXPECT_THAT(client_.Eval("error({})"), StartsWith("(error) ERR unknown error script: "));
  EXPECT_THAT(client_.Eval("local function g() return 1 + g() end return g()"),
              StartsWith("(error) ERR user_script:1: stack overflow script: "));
}

TEST_F(ScriptDoorTest, PcallCatchesAndReturnsTheText) {
  EXPECT_EQ(client_.Eval("local ok, e = pcall(error, 'x') return {tostring(ok), e}"),
            "1) \"false\"\n2) \"x\"");
  EXPECT_EQ(client_.Eval("local ok, e = pcall(function() error('x') end) return e"), "\"user_script:1: x\"");
  EXPECT_EQ(client_.Eval("return {pcall(function(...) return select('#', ...), ... end, 7, 8)}"),
            "1) (integer) 1\n2) (integer) 2\n3) (integer) 7\n4) (integer) 8");
  EXPECT_EQ(client_.Eval("return {xpcall(function() error('x', 0) end, function(e) return e .. '!' end)}"),
            "1) (nil)\n2) \"x!\"");
  EXPECT_EQ(client_.Eval("return {coroutine.resume(coroutine.create(function() error('x', 0) end))}"),
            "1) (nil)\n2) \"x\"");
}

TEST_F(ScriptDoorTest, FirstLineSaysWhatAScriptDoes) {
  EXPECT_EQ(client_.Eval("#!lua\nreturn 1"), "(integer) 1");
  EXPECT_EQ(client_.Eval("#!lua flags=no-writes,allow-oom,allow-stale,no-cluster\nreturn 1"), "(integer) 1");
  EXPECT_EQ(client_.Eval("#!lua flags=foo\nreturn 1"), "(error) ERR Unexpected flag in script shebang: foo");
  EXPECT_EQ(client_.Eval("#!lua foo=foo\nreturn 1"), "(error) ERR Unknown lua shebang option: foo=foo");
  EXPECT_EQ(client_.Eval("#!js\nreturn 1"), "(error) ERR Unexpected engine in script shebang: #!js");
  EXPECT_EQ(client_.Eval("#! lua\nreturn 1"), "(error) ERR Unexpected engine in script shebang: #!");
  EXPECT_EQ(client_.Eval("#!lua"), "(error) ERR Invalid script shebang");
  EXPECT_THAT(client_.Eval("#!lua\nerror('x')"), HasSubstr("ERR user_script:2: x script: "));
}

TEST_F(ScriptDoorTest, NoScriptCanBeKilledWhenNoneRuns) {
  const command::Outcome outcome = client_.door.Kill();
  ASSERT_NE(outcome.error(), nullptr);
  EXPECT_EQ(outcome.error()->text(), "NOTBUSY No scripts in execution right now.");
}

TEST_F(ScriptDoorTest, SlowScriptsLetTheHostWork) {
  client_.host.threshold = absl::Milliseconds(5);
  EXPECT_EQ(client_.Eval("for i = 1, 2e6 do end return 1"), "(integer) 1");
  EXPECT_GT(client_.host.slow_calls, 3);
  ASSERT_EQ(client_.host.log.size(), 1U);
  EXPECT_THAT(client_.host.log[0], StartsWith("3 Slow script detected: "));
  client_.host.slow_calls = 0;
  client_.host.threshold = absl::ZeroDuration();
  client_.Eval("for i = 1, 2e6 do end return 1");
  EXPECT_EQ(client_.host.slow_calls, 0);
}

TEST_F(ScriptDoorTest, KilledScriptsEnd) {
  KillAtTheThirdLook();
  ExpectKilled("while true do end");
  EXPECT_EQ(kill_.error(), nullptr);
  EXPECT_EQ(client_.Eval("return 1"), "(integer) 1");
}

TEST_F(ScriptDoorTest, NothingCatchesAKill) {
  KillAtTheThirdLook();
  ExpectKilled("while true do pcall(function() while true do end end) end");
  ExpectKilled(
      "while true do xpcall(function() while true do end end, function() while true do end end) end");
  ExpectKilled("while true do coroutine.resume(coroutine.create(function() while true do end end)) end");
  ExpectKilled("while true do pcall(coroutine.wrap(function() while true do end end)) end");
  ExpectKilled("local function f() while true do pcall(f) end end f()");
  ExpectKilled("table.sort({3, 2, 1}, function() while true do end end)");
  ExpectKilled("local t = setmetatable({}, {__index = function() while true do end end}) return t.x");
  ExpectKilled("string.gsub('a', 'a', function() while true do end end)");
}

TEST_F(ScriptDoorTest, ScriptsThatHaveWrittenCannotBeKilled) {
  client_.host.threshold = absl::Nanoseconds(1);
  client_.host.on_slow = [this] { kill_ = client_.door.Kill(); };
  EXPECT_EQ(client_.Eval("redis.call('set', 'k', 'v') for i = 1, 1e6 do end return 1"), "(integer) 1");
  ASSERT_NE(kill_.error(), nullptr);
  EXPECT_THAT(kill_.error()->text(),
              StartsWith("UNKILLABLE Sorry the script already executed write commands"));
}

TEST_F(ScriptDoorTest, ScriptsAreGivenUpWhenTheServerStops) {
  client_.host.threshold = absl::Nanoseconds(1);
  client_.host.stopping = true;
  EXPECT_EQ(
      client_.Eval("redis.call('set', 'k', 'v') while true do pcall(function() while true do end end) end"),
      "(error) ERR Script stopped, and what it did dropped, because the server shuts down");
}

TEST(ScriptHeapTest, AFullHeapEndsTheScriptOnly) {
  constexpr size_t kHeapBytes = 16 << 20;
  ScriptClient client(kHeapBytes);
  EXPECT_THAT(client.Eval("local t = {} for i = 1, 1e9 do t[i] = string.rep('x', 1e5) .. i end"),
              HasSubstr("not enough memory"));
  EXPECT_LT(client.door.memory_bytes(), kHeapBytes / 16);
  EXPECT_EQ(client.Eval("return 1"), "(integer) 1");
  EXPECT_THAT(client.Eval("local t = {} local i = 1 while true do t[i] = {} i = i + 1 end"),
              HasSubstr("not enough memory"));
  EXPECT_EQ(client.Eval("return pcall(string.rep, 'x', 2e9)"), "(nil)");
  EXPECT_THAT(client.Eval("return #ARGV[1]", {}, {std::string(kHeapBytes, 'x')}),
              HasSubstr("not enough memory"));
  EXPECT_THAT(client.Eval(std::string(kHeapBytes, ' ') + "return '" + std::string(kHeapBytes, 'x') + "'"),
              HasSubstr("not enough memory"));
  EXPECT_EQ(client.Eval("return 1"), "(integer) 1");
  EXPECT_LT(client.door.memory_bytes(), kHeapBytes / 16);
}

TEST_F(ScriptDoorTest, LargeArgumentsAreNotKept) {
  const std::string large(100'000'000, 'x');
  EXPECT_EQ(client_.Eval("return #ARGV[1]", {}, {large}), "(integer) 100000000");
  EXPECT_LT(client_.door.memory_bytes(), size_t{64} << 20);
}

TEST_F(ScriptDoorTest, SidekiqsScriptPopsTheFirstDueJob) {
  // The words of Sidekiq 7.3's one script, against replies of the fake host.
  const std::string_view kBody =
      "local key, now = KEYS[1], ARGV[1]\n"
      "local jobs = redis.call('raw', '*1\\r\\n$3\\r\\njob\\r\\n')\n"
      "if jobs[1] then\n"
      "  redis.call('set', key, jobs[1])\n"
      "  return jobs[1]\n"
      "end\n";
  EXPECT_EQ(client_.Eval(kBody, {"retry"}, {"1795337540.4"}), "\"job\"");
  EXPECT_EQ(client_.host.values["retry"], "job");
}

}  // namespace
}  // namespace holdfast::server::engine
