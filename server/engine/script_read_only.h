#pragma once

#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// Read-only tables, which Redis has by a patch of Lua and we by views: an empty table whose metatable reads
// from the table behind it and refuses writes with Redis's text. A script gets views only, never the table
// itself, so that one script cannot leave anything behind for another. One state's thread.

// Turns the table on top into a view of it. [-1, +1]
void PushReadOnlyView(lua_State* lua);
// Puts the table on top behind the view below it, in place of the one that was there. [-1, +0]
void SetBehindView(lua_State* lua);
// If the value at `index` is a view, pushes the table behind it and returns true. [-0, +1 or 0]
[[nodiscard]] bool PushBehindView(lua_State* lua, int index);
// The error of a write to a view, raised by a C function; no place in the script before it. Does not return.
int RaiseReadOnly(lua_State* lua);

// Makes the functions of base and table that pass over metatables respect views: rawset, setmetatable and
// table's writers refuse them, rawget, next, pairs and getmetatable look through them. The libraries are
// loaded.
void GuardRawAccess(lua_State* lua);

}  // namespace holdfast::server::engine
