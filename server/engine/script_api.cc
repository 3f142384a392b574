#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string_view>

#include "server/engine/script_conversion.h"
#include "server/engine/script_interpreter.h"
#include "server/engine/script_sandbox.h"
#include "server/engine/script_sha.h"

namespace holdfast::server::engine {
namespace {

using resp::Protocol;

// Redis 7.2.4's, whose behaviour this is.
constexpr const char* kVersion = "7.2.4";
constexpr int kVersionNumber = 0x00070204;

int RaiseError(lua_State* lua, const char* text) {
  PushError(lua, text);
  return lua_error(lua);
}

// A number becomes the text that commands read, more exact than Lua's own conversion.
void FormatNumber(lua_State* lua, int index) {
  constexpr lua_Number kExactIntegers = 4503599627370496;  // 2^52
  const lua_Number number = lua_tonumber(lua, index);
  char text[32];
  const bool integer = std::trunc(number) == number && std::fabs(number) < kExactIntegers;
  const int size = integer ? std::snprintf(text, sizeof text, "%lld", static_cast<long long>(number))
                           : std::snprintf(text, sizeof text, "%.17g", number);
  lua_pushlstring(lua, text, static_cast<size_t>(size));
  lua_replace(lua, index);
}

// Views the arguments on the stack as words of a command. What is wrong with them, or null.
const char* TakeWords(lua_State* lua, ScriptRun& run) {
  const int count = lua_gettop(lua);
  if (count == 0) return "ERR Please specify at least one argument for this redis lib call";
  luaL_checkstack(lua, 1, "too many arguments");
  run.words.clear();
  for (int index = 1; index <= count; ++index) {
    if (lua_type(lua, index) == LUA_TNUMBER) FormatNumber(lua, index);
    if (lua_type(lua, index) != LUA_TSTRING) {
      return "ERR Lua redis lib command arguments must be strings or integers";
    }
    size_t size = 0;
    const char* bytes = lua_tolstring(lua, index, &size);
    run.words.emplace_back(bytes, size);
  }
  return nullptr;
}

// Leaves the command's reply on the stack; true if it is an error.
bool RunCommand(lua_State* lua) {
  ScriptRun& run = Interpreter::RunOf(lua);
  if (const char* problem = TakeWords(lua, run)) {
    PushError(lua, problem);
    return true;
  }
  // setresp concerns later replies; a command cannot change it.
  const Protocol protocol = run.client().protocol;
  run.Call();
  lua_settop(lua, 0);
  PushReply(lua, run.reply, protocol);
  const bool failed = run.reply.is_error();
  run.reply = {};
  if (failed) {
    // Redis tells scripts that it has counted the error.
    lua_pushboolean(lua, 1);
    lua_setfield(lua, -2, "ignore_error_stats_update");
  }
  return failed;
}

int Call(lua_State* lua) { return RunCommand(lua) ? lua_error(lua) : 1; }

int ProtectedCall(lua_State* lua) {
  RunCommand(lua);
  return 1;
}

bool HasOneString(lua_State* lua) { return lua_gettop(lua) == 1 && lua_type(lua, 1) == LUA_TSTRING; }

// {err=} with a code word: "x" and "-x" become "ERR x", "-CODE x" and "CODE x" stay.
int ErrorReply(lua_State* lua) {
  if (!HasOneString(lua)) {
    PushError(lua, "ERR wrong number or type of arguments");
    return 1;
  }
  std::string_view text = lua_tostring(lua, 1);
  if (text.starts_with('-')) text.remove_prefix(1);
  while (text.ends_with('\r') || text.ends_with('\n')) text.remove_suffix(1);
  const bool has_code = text.find(' ') != std::string_view::npos;
  lua_createtable(lua, 0, 1);
  lua_pushstring(lua, has_code ? "" : "ERR ");
  lua_pushlstring(lua, text.data(), text.size());
  lua_concat(lua, 2);
  lua_setfield(lua, -2, "err");
  return 1;
}

int StatusReply(lua_State* lua) {
  if (!HasOneString(lua)) {
    PushError(lua, "ERR wrong number or type of arguments");
    return 1;
  }
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, 1);
  lua_setfield(lua, -2, "ok");
  return 1;
}

int Sha1(lua_State* lua) {
  if (lua_gettop(lua) != 1) return RaiseError(lua, "ERR wrong number of arguments");
  size_t size = 0;
  const char* bytes = lua_tolstring(lua, 1, &size);
  const Sha1Digits digits = Sha1Hex(bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
  lua_pushlstring(lua, digits.data(), digits.size());
  return 1;
}

int Log(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (count < 2) return RaiseError(lua, "ERR redis.log() requires two arguments or more.");
  if (lua_isnumber(lua, 1) == 0) {
    return RaiseError(lua, "ERR First argument must be a number (log level).");
  }
  const auto level = static_cast<int>(lua_tonumber(lua, 1));
  if (level < 0 || level > static_cast<int>(ScriptHost::Severity::kWarning)) {
    return RaiseError(lua, "ERR Invalid debug level.");
  }
  ScriptRun& run = Interpreter::RunOf(lua);
  constexpr size_t kMaxLineBytes = 64 << 10;
  run.text.clear();
  for (int index = 2; index <= count && run.text.size() < kMaxLineBytes; ++index) {
    size_t size = 0;
    const char* bytes = lua_tolstring(lua, index, &size);
    if (bytes == nullptr) continue;
    if (index > 2) run.text += ' ';
    run.text.append(bytes, std::min(size, kMaxLineBytes - run.text.size()));
  }
  run.host().Log(static_cast<ScriptHost::Severity>(level), run.text);
  return 0;
}

int SetResp(lua_State* lua) {
  if (lua_gettop(lua) != 1) return RaiseError(lua, "ERR redis.setresp() requires one argument.");
  const lua_Integer version = lua_tointeger(lua, 1);
  if (version != 2 && version != 3) return RaiseError(lua, "ERR RESP version must be 2 or 3.");
  Interpreter::RunOf(lua).client().protocol = version == 3 ? Protocol::kResp3 : Protocol::kResp2;
  return 0;
}

// There is no replication of commands here: what is asked for is only checked.
int SetReplication(lua_State* lua) {
  if (lua_gettop(lua) != 1) return RaiseError(lua, "ERR redis.set_repl() requires two arguments.");
  const lua_Number flags = lua_tonumber(lua, 1);
  if (flags >= 0 && flags <= 3) return 0;
  return RaiseError(lua, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
}

int ReplicateCommands(lua_State* lua) {
  lua_pushboolean(lua, 1);
  return 1;
}

// Whether the caller's user could run a command; its number of words does not matter.
int CheckPermission(lua_State* lua) {
  ScriptRun& run = Interpreter::RunOf(lua);
  if (const char* problem = TakeWords(lua, run)) return RaiseError(lua, problem);
  const command::Table::Entry* entry = run.table().Named(run.words);
  if (entry == nullptr) return RaiseError(lua, "ERR Invalid command passed to redis.acl_check_cmd()");
  lua_pushboolean(lua, run.host().Allows(*entry, run.words) ? 1 : 0);
  return 1;
}

// No debugger is attached.
int Breakpoint(lua_State* lua) {
  lua_pushboolean(lua, 0);
  return 1;
}

int Debug(lua_State*) { return 0; }

constexpr std::array<luaL_Reg, 9> kFunctions = {{
    {"call", &Call},
    {"pcall", &ProtectedCall},
    {"error_reply", &ErrorReply},
    {"status_reply", &StatusReply},
    {"sha1hex", &Sha1},
    {"log", &Log},
    {"setresp", &SetResp},
    {"set_repl", &SetReplication},
    {"acl_check_cmd", &CheckPermission},
}};

// Functions do not have them.
constexpr std::array<luaL_Reg, 3> kScriptFunctions = {{
    {"replicate_commands", &ReplicateCommands},
    {"breakpoint", &Breakpoint},
    {"debug", &Debug},
}};

constexpr std::array<luaL_Reg, 2> kLibraryFunctions = {{
    {"register_function", &RegisterFunction},
    {"log", &Log},
}};

struct Constant {
  const char* name;
  int value;
};

constexpr std::array kConstants = {
    Constant{"LOG_DEBUG", 0},
    Constant{"LOG_VERBOSE", 1},
    Constant{"LOG_NOTICE", 2},
    Constant{"LOG_WARNING", 3},
    Constant{"REDIS_VERSION_NUM", kVersionNumber},
};

constexpr std::array kReplicationConstants = {
    Constant{"REPL_NONE", 0},    Constant{"REPL_AOF", 1}, Constant{"REPL_SLAVE", 2},
    Constant{"REPL_REPLICA", 2}, Constant{"REPL_ALL", 3},
};

// These three add to the table on top.
void AddFunctions(lua_State* lua, std::span<const luaL_Reg> functions) {
  for (const luaL_Reg& function : functions) {
    lua_pushcfunction(lua, function.func);
    lua_setfield(lua, -2, function.name);
  }
}

void AddConstants(lua_State* lua, std::span<const Constant> constants) {
  for (const Constant& constant : constants) {
    lua_pushinteger(lua, constant.value);
    lua_setfield(lua, -2, constant.name);
  }
}

void AddVersion(lua_State* lua) {
  lua_pushstring(lua, kVersion);
  lua_setfield(lua, -2, "REDIS_VERSION");
}

}  // namespace

void PushRedisTable(lua_State* lua, ScriptKind kind) {
  lua_newtable(lua);
  AddFunctions(lua, kFunctions);
  if (kind == ScriptKind::kScript) AddFunctions(lua, kScriptFunctions);
  AddConstants(lua, kConstants);
  AddConstants(lua, kReplicationConstants);
  AddVersion(lua);
}

void PushLibraryRedisTable(lua_State* lua) {
  lua_newtable(lua);
  AddFunctions(lua, kLibraryFunctions);
  AddConstants(lua, kConstants);
  AddVersion(lua);
}

}  // namespace holdfast::server::engine
