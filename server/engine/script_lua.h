#pragma once

// Lua 5.1's C API, and how this server uses it.
//
// A Lua error is a longjmp: it skips the destructors of every C++ frame it passes. So a function that Lua
// calls (lua_CFunction) has no object with a destructor alive when it calls anything of Lua that can raise,
// which is nearly everything that allocates; what it needs lives in the ScriptRun or the Interpreter. And no
// C++ exception may pass through Lua's frames.
//
// In comments [-o, +p] says how many values a function takes off and puts on the stack, as Lua's manual does.
extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}
