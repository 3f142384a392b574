#include "server/engine/script_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine/fake_script_host.h"

namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScriptConversionTest : public ::testing::Test {
 protected:
  void SpeakResp3() { client_.caller.protocol = resp::Protocol::kResp3; }
  // What `returns` (a Lua expression) of the reply `raw` of a command is, once the script speaks RESP3.
  std::string FromResp3(const std::string& raw, const std::string& returns) {
    return client_.Eval("redis.setresp(3) local r = redis.call('raw', ARGV[1]) return " + returns, {}, {raw});
  }
  std::string FromResp2(const std::string& raw, const std::string& returns) {
    return client_.Eval("local r = redis.call('raw', ARGV[1]) return " + returns, {}, {raw});
  }

  ScriptClient client_;
};

TEST_F(ScriptConversionTest, NumbersLoseTheirFraction) {
  EXPECT_EQ(client_.Eval("return 3.99"), "(integer) 3");
  EXPECT_EQ(client_.Eval("return -3.99"), "(integer) -3");
  EXPECT_EQ(client_.Eval("return 1e300"), "(integer) -9223372036854775808");
  EXPECT_EQ(client_.Eval("return 0/0"), "(integer) -9223372036854775808");
}

TEST_F(ScriptConversionTest, StringsAreBinary) {
  client_.Eval("return 'a\\0b\\r\\n'");
  EXPECT_EQ(client_.bytes(), std::string("$5\r\na\0b\r\n\r\n", 11));
}

TEST_F(ScriptConversionTest, FalseAndNilAreNull) {
  EXPECT_EQ(client_.Eval("return false"), "(nil)");
  EXPECT_EQ(client_.Eval("return nil"), "(nil)");
  EXPECT_EQ(client_.Eval("return"), "(nil)");
  EXPECT_EQ(client_.Eval("return function() end"), "(nil)");
}

TEST_F(ScriptConversionTest, TrueIsOneUntilTheScriptSpeaksResp3) {
  EXPECT_EQ(client_.Eval("return true"), "(integer) 1");
  SpeakResp3();
  EXPECT_EQ(client_.Eval("return true"), "(integer) 1");
  EXPECT_EQ(client_.Eval("redis.setresp(3) return true"), "(true)");
  EXPECT_EQ(client_.Eval("redis.setresp(3) return false"), "(false)");
}

TEST_F(ScriptConversionTest, TablesEndAtTheirFirstNil) {
  EXPECT_EQ(client_.Eval("return {1,2,nil,4}"), "1) (integer) 1\n2) (integer) 2");
  EXPECT_EQ(client_.Eval("return {}"), "(empty array)");
  client_.Eval("return {1,{'x',false},3}");
  EXPECT_EQ(client_.bytes(), "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n:3\r\n");
}

TEST_F(ScriptConversionTest, StatusAndErrorTables) {
  EXPECT_EQ(client_.Eval("return {ok='fine'}"), "fine");
  EXPECT_EQ(client_.Eval("return {err='MY text'}"), "(error) MY text");
  EXPECT_EQ(client_.Eval("return {ok=5}"), "(empty array)");
  EXPECT_EQ(client_.Eval("return {err=5}"), "(empty array)");
}

TEST_F(ScriptConversionTest, LineEndsCannotEndALine) {
  client_.Eval("return {ok='a\\r\\nb'}");
  EXPECT_EQ(client_.bytes(), "+a  b\r\n");
  client_.Eval("return {err='a\\r\\nb'}");
  EXPECT_EQ(client_.bytes(), "-a  b\r\n");
  client_.Eval("return {big_number='1\\r\\n2'}");
  EXPECT_EQ(client_.bytes(), "$4\r\n1  2\r\n");
}

TEST_F(ScriptConversionTest, Resp3TablesReachAResp3Client) {
  SpeakResp3();
  EXPECT_EQ(client_.Eval("return {double=3.5}"), "(double) 3.5");
  EXPECT_EQ(client_.Eval("return {map={a=1}}"), "1# \"a\" => (integer) 1");
  EXPECT_EQ(client_.Eval("return {set={a=true}}"), "1~ \"a\"");
  client_.Eval("return {big_number='123'}");
  EXPECT_EQ(client_.bytes(), "(123\r\n");
  client_.Eval("return {verbatim_string={format='txt',string='abc'}}");
  EXPECT_EQ(client_.bytes(), "=7\r\ntxt:abc\r\n");
}

TEST_F(ScriptConversionTest, Resp3TablesAreFlatForAResp2Client) {
  EXPECT_EQ(client_.Eval("return {double=3.5}"), "\"3.5\"");
  EXPECT_EQ(client_.Eval("return {map={a=1}}"), "1) \"a\"\n2) (integer) 1");
  EXPECT_EQ(client_.Eval("return {set={a=true}}"), "1) \"a\"");
  EXPECT_EQ(client_.Eval("return {verbatim_string={format='txt',string='abc'}}"), "\"abc\"");
}

