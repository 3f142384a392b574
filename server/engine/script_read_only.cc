#include "server/engine/script_read_only.h"

#include <initializer_list>

namespace holdfast::server::engine {
namespace {

// Its address is the field of a view's metatable that holds the table behind it.
const char kBehind = 0;

constexpr const char* kText = "Attempt to modify a readonly table";

int RefuseWrite(lua_State* lua) { return luaL_error(lua, kText); }

// The guarded function is the closure's upvalue and runs in the same frame, so that the errors it raises
// name the caller's words.
int CallGuarded(lua_State* lua) { return lua_tocfunction(lua, lua_upvalueindex(1))(lua); }

int GuardedWriter(lua_State* lua) {
  if (PushBehindView(lua, 1)) return RaiseReadOnly(lua);
  return CallGuarded(lua);
}

int GuardedReader(lua_State* lua) {
  if (PushBehindView(lua, 1)) lua_replace(lua, 1);
  return CallGuarded(lua);
}

// A view's metatable is none of the script's business; that of the table behind it is shown as a view.
int GetMetatable(lua_State* lua) {
  if (!PushBehindView(lua, 1)) return CallGuarded(lua);
  if (lua_getmetatable(lua, -1) == 0) {
    lua_pushnil(lua);
  } else {
    PushReadOnlyView(lua);
  }
  return 1;
}

int Pairs(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

// Wraps the function `name` of the table on top.
void Guard(lua_State* lua, const char* name, lua_CFunction guard) {
  lua_getfield(lua, -1, name);
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 1);
    return;
  }
  lua_pushcclosure(lua, guard, 1);
  lua_setfield(lua, -2, name);
}

}  // namespace

void PushReadOnlyView(lua_State* lua) {
  lua_createtable(lua, 0, 0);
  lua_createtable(lua, 0, 3);
  lua_pushcfunction(lua, &RefuseWrite);
  lua_setfield(lua, -2, "__newindex");
  lua_setmetatable(lua, -2);
  lua_insert(lua, -2);
  SetBehindView(lua);
}

void SetBehindView(lua_State* lua) {
  lua_getmetatable(lua, -2);
  lua_pushvalue(lua, -2);
  lua_setfield(lua, -2, "__index");
  lua_pushlightuserdata(lua, const_cast<char*>(&kBehind));
  lua_pushvalue(lua, -3);
  lua_rawset(lua, -3);
  lua_pop(lua, 2);
}

bool PushBehindView(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  lua_pushlightuserdata(lua, const_cast<char*>(&kBehind));
  lua_rawget(lua, -2);
  lua_remove(lua, -2);
  if (lua_istable(lua, -1)) return true;
  lua_pop(lua, 1);
  return false;
}

int RaiseReadOnly(lua_State* lua) {
  lua_pushstring(lua, kText);
  return lua_error(lua);
}

void GuardRawAccess(lua_State* lua) {
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  for (const char* name : {"rawset", "setmetatable"}) Guard(lua, name, &GuardedWriter);
  for (const char* name : {"rawget", "next"}) Guard(lua, name, &GuardedReader);
  Guard(lua, "getmetatable", &GetMetatable);
  lua_getfield(lua, -1, "next");
  lua_pushcclosure(lua, &Pairs, 1);
  lua_setfield(lua, -2, "pairs");
  lua_getfield(lua, -1, "table");
  for (const char* name : {"insert", "remove", "sort", "setn"}) Guard(lua, name, &GuardedWriter);
  for (const char* name : {"foreach", "maxn"}) Guard(lua, name, &GuardedReader);
  lua_pop(lua, 2);
}

}  // namespace holdfast::server::engine
