#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine/script_sha.h"
#include "tests/server/engine/fake_script_host.h"

namespace holdfast::server::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScriptApiTest : public ::testing::Test {
 protected:
  // `text` as a failing script `body` reports it: with the script's name and line.
  static std::string Failure(std::string_view body, std::string_view text, int line = 1) {
    const Sha1Digits sha = Sha1Hex(body);
    return "(error) " + std::string(text) + " script: " + std::string(View(sha)) +
           ", on @user_script:" + std::to_string(line) + ".";
  }
  void ExpectFailure(std::string_view body, std::string_view text, int line = 1) {
    EXPECT_EQ(client_.Eval(body), Failure(body, text, line)) << body;
  }

  ScriptClient client_;
};

TEST_F(ScriptApiTest, CallRunsACommandAndReturnsItsReply) {
  EXPECT_EQ(client_.Eval("return redis.call('set', KEYS[1], ARGV[1])", {"k"}, {"v"}), "OK");
  EXPECT_EQ(client_.host.values["k"], "v");
  EXPECT_EQ(client_.Eval("return redis.call('GET', 'k')"), "\"v\"");
  EXPECT_EQ(client_.host.begun, 2);
  EXPECT_EQ(client_.host.ended, 2);
}

TEST_F(ScriptApiTest, NumbersBecomeTheTextThatCommandsRead) {
  client_.Eval("return redis.call('set', 5, 1.5)");
  EXPECT_THAT(client_.host.last_words, ElementsAre("set", "5", "1.5"));
  client_.Eval("return redis.call('set', 1e15, 0.1)");
  EXPECT_THAT(client_.host.last_words, ElementsAre("set", "1000000000000000", "0.10000000000000001"));
  client_.Eval("return redis.call('set', -7, 1e20)");
  EXPECT_THAT(client_.host.last_words, ElementsAre("set", "-7", "1e+20"));
}