TEST_F(ScriptConversionTest, RepliesOfCommandsInResp2) {
  EXPECT_EQ(FromResp2(":5\r\n", "type(r) .. r"), "\"number5\"");
  EXPECT_EQ(FromResp2("$3\r\nabc\r\n", "type(r) .. r"), "\"stringabc\"");
  EXPECT_EQ(FromResp2("$-1\r\n", "tostring(r)"), "\"false\"");
  EXPECT_EQ(FromResp2("*-1\r\n", "tostring(r)"), "\"false\"");
  EXPECT_EQ(FromResp2("+OK\r\n", "r.ok"), "\"OK\"");
  EXPECT_EQ(FromResp2("*3\r\n:1\r\n$-1\r\n*1\r\n:2\r\n", "tostring(r[2]) .. #r .. r[3][1]"), "\"false32\"");
}

TEST_F(ScriptConversionTest, RepliesOfCommandsInResp3) {
  EXPECT_EQ(FromResp3("_\r\n", "tostring(r)"), "\"nil\"");
  EXPECT_EQ(FromResp3("#t\r\n", "tostring(r)"), "\"true\"");
  EXPECT_EQ(FromResp3(",1.5\r\n", "r.double * 2"), "(integer) 3");
  EXPECT_EQ(FromResp3("(12345678901234567890\r\n", "r.big_number"), "\"12345678901234567890\"");
  EXPECT_EQ(FromResp3("=7\r\ntxt:abc\r\n", "r.verbatim_string.format .. r.verbatim_string.string"),
            "\"txtabc\"");
  EXPECT_EQ(FromResp3("%1\r\n$1\r\nk\r\n:7\r\n", "r.map.k"), "(integer) 7");
  EXPECT_EQ(FromResp3("~1\r\n$1\r\nm\r\n", "tostring(r.set.m)"), "\"true\"");
}

TEST_F(ScriptConversionTest, CommandsAnswerInTheScriptsProtocol) {
  EXPECT_EQ(client_.Eval("return tostring(redis.call('true')) .. tostring(redis.call('null'))"),
            "\"1false\"");
  EXPECT_EQ(
      client_.Eval("redis.setresp(3) return tostring(redis.call('true')) .. tostring(redis.call('null'))"),
      "\"truenil\"");
  EXPECT_EQ(client_.Eval("return tostring(redis.call('true'))"), "\"1\"") << "the next script starts anew";
}

TEST_F(ScriptConversionTest, DeepTablesEndInAnError) {
  EXPECT_THAT(client_.Eval("local t = {} t[1] = t return t"), StartsWith("not one reply"));
  EXPECT_THAT(client_.bytes(), HasSubstr("-ERR reached lua stack limit\r\n"));
}

// What a function's result, given as Lua, becomes within these bounds.
std::string Written(const char* code, ReplyBounds bounds) {
  lua_State* lua = luaL_newstate();
  luaL_openlibs(lua);
  std::string bytes;
  resp::ReplyWriter out(bytes, resp::Protocol::kResp2);
  EXPECT_EQ(luaL_dostring(lua, code), 0) << lua_tostring(lua, -1);
  WriteValue(lua, out, resp::Protocol::kResp2, bounds);
  EXPECT_EQ(lua_gettop(lua), 0);
  lua_close(lua);
  return bytes;
}

constexpr const char* kTooLarge = "-ERR the script's reply is too large\r\n";

TEST(ReplyBoundsTest, TablesThatHoldThemselvesTwiceEnd) {
  const ReplyBounds bounds{.values = 10'000};
  EXPECT_EQ(Written("local t = {} for i = 1, 10 do t[i] = t end return t", bounds), kTooLarge);
  EXPECT_EQ(Written("local t = {} t.map = {t, t} return t", bounds), kTooLarge);
  EXPECT_EQ(Written("local t = {} t.set = {[t] = 1, [{t}] = 2} return t", bounds), kTooLarge);
}

TEST(ReplyBoundsTest, ManyReferencesToOneStringEnd) {
  const ReplyBounds bounds{.bytes = 1000};
  EXPECT_EQ(Written("local s, t = string.rep('x', 100), {} for i = 1, 1e6 do t[i] = s end return t", bounds),
            kTooLarge);
  EXPECT_EQ(Written("return string.rep('x', 900)", bounds).size(), 908U);
}

TEST(ReplyBoundsTest, WhatIsExactlyAtTheBoundIsWritten) {
  EXPECT_EQ(Written("return {1, 2}", {.values = 3}), "*2\r\n:1\r\n:2\r\n");
  EXPECT_EQ(Written("return {1, 2, 3}", {.values = 3}), kTooLarge);
}

}  // namespace
}  // namespace holdfast::server::engine
