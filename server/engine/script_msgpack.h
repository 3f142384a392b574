#pragma once

#include <string>

#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// Lua's values as MessagePack, see script_packing.h. Both functions may raise Lua errors.

// Tables nested deeper become nil.
inline constexpr int kMaxMessagePackDepth = 16;

// Appends the value on top, which is inside `depth` tables. `out` must live beyond Lua's errors. [-0, +0]
void AppendMessagePack(lua_State* lua, std::string& out, int depth);

// Bytes that are being read.
struct MessagePackSource {
  const char* next;
  const char* end;
};
// Pushes the next value. [-0, +1]
void PushMessagePack(lua_State* lua, MessagePackSource& source);

}  // namespace holdfast::server::engine
