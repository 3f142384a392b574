#include <array>
#include <cmath>
#include <cstring>

#include "server/engine/script_conversion.h"
#include "server/engine/script_interpreter.h"
#include "server/engine/script_limits.h"
#include "server/engine/script_sandbox.h"

namespace holdfast::server::engine {
namespace {

bool IsKilled(lua_State* lua) { return Interpreter::RunOf(lua).killed(); }

// Redis raises tables; a script's pcall sees the text, as it did before Redis 7.
int PCall(lua_State* lua) {
  luaL_checkany(lua, 1);
  const int status = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
  if (status != 0 && IsKilled(lua)) return RaiseKilled(lua);
  if (status != 0 && lua_istable(lua, -1)) {
    lua_pushliteral(lua, "err");
    lua_rawget(lua, -2);
    if (lua_isstring(lua, -1) != 0) {
      lua_replace(lua, -2);
    } else {
      lua_pop(lua, 1);
    }
  }
  luaL_checkstack(lua, 1, "too many results");
  lua_pushboolean(lua, status == 0);
  lua_insert(lua, 1);
  return lua_gettop(lua);
}

// While a script is being ended its handler must not run: Lua would not interrupt it.
int CallHandler(lua_State* lua) {
  if (IsKilled(lua)) return 1;
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

int XPCall(lua_State* lua) {
  luaL_checkany(lua, 2);
  lua_settop(lua, 2);
  lua_pushcclosure(lua, &CallHandler, 1);
  lua_insert(lua, 1);
  const int status = lua_pcall(lua, 0, LUA_MULTRET, 1);
  if (status != 0 && IsKilled(lua)) return RaiseKilled(lua);
  lua_pushboolean(lua, status == 0);
  lua_replace(lua, 1);
  return lua_gettop(lua);
}

// The original is the upvalue; it answers false and the error.
int Resume(lua_State* lua) {
  const int results = lua_tocfunction(lua, lua_upvalueindex(1))(lua);
  if (IsKilled(lua)) return RaiseKilled(lua);
  return results;
}

// Compiles the string on top.
int Load(lua_State* lua, const char* name) {
  size_t size = 0;
  const char* code = lua_tolstring(lua, -1, &size);
  // Lua does not check binary chunks, so a forged one could do anything. Read as text they are wrong.
  if (size > 0 && code[0] == LUA_SIGNATURE[0]) {
    lua_pushliteral(lua, " ");
    lua_insert(lua, -2);
    lua_concat(lua, 2);
    code = lua_tolstring(lua, -1, &size);
  }
  if (luaL_loadbuffer(lua, code, size, name) == 0) return 1;
  lua_pushnil(lua);
  lua_insert(lua, -2);
  return 2;
}

int LoadString(lua_State* lua) {
  const char* code = luaL_checkstring(lua, 1);
  const char* name = luaL_optstring(lua, 2, code);
  lua_settop(lua, 1);
  return Load(lua, name);
}

int LoadPieces(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const char* name = luaL_optstring(lua, 2, "=(load)");
  lua_settop(lua, 2);
  for (lua_pushliteral(lua, "");; lua_concat(lua, 2)) {
    lua_pushvalue(lua, 1);
    lua_call(lua, 0, 1);
    if (lua_isnil(lua, -1)) break;
    if (lua_isstring(lua, -1) == 0) return luaL_error(lua, "reader function must return a string");
    if (lua_objlen(lua, -1) == 0) break;
  }
  lua_pop(lua, 1);
  return Load(lua, name);
}

int Random(lua_State* lua) {
  constexpr lua_Number kRange = 2147483647;  // of Redis's generator, which is POSIX's
  const long drawn = Interpreter::Random(lua) % static_cast<long>(kRange);
  const lua_Number fraction = static_cast<lua_Number>(drawn) / kRange;
  const int arguments = lua_gettop(lua);
  if (arguments == 0) {
    lua_pushnumber(lua, fraction);
    return 1;
  }
  if (arguments > 2) return luaL_error(lua, "wrong number of arguments");
  const int low = arguments == 1 ? 1 : luaL_checkint(lua, 1);
  const int high = luaL_checkint(lua, arguments);
  luaL_argcheck(lua, low <= high, arguments, "interval is empty");
  const lua_Number width = static_cast<lua_Number>(high) - low + 1;
  lua_pushnumber(lua, std::floor(fraction * width) + low);
  return 1;
}

int RandomSeed(lua_State* lua) {
  Interpreter::Seed(lua, luaL_checkint(lua, 1));
  return 0;
}

struct Replacement {
  const char* table;  // null: a global
  const char* name;
  lua_CFunction function;  // has the original as upvalue
};

constexpr std::array kReplacements = {
    Replacement{nullptr, "pcall", &PCall},          Replacement{nullptr, "xpcall", &XPCall},
    Replacement{nullptr, "load", &LoadPieces},      Replacement{nullptr, "loadstring", &LoadString},
    Replacement{"coroutine", "resume", &Resume},    Replacement{"math", "random", &Random},
    Replacement{"math", "randomseed", &RandomSeed},
};

}  // namespace

void ReplaceFunctions(lua_State* lua) {
  for (const Replacement& replacement : kReplacements) {
    if (replacement.table == nullptr) {
      lua_pushvalue(lua, LUA_GLOBALSINDEX);
    } else {
      lua_getglobal(lua, replacement.table);
    }
    lua_getfield(lua, -1, replacement.name);
    lua_pushcclosure(lua, replacement.function, 1);
    lua_setfield(lua, -2, replacement.name);
    lua_pop(lua, 1);
  }
  lua_getglobal(lua, "string");
  LimitPatterns(lua);
  lua_getglobal(lua, "cjson");
  LimitJson(lua);
  lua_pop(lua, 2);
}

int RaiseKilled(lua_State* lua) {
  PushError(lua, Interpreter::RunOf(lua).EndText());
  return lua_error(lua);
}

}  // namespace holdfast::server::engine
