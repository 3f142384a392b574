#include "server/engine/script_limits.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace holdfast::server::engine {
namespace {

// Runs the limited function, the closure's upvalue, in the same frame.
int CallLimited(lua_State* lua) { return lua_tocfunction(lua, lua_upvalueindex(1))(lua); }

// Puts `limit` before the function `name` of the table on top.
void Limit(lua_State* lua, const char* name, lua_CFunction limit) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, limit, 1);
  lua_setfield(lua, -2, name);
}

int MatchPattern(lua_State* lua) {
  if (lua_type(lua, 2) == LUA_TSTRING) {
    size_t size = 0;
    const char* pattern = lua_tolstring(lua, 2, &size);
    constexpr std::string_view kSigns = "?*+-(";
    const auto signs = std::count_if(pattern, pattern + size,
                                     [&](char c) { return kSigns.find(c) != std::string_view::npos; });
    if (signs > kMaxPatternSigns) return luaL_error(lua, "pattern too complex");
  }
  return CallLimited(lua);
}

// Adds up what the value on top would put into JSON, as far as kMaxJsonBytes: a table may hold one value many
// times. Every value counts, so that the walk ends.
void Measure(lua_State* lua, int depth, size_t& bytes) {
  constexpr size_t kValueBytes = 16;
  bytes += kValueBytes + (lua_type(lua, -1) == LUA_TSTRING ? lua_objlen(lua, -1) : 0);
  if (!lua_istable(lua, -1)) return;
  if (depth > kMaxJsonDepth || lua_checkstack(lua, 3) == 0) {
    luaL_error(lua, "Cannot serialise, excessive nesting (%d)", depth);
  }
  for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1)) {
    if (lua_type(lua, -2) == LUA_TSTRING) bytes += lua_objlen(lua, -2);
    Measure(lua, depth + 1, bytes);
    if (bytes > kMaxJsonBytes) luaL_error(lua, "Cannot serialise, too large");
  }
}

// cjson's functions look for their configuration in their first upvalue, so theirs is ours as well.
int CallLimitedJson(lua_State* lua) { return lua_tocfunction(lua, lua_upvalueindex(2))(lua); }

void LimitFunction(lua_State* lua, const char* name, lua_CFunction limit) {
  lua_getfield(lua, -1, name);
  if (lua_getupvalue(lua, -1, 1) == nullptr) lua_pushnil(lua);
  lua_insert(lua, -2);
  lua_pushcclosure(lua, limit, 2);
  lua_setfield(lua, -2, name);
}

int EncodeJson(lua_State* lua) {
  if (lua_gettop(lua) == 1) {
    size_t bytes = 0;
    Measure(lua, 1, bytes);
    if (bytes > kMaxJsonBytes) return luaL_error(lua, "Cannot serialise, too large");
  }
  return CallLimitedJson(lua);
}

int NewJson(lua_State* lua) {
  const int results = CallLimitedJson(lua);
  LimitJson(lua);
  return results;
}

}  // namespace

void LimitPatterns(lua_State* lua) {
  for (const char* name : {"find", "match", "gmatch", "gfind", "gsub"}) Limit(lua, name, &MatchPattern);
}

void LimitJson(lua_State* lua) {
  LimitFunction(lua, "encode", &EncodeJson);
  LimitFunction(lua, "new", &NewJson);
}

}  // namespace holdfast::server::engine
