#include "server/engine/script_sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine/fake_script_host.h"

namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScriptSandboxTest : public ::testing::Test {
 protected:
  void ExpectRefused(std::string_view body, const std::string& text) {
    EXPECT_THAT(client_.Eval(body), StartsWith("(error) ERR " + text + " script: ")) << body;
  }
  // The names in a table, sorted.
  std::string Names(const std::string& table) {
    return client_.Eval("local t = {} for k in pairs(" + table +
                        ") do t[#t+1] = k end table.sort(t) return table.concat(t, ' ')");
  }

  ScriptClient client_;
};

constexpr const char* kPlacedReadOnly = "user_script:1: Attempt to modify a readonly table";
constexpr const char* kReadOnly = "Attempt to modify a readonly table";

TEST_F(ScriptSandboxTest, GlobalsAreThoseOfRedis) {
  EXPECT_EQ(Names("_G"),
            "\"ARGV KEYS _G _VERSION assert bit cjson cmsgpack collectgarbage coroutine error gcinfo "
            "getmetatable ipairs "
            "load loadstring math next os pairs pcall rawequal rawget rawset redis select setmetatable "
            "string struct "
            "table tonumber tostring type unpack xpcall\"");
  EXPECT_EQ(
      Names("redis"),
      "\"LOG_DEBUG LOG_NOTICE LOG_VERBOSE LOG_WARNING REDIS_VERSION REDIS_VERSION_NUM REPL_ALL REPL_AOF "
      "REPL_NONE REPL_REPLICA REPL_SLAVE acl_check_cmd breakpoint call debug error_reply log pcall "
      "replicate_commands set_repl setresp sha1hex status_reply\"");
  EXPECT_EQ(Names("os"), "\"clock\"");
  EXPECT_EQ(Names("bit"), "\"arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex\"");
}

TEST_F(ScriptSandboxTest, UnknownGlobalsCannotBeRead) {
  for (const char* name :
       {"x", "print", "io", "require", "dofile", "debug", "getfenv", "setfenv", "newproxy"}) {
    const std::string body = std::string("return type(") + name + ")";
    ExpectRefused(body, "user_script:1: Script attempted to access nonexistent global variable '" +
                            std::string(name) + "'");
  }
  ExpectRefused("return _G.x", "user_script:1: Script attempted to access nonexistent global variable 'x'");
  EXPECT_EQ(client_.Eval("return redis.nosuch"), "(nil)");
}

TEST_F(ScriptSandboxTest, GlobalsCannotBeWritten) {
  ExpectRefused("x = 1", kPlacedReadOnly);
  ExpectRefused("redis = 1", kPlacedReadOnly);
  ExpectRefused("function f() end", kPlacedReadOnly);
  ExpectRefused("_G.x = 1", kPlacedReadOnly);
  ExpectRefused("rawset(_G, 'x', 1)", kReadOnly);
  ExpectRefused("setmetatable(_G, {})", kReadOnly);
}

TEST_F(ScriptSandboxTest, LibrariesCannotBeWritten) {
  ExpectRefused("string.x = 1", kPlacedReadOnly);
  ExpectRefused("redis.call = 1", kPlacedReadOnly);
  ExpectRefused("rawset(cjson, 'x', 1)", kReadOnly);
  ExpectRefused("table.insert(string, 1)", kReadOnly);
  ExpectRefused("table.remove(math)", kReadOnly);
  ExpectRefused("table.sort(bit)", kReadOnly);
  ExpectRefused("setmetatable(redis, nil)", kReadOnly);
  ExpectRefused("getmetatable('').__index = 1", kPlacedReadOnly);
  ExpectRefused("rawset(getmetatable(''), '__index', 1)", kReadOnly);
  ExpectRefused("getmetatable('').__index.upper = 1", kPlacedReadOnly);
  EXPECT_EQ(client_.Eval("error(string)").substr(0, 12), "(error) ERR ");
  EXPECT_EQ(client_.Eval("return string.source"), "(nil)") << "an error that is a library marks it";
}

TEST_F(ScriptSandboxTest, LibrariesCanBeRead) {
  EXPECT_EQ(client_.Eval("return rawget(_G, 'redis') == redis and rawget(redis, 'call') == redis.call"),
            "(integer) 1");
  EXPECT_EQ(client_.Eval("local k, v = next(os) return k"), "\"clock\"");
  EXPECT_EQ(client_.Eval("return ('abc'):upper()"), "\"ABC\"");
  EXPECT_EQ(client_.Eval("return bit.tohex(bit.bor(1, 256), 4)"), "\"0101\"");
  EXPECT_EQ(client_.Eval("return type(os.clock())"), "\"number\"");
}

TEST_F(ScriptSandboxTest, TablesOfAScriptAreItsOwn) {
  EXPECT_EQ(client_.Eval("local t = setmetatable({}, {__index = function() return 5 end}) rawset(t, 'b', 6) "
                         "return {t.a, t.b, rawget(t, 'a') or 7}"),
            "1) (integer) 5\n2) (integer) 6\n3) (integer) 7");
  EXPECT_EQ(client_.Eval("local t, n = {3, 1, 2}, 0 table.sort(t) table.insert(t, 4) "
                         "for k, v in pairs(t) do n = n * 10 + v end return n"),
            "(integer) 1234");
}

