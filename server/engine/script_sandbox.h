#pragma once

#include <span>
#include <string_view>

#include "server/engine/script_kind.h"
#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// What a script finds in Lua: Redis's choice of libraries (base, coroutine, string, table, math, os.clock,
// cjson, cmsgpack, bit, struct) and `redis`, all read-only; reading a global that does not exist and creating
// one are errors.

// Builds it in a new state. [-0, +0] May raise.
void OpenSandbox(lua_State* lua, ScriptKind kind);

// Before each script: the thread's globals are the sandbox's, and the tables KEYS and ARGV hold these words.
// [-0, +0] May raise.
void SetScriptArguments(lua_State* lua, std::span<const std::string_view> keys,
                        std::span<const std::string_view> arguments);
// Pushes them as a table. [-0, +1] May raise.
void PushWords(lua_State* lua, std::span<const std::string_view> words);

// What a library of functions finds while it is loaded is `redis` alone, and there only what registers, logs
// and tells the version; its functions find the sandbox when they run. Both switch the globals of all code of
// the state. [-0, +0]
void UseLibraryGlobals(lua_State* lua);
void UseScriptGlobals(lua_State* lua);

// `redis`, with all its functions and constants. [-0, +1]
void PushRedisTable(lua_State* lua, ScriptKind kind);
// What `redis` is while a library is loaded. [-0, +1]
void PushLibraryRedisTable(lua_State* lua);
// redis.register_function.
int RegisterFunction(lua_State* lua);
// Replaces what Redis has its own version of: pcall, xpcall, load, loadstring, coroutine.resume, math.random,
// math.randomseed, and functions of cjson and string that could be driven beyond their bounds.
void ReplaceFunctions(lua_State* lua);

// Raises the error of a script that was asked to end. Nothing that catches errors may stop it. Does not
// return.
int RaiseKilled(lua_State* lua);

}  // namespace holdfast::server::engine
