#pragma once

#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// Bounds for library functions that a script could drive to bring the server down.

// Lua's pattern matcher recurses on the C stack, once for each repetition sign of a pattern: the string
// library on top refuses patterns with more than kMaxPatternSigns. [-0, +0]
inline constexpr int kMaxPatternSigns = 10000;
void LimitPatterns(lua_State* lua);

// cjson counts its buffer in an int, six bytes for each of a string, and overflows it (CVE-2022-24834): the
// cjson library on top refuses to encode more than kMaxJsonBytes of strings, or tables nested deeper than
// kMaxJsonDepth. [-0, +0]
inline constexpr size_t kMaxJsonBytes = size_t{64} << 20;
inline constexpr int kMaxJsonDepth = 1000;
void LimitJson(lua_State* lua);

}  // namespace holdfast::server::engine