TEST_F(ScriptSandboxTest, NothingIsLeftForTheNextScript) {
  client_.Eval("KEYS.x = 1 ARGV[1] = 'changed'", {"k"}, {"a"});
  EXPECT_EQ(client_.Eval("return {#KEYS, #ARGV, tostring(KEYS.x)}"),
            "1) (integer) 0\n2) (integer) 0\n3) \"nil\"");
  client_.Eval("collectgarbage('stop')");
  EXPECT_EQ(client_.Eval("local before = collectgarbage('count') for i = 1, 1e5 do local t = {i} end "
                         "return collectgarbage('count') < before + 4000"),
            "(integer) 1");
}

TEST_F(ScriptSandboxTest, BinaryChunksAreRefused) {
  EXPECT_EQ(client_.Eval("return loadstring(string.dump(function() end))"), "(nil)");
  EXPECT_THAT(client_.Eval("return ({loadstring('\\27Lua')})[2]"), HasSubstr("unexpected symbol"));
  EXPECT_EQ(client_.Eval("local s = string.dump(function() end) "
                         "return load(function() local r = s s = nil return r end)"),
            "(nil)");
  EXPECT_EQ(client_.Eval("\x1bLuaQ"),
            "(error) ERR Error compiling script (new function): user_script:1: unexpected symbol near "
            "'char(27)'");
}

TEST_F(ScriptSandboxTest, LoadCompilesText) {
  EXPECT_EQ(client_.Eval("return loadstring('return 7')()"), "(integer) 7");
  EXPECT_EQ(client_.Eval("return ({loadstring('x x')})[2]"),
            "\"[string \\\"x x\\\"]:1: '=' expected near 'x'\"");
  EXPECT_EQ(client_.Eval("local parts = {'return ', '4', '2'} "
                         "return load(function() return table.remove(parts, 1) end)()"),
            "(integer) 42");
  ExpectRefused("loadstring('x = 1')()", "[string \"x = 1\"]:1: Attempt to modify a readonly table");
}

TEST_F(ScriptSandboxTest, RandomNumbersAreTheSameAfterEveryStart) {
  // As Redis 7 draws them.
  EXPECT_EQ(client_.Eval("return tostring(math.random())"), "\"0.39646477363839\"");
  EXPECT_EQ(client_.Eval("return tostring(math.random())"), "\"0.84048536971234\"");
  client_.door.Flush();
  EXPECT_EQ(client_.Eval("return tostring(math.random())"), "\"0.35333609737146\"");
  EXPECT_EQ(client_.Eval("math.randomseed(7) return math.random(1000)"), "(integer) 267");
  EXPECT_EQ(client_.Eval("local r = math.random(-3, 3) return r >= -3 and r <= 3"), "(integer) 1");
  ExpectRefused("math.random(0)", "user_script:1: bad argument #1 to 'random' (interval is empty)");
}

TEST_F(ScriptSandboxTest, Json) {
  EXPECT_EQ(client_.Eval("return cjson.encode({1, 2, [5] = 3})"), "\"[1,2,null,null,3]\"");
  EXPECT_EQ(client_.Eval("return cjson.decode('{\"queue\":\"q\",\"args\":[1,null]}').queue"), "\"q\"");
  EXPECT_EQ(client_.Eval("return cjson.decode('[null]')[1] == cjson.null"), "(integer) 1");
  EXPECT_EQ(client_.Eval("return cjson.encode({a = 1.5})"), "\"{\\\"a\\\":1.5}\"");
  ExpectRefused("cjson.encode({[1000] = 3})",
                "user_script:1: Cannot serialise table: excessively sparse array");
  ExpectRefused("cjson.decode('{')",
                "user_script:1: Expected object key string but found T_END at character 2");
  ExpectRefused("local t = {} t.t = t cjson.encode(t)",
                "user_script:1: Cannot serialise, excessive nesting (1001)");
}

TEST_F(ScriptSandboxTest, JsonThatWouldOverflowItsBufferIsRefused) {
  const char* kBody = "local s, t = string.rep('x', 1e6), {} for i = 1, 400 do t[i] = s end ";
  EXPECT_THAT(client_.Eval(std::string(kBody) + "cjson.encode(t)"), HasSubstr("Cannot serialise, too large"));
  EXPECT_THAT(client_.Eval(std::string(kBody) + "cjson.new().encode(t)"),
              HasSubstr("Cannot serialise, too large"));
}

TEST_F(ScriptSandboxTest, PatternsThatWouldOverflowTheStackAreRefused) {
  ExpectRefused("string.find(string.rep('a', 4e5), string.rep('a?', 4e5))",
                "user_script:1: pattern too complex");
  ExpectRefused("string.gsub('a', string.rep('(', 4e5), '')", "user_script:1: pattern too complex");
  EXPECT_EQ(client_.Eval("return string.gsub('hello', 'l+', 'L')"), "\"heLo\"");
}

}  // namespace
}  // namespace holdfast::server::engine
