#include "server/engine/script_sandbox.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "server/engine/script_packing.h"
#include "server/engine/script_read_only.h"

extern "C" {
#include <lua-bitop.h>
#include <lua-cjson.h>
}

namespace holdfast::server::engine {
namespace {

// Their addresses name, in the registry, the table of globals, the view of it that is _G, and the globals
// that stand behind that view while a library is loaded.
const char kGlobals = 'g';
const char kGlobalsView = 'v';
const char kLibraryGlobals = 'l';

constexpr std::array kBaseFunctions = {
    "_VERSION", "assert", "collectgarbage", "coroutine",    "error",  "gcinfo", "getmetatable",
    "ipairs",   "load",   "loadstring",     "math",         "next",   "pairs",  "pcall",
    "rawequal", "rawget", "rawset",         "select",       "string", "table",  "tonumber",
    "tostring", "type",   "unpack",         "xpcall",       "os",     "cjson",  "bit",
    "redis",    "struct", "cmsgpack",       "setmetatable",
};

bool IsAllowed(const char* name) {
  return std::any_of(kBaseFunctions.begin(), kBaseFunctions.end(),
                     [name](const char* allowed) { return std::strcmp(allowed, name) == 0; });
}

void SetRegistry(lua_State* lua, const char* address) {
  lua_pushlightuserdata(lua, const_cast<char*>(address));
  lua_insert(lua, -2);
  lua_rawset(lua, LUA_REGISTRYINDEX);
}

void PushRegistry(lua_State* lua, const char* address) {
  lua_pushlightuserdata(lua, const_cast<char*>(address));
  lua_rawget(lua, LUA_REGISTRYINDEX);
}

int RefuseUnknownGlobal(lua_State* lua) {
  const char* name = lua_isstring(lua, 2) ? lua_tostring(lua, 2) : lua_typename(lua, lua_type(lua, 2));
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'", name);
}

// Opens a library as `require` does; what it returns becomes the global `name`.
void OpenLibrary(lua_State* lua, const char* name, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 1);
  if (*name != '\0' && lua_istable(lua, -1)) {
    lua_setglobal(lua, name);
  } else {
    lua_pop(lua, 1);
  }
}

void OpenLibraries(lua_State* lua) {
  OpenLibrary(lua, "", &luaopen_base);
  OpenLibrary(lua, LUA_TABLIBNAME, &luaopen_table);
  OpenLibrary(lua, LUA_STRLIBNAME, &luaopen_string);
  OpenLibrary(lua, LUA_MATHLIBNAME, &luaopen_math);
  OpenLibrary(lua, LUA_OSLIBNAME, &luaopen_os);
  OpenLibrary(lua, "cjson", &luaopen_cjson);
  OpenLibrary(lua, "bit", &luaopen_bit);
  OpenLibrary(lua, "struct", &OpenStruct);
  OpenLibrary(lua, "cmsgpack", &OpenMessagePack);
}

// Of os only the clock that counts processor time.
void ReduceOs(lua_State* lua) {
  lua_getglobal(lua, LUA_OSLIBNAME);
  lua_createtable(lua, 0, 1);
  lua_getfield(lua, -2, "clock");
  lua_setfield(lua, -2, "clock");
  lua_setglobal(lua, LUA_OSLIBNAME);
  lua_pop(lua, 1);
}

// Removes from the table of globals on top what is not allowed.
void RemoveOthers(lua_State* lua) {
  for (lua_pushnil(lua); lua_next(lua, -2) != 0;) {
    lua_pop(lua, 1);
    if (lua_type(lua, -1) == LUA_TSTRING && IsAllowed(lua_tostring(lua, -1))) continue;
    lua_pushvalue(lua, -1);
    lua_pushnil(lua);
    lua_rawset(lua, -4);
  }
}

// Replaces every table among the globals on top by a view of it.
void ProtectLibraries(lua_State* lua) {
  for (lua_pushnil(lua); lua_next(lua, -2) != 0;) {
    if (lua_istable(lua, -1)) {
      PushReadOnlyView(lua);
      lua_pushvalue(lua, -2);
      lua_insert(lua, -2);
      lua_rawset(lua, -4);
    } else {
      lua_pop(lua, 1);
    }
  }
}

// What getmetatable("") gives is a view too; methods are still looked up without it.
void ProtectStrings(lua_State* lua) {
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  lua_createtable(lua, 0, 1);
  lua_getglobal(lua, LUA_STRLIBNAME);
  lua_setfield(lua, -2, "__index");
  PushReadOnlyView(lua);
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 2);
}

// The table of globals on top raises errors for names it does not have.
void RefuseUnknownGlobals(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  lua_pushcfunction(lua, &RefuseUnknownGlobal);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
}

void SetWords(lua_State* lua, const char* name, std::span<const std::string_view> words) {
  PushWords(lua, words);
  lua_setfield(lua, -2, name);
}

// The thread's globals are the view.
void UseSandboxGlobals(lua_State* lua) {
  PushRegistry(lua, &kGlobalsView);
  lua_replace(lua, LUA_GLOBALSINDEX);
}

// What UseLibraryGlobals puts in place.
void OpenLibraryGlobals(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  PushLibraryRedisTable(lua);
  RefuseUnknownGlobals(lua);
  PushReadOnlyView(lua);
  lua_setfield(lua, -2, "redis");
  RefuseUnknownGlobals(lua);
  SetRegistry(lua, &kLibraryGlobals);
}

void UseGlobals(lua_State* lua, const char* behind) {
  PushRegistry(lua, &kGlobalsView);
  PushRegistry(lua, behind);
  SetBehindView(lua);
  lua_pop(lua, 1);
}

}  // namespace

void OpenSandbox(lua_State* lua, ScriptKind kind) {
  OpenLibraries(lua);
  ReduceOs(lua);
  PushRedisTable(lua, kind);
  lua_setglobal(lua, "redis");
  ReplaceFunctions(lua);
  GuardRawAccess(lua);

  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  RemoveOthers(lua);
  ProtectLibraries(lua);
  ProtectStrings(lua);
  lua_pushvalue(lua, -1);
  SetRegistry(lua, &kGlobals);
  lua_pushvalue(lua, -1);
  PushReadOnlyView(lua);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "_G");
  SetRegistry(lua, &kGlobalsView);
  RefuseUnknownGlobals(lua);
  lua_pop(lua, 1);
  if (kind == ScriptKind::kScript) return SetScriptArguments(lua, {}, {});
  OpenLibraryGlobals(lua);
  UseSandboxGlobals(lua);
}

void PushWords(lua_State* lua, std::span<const std::string_view> words) {
  lua_createtable(lua, static_cast<int>(words.size()), 0);
  int index = 0;
  for (const std::string_view word : words) {
    lua_pushlstring(lua, word.data(), word.size());
    lua_rawseti(lua, -2, ++index);
  }
}

void UseLibraryGlobals(lua_State* lua) { UseGlobals(lua, &kLibraryGlobals); }

void UseScriptGlobals(lua_State* lua) { UseGlobals(lua, &kGlobals); }

void SetScriptArguments(lua_State* lua, std::span<const std::string_view> keys,
                        std::span<const std::string_view> arguments) {
  UseSandboxGlobals(lua);
  PushRegistry(lua, &kGlobals);
  SetWords(lua, "KEYS", keys);
  SetWords(lua, "ARGV", arguments);
  lua_pop(lua, 1);
}

}  // namespace holdfast::server::engine
