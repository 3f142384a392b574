#include "server/engine/script_msgpack.h"

#include "server/engine/script_interpreter.h"
#include "server/engine/script_packing.h"

namespace holdfast::server::engine {
namespace {

int Pack(lua_State* lua) {
  const int values = lua_gettop(lua);
  if (values == 0) return luaL_argerror(lua, 0, "MessagePack pack needs input.");
  luaL_checkstack(lua, 1, "too many arguments for MessagePack pack.");
  std::string& out = Interpreter::RunOf(lua).text;
  out.clear();
  for (int index = 1; index <= values; ++index) {
    lua_pushvalue(lua, index);
    AppendMessagePack(lua, out, 0);
    lua_pop(lua, 1);
  }
  lua_pushlstring(lua, out.data(), out.size());
  return 1;
}

// Pushes up to `limit` values (0: all) from `offset` on; for a limited number, first where the next one is.
int UnpackSome(lua_State* lua, int limit, int offset) {
  size_t size = 0;
  const char* bytes = luaL_checklstring(lua, 1, &size);
  if (offset < 0 || limit < 0) {
    return luaL_error(lua, "Invalid request to unpack with offset of %d and limit of %d.", offset,
                      static_cast<int>(size));
  }
  if (static_cast<size_t>(offset) > size) {
    return luaL_error(lua, "Start offset %d greater than input length %d.", offset, static_cast<int>(size));
  }
  MessagePackSource source{bytes + offset, bytes + size};
  lua_settop(lua, 1);
  int values = 0;
  for (; source.next != source.end && (limit == 0 || values < limit); ++values) {
    luaL_checkstack(lua, 2, "too many return values at once; use unpack_one or unpack_limit instead.");
    PushMessagePack(lua, source);
  }
  if (limit == 0) return values;
  lua_pushinteger(lua, source.next == source.end ? -1 : source.next - bytes);
  lua_insert(lua, 2);
  return values + 1;
}

int Unpack(lua_State* lua) { return UnpackSome(lua, 0, 0); }

int UnpackOne(lua_State* lua) { return UnpackSome(lua, 1, luaL_optint(lua, 2, 0)); }

int UnpackLimit(lua_State* lua) {
  const int limit = luaL_checkint(lua, 2);
  return UnpackSome(lua, limit, luaL_optint(lua, 3, 0));
}

}  // namespace

int OpenMessagePack(lua_State* lua) {
  lua_createtable(lua, 0, 8);
  lua_pushcfunction(lua, &Pack);
  lua_setfield(lua, -2, "pack");
  lua_pushcfunction(lua, &Unpack);
  lua_setfield(lua, -2, "unpack");
  lua_pushcfunction(lua, &UnpackOne);
  lua_setfield(lua, -2, "unpack_one");
  lua_pushcfunction(lua, &UnpackLimit);
  lua_setfield(lua, -2, "unpack_limit");
  lua_pushliteral(lua, "cmsgpack");
  lua_setfield(lua, -2, "_NAME");
  // The version whose format and behaviour these are.
  lua_pushliteral(lua, "lua-cmsgpack 0.4.0");
  lua_setfield(lua, -2, "_VERSION");
  lua_pushliteral(lua, "Copyright (C) 2012, Salvatore Sanfilippo");
  lua_setfield(lua, -2, "_COPYRIGHT");
  lua_pushliteral(lua, "MessagePack C implementation for Lua");
  lua_setfield(lua, -2, "_DESCRIPTION");
  return 1;
}

}  // namespace holdfast::server::engine