TEST_F(ScriptApiTest, CommandsLargerThanAClientCouldSendAreRefused) {
  ExpectFailure(
      "local s, t = string.rep('x', 1e8), {} for i = 1, 11 do t[i] = s end "
      "return redis.call('any', unpack(t))",
      "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
}

TEST_F(ScriptApiTest, WrongArgumentsOfCall) {
  ExpectFailure("return redis.call()", "ERR Please specify at least one argument for this redis lib call");
  ExpectFailure("return redis.call({})", "ERR Lua redis lib command arguments must be strings or integers");
  EXPECT_EQ(client_.Eval("return redis.pcall('get', {})"),
            "(error) ERR Lua redis lib command arguments must be strings or integers");
}

TEST_F(ScriptApiTest, CommandsThatScriptsMayNotRun) {
  ExpectFailure("return redis.call('nosuch')", "ERR Unknown Redis command called from script");
  ExpectFailure("return redis.call('group', 'nosuch')", "ERR Unknown Redis command called from script");
  ExpectFailure("return redis.call('get')", "ERR Wrong number of args calling Redis command from script");
  ExpectFailure("return redis.call('group')", "ERR Wrong number of args calling Redis command from script");
  ExpectFailure("return redis.call('subscribe', 'c')", "ERR This Redis command is not allowed from script");
}

TEST_F(ScriptApiTest, ErrorsOfCommandsKeepTheirCodeWord) {
  const std::string_view wrong = "return redis.call('raw', '-WRONGTYPE no\\r\\n')";
  ExpectFailure(wrong, "WRONGTYPE no");
  ExpectFailure("\nlocal function f()\n redis.call('raw', '-CODE x\\r\\n') end\nf()", "CODE x", 3);
}

TEST_F(ScriptApiTest, PcallReturnsTheErrorAsATable) {
  EXPECT_EQ(client_.Eval("return redis.pcall('raw', '-WRONGTYPE no\\r\\n')"), "(error) WRONGTYPE no");
  EXPECT_EQ(client_.Eval("return redis.pcall('raw', '-WRONGTYPE no\\r\\n').err"), "\"WRONGTYPE no\"");
  EXPECT_EQ(client_.Eval("local ok, e = pcall(redis.call, 'raw', '-WRONGTYPE no\\r\\n') return e"),
            "\"WRONGTYPE no\"");
}

TEST_F(ScriptApiTest, ErrorReplyAddsACodeWordWhereThereIsNone) {
  EXPECT_EQ(client_.Eval("return redis.error_reply('abc')"), "(error) ERR abc");
  EXPECT_EQ(client_.Eval("return redis.error_reply('-abc')"), "(error) ERR abc");
  EXPECT_EQ(client_.Eval("return redis.error_reply('MY text')"), "(error) MY text");
  EXPECT_EQ(client_.Eval("return redis.error_reply('-MY text')"), "(error) MY text");
  EXPECT_EQ(client_.Eval("return redis.error_reply(5)"), "(error) ERR wrong number or type of arguments");
  EXPECT_EQ(client_.Eval("return redis.status_reply('fine')"), "fine");
  EXPECT_EQ(client_.Eval("return redis.status_reply()"), "(error) ERR wrong number or type of arguments");
}

TEST_F(ScriptApiTest, Sha1hex) {
  EXPECT_EQ(client_.Eval("return redis.sha1hex('')"), "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"");
  ExpectFailure("return redis.sha1hex()", "ERR wrong number of arguments");
}

TEST_F(ScriptApiTest, LogReachesTheHost) {
  client_.Eval("redis.log(redis.LOG_WARNING, 'a', 5, {}, 'b') redis.log(redis.LOG_DEBUG, 'c')");
  EXPECT_THAT(client_.host.log, ElementsAre("3 a 5 b", "0 c"));
  ExpectFailure("redis.log(1)", "ERR redis.log() requires two arguments or more.");
  ExpectFailure("redis.log('x', 'y')", "ERR First argument must be a number (log level).");
  ExpectFailure("redis.log(4, 'y')", "ERR Invalid debug level.");
}

TEST_F(ScriptApiTest, WhatReplicationAsksForIsOnlyChecked) {
  EXPECT_EQ(client_.Eval("redis.set_repl(redis.REPL_NONE) return redis.replicate_commands()"), "(integer) 1");
  ExpectFailure("redis.set_repl()", "ERR redis.set_repl() requires two arguments.");
  ExpectFailure("redis.set_repl(99)",
                "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
}

TEST_F(ScriptApiTest, SetrespTakesTwoOrThree) {
  ExpectFailure("redis.setresp()", "ERR redis.setresp() requires one argument.");
  ExpectFailure("redis.setresp(4)", "ERR RESP version must be 2 or 3.");
}

TEST_F(ScriptApiTest, SelectHoldsForTheScriptOnly) {
  client_.Eval("redis.call('select', 7)");
  EXPECT_EQ(client_.host.client.database, 7);
  EXPECT_EQ(client_.caller.database, 0);
  client_.Eval("return 1");
  EXPECT_EQ(client_.host.client.database, 0);
}

TEST_F(ScriptApiTest, PermissionsAreCheckedByName) {
  EXPECT_EQ(client_.Eval("return redis.acl_check_cmd('set', 'k', 'v')"), "(integer) 1");
  ExpectFailure("return redis.acl_check_cmd('nosuch')",
                "ERR Invalid command passed to redis.acl_check_cmd()");
}

TEST_F(ScriptApiTest, NoDebuggerIsAttached) {
  EXPECT_EQ(client_.Eval("redis.debug('x') return tostring(redis.breakpoint())"), "\"false\"");
}

TEST_F(ScriptApiTest, VersionIsRedis72) {
  EXPECT_EQ(client_.Eval("return {redis.REDIS_VERSION, redis.REDIS_VERSION_NUM}"),
            "1) \"7.2.4\"\n2) (integer) 459268");
}

TEST_F(ScriptApiTest, ReadOnlyScriptsMayNotWrite) {
  EXPECT_THAT(client_.EvalReadOnly("return redis.call('set', 'a', 'b')"),
              StartsWith("(error) ERR Write commands are not allowed from read-only scripts. script: "));
  EXPECT_THAT(client_.EvalReadOnly("return redis.call('publish', 'a', 'b')"),
              StartsWith("(error) ERR Write commands are not allowed"));
  EXPECT_EQ(client_.EvalReadOnly("return redis.call('echo', 'a')"), "\"a\"");
  EXPECT_THAT(client_.Eval("#!lua flags=no-writes\nreturn redis.call('set', 'a', 'b')"),
              EndsWith(", on @user_script:2."));
  EXPECT_EQ(client_.EvalReadOnly("#!lua\nreturn 1"),
            "(error) ERR Can not execute a script with write flag using *_ro command.");
  EXPECT_TRUE(client_.host.values.empty());
}

TEST_F(ScriptApiTest, TheHostsRefusalIsTheCommandsError) {
  client_.host.tick = absl::ZeroDuration();
  // The log breaks while the script runs.
  client_.Eval("return redis.call('echo', 'x')");
  client_.host.threshold = absl::Nanoseconds(1);
  client_.host.tick = absl::Milliseconds(1);
  client_.host.on_slow = [this] { client_.host.sealed = true; };
  EXPECT_THAT(client_.Eval("local e = '' repeat for i = 1, 1e5 do end e = redis.pcall('set', 'k', 'v') "
                           "until e.err return e"),
              StartsWith("(error) MISCONF "));
}

}  // namespace
}  // namespace holdfast::server::engine
