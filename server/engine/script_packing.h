#pragma once

#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// Two libraries that Redis gives to scripts and that Debian does not have. What they build is bounded by
// kMaxPackedBytes; beyond it they raise an error.
inline constexpr size_t kMaxPackedBytes = size_t{64} << 20;

// `struct`: pack(format, values ...) -> string, unpack(format, string [, position]) -> values ..., position
// behind them; size(format). A format is a row of
//   b B h H l L T      integers of 1, 2, 8 and 8 (T) bytes; capitals are unsigned
//   i[n] I[n]          integers of n bytes (4; at most 32)
//   f d                floats of 4 and 8 bytes
//   s                  a string that ends with a zero byte
//   c[n]               n bytes of a string (1); c0: the whole string; in unpack as many as the value before
//   x                  a zero byte
//   < > ![n]           little endian (the default), big endian, alignment to at most n (8); blanks
// http://www.inf.puc-rio.br/~roberto/struct/
int OpenStruct(lua_State* lua);

// `cmsgpack`: pack(values ...) -> string, unpack(string) -> values ..., unpack_one(string [, offset]) and
// unpack_limit(string, count [, offset]) -> offset of what follows or -1, values ...
// https://github.com/msgpack/msgpack/blob/master/spec.md without bin and ext. Tables are arrays if their keys
// are 1 to n, else maps; nested deeper than 16, and what is no data, is nil.
int OpenMessagePack(lua_State* lua);

}  // namespace holdfast::server::engine
