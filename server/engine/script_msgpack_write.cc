#include <bit>
#include <cmath>
#include <cstdint>

#include "server/engine/script_msgpack.h"
#include "server/engine/script_packing.h"

namespace holdfast::server::engine {
namespace {

// Appends a type byte and a big-endian number of `size` bytes behind it.
void AppendTyped(std::string& out, unsigned type, uint64_t value, size_t size) {
  out += static_cast<char>(type);
  for (size_t i = size; i-- > 0;) out += static_cast<char>(value >> (i * 8));
}

void AppendPositive(std::string& out, uint64_t value) {
  if (value < 0x80) return AppendTyped(out, static_cast<unsigned>(value), 0, 0);
  if (value <= 0xff) return AppendTyped(out, 0xcc, value, 1);
  if (value <= 0xffff) return AppendTyped(out, 0xcd, value, 2);
  if (value <= 0xffffffff) return AppendTyped(out, 0xce, value, 4);
  AppendTyped(out, 0xcf, value, 8);
}

void AppendNegative(std::string& out, int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  if (value >= -32) return AppendTyped(out, static_cast<unsigned>(bits & 0xff), 0, 0);
  if (value >= INT8_MIN) return AppendTyped(out, 0xd0, bits, 1);
  if (value >= INT16_MIN) return AppendTyped(out, 0xd1, bits, 2);
  if (value >= INT32_MIN) return AppendTyped(out, 0xd2, bits, 4);
  AppendTyped(out, 0xd3, bits, 8);
}

void AppendNumber(std::string& out, lua_Number number) {
  constexpr lua_Number kTwo63 = 9223372036854775808.0;
  if (std::trunc(number) == number && number >= -kTwo63 && number < kTwo63) {
    const auto value = static_cast<int64_t>(number);
    return value < 0 ? AppendNegative(out, value) : AppendPositive(out, static_cast<uint64_t>(value));
  }
  const auto shorter = static_cast<float>(number);
  if (static_cast<lua_Number>(shorter) == number) {
    AppendTyped(out, 0xca, std::bit_cast<uint32_t>(shorter), 4);
  } else {
    AppendTyped(out, 0xcb, std::bit_cast<uint64_t>(number), 8);
  }
}

void AppendString(lua_State* lua, std::string& out) {
  size_t size = 0;
  const char* bytes = lua_tolstring(lua, -1, &size);
  if (out.size() + size > kMaxPackedBytes) luaL_error(lua, "packed string too large");
  if (size < 32) {
    AppendTyped(out, 0xa0U | static_cast<unsigned>(size), 0, 0);
  } else if (size <= 0xff) {
    AppendTyped(out, 0xd9, size, 1);
  } else if (size <= 0xffff) {
    AppendTyped(out, 0xda, size, 2);
  } else {
    AppendTyped(out, 0xdb, size, 4);
  }
  out.append(bytes, size);
}

// The head of an array or map: `few` with the count in it up to 15, else `many` and the byte behind it.
void AppendCount(std::string& out, unsigned few, unsigned many, size_t count) {
  if (count < 16) return AppendTyped(out, few | static_cast<unsigned>(count), 0, 0);
  if (count <= 0xffff) return AppendTyped(out, many, count, 2);
  AppendTyped(out, many + 1, count, 4);
}

// How many pairs the table on top has, and whether their keys are 1 to that number.
struct Shape {
  size_t pairs = 0;
  bool is_array = true;
};
Shape ShapeOf(lua_State* lua) {
  Shape shape;
  lua_Number largest = 0;
  for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1)) {
    ++shape.pairs;
    const lua_Number key = lua_type(lua, -2) == LUA_TNUMBER ? lua_tonumber(lua, -2) : 0;
    if (key < 1 || std::floor(key) != key) shape.is_array = false;
    largest = std::fmax(largest, key);
  }
  shape.is_array = shape.is_array && largest == static_cast<lua_Number>(shape.pairs);
  return shape;
}

void AppendTable(lua_State* lua, std::string& out, int depth) {
  luaL_checkstack(lua, 4, "table nested too deep");
  const Shape shape = ShapeOf(lua);
  if (shape.is_array) {
    AppendCount(out, 0x90, 0xdc, shape.pairs);
    for (size_t index = 1; index <= shape.pairs; ++index) {
      lua_rawgeti(lua, -1, static_cast<int>(index));
      AppendMessagePack(lua, out, depth + 1);
      lua_pop(lua, 1);
    }
    return;
  }
  AppendCount(out, 0x80, 0xde, shape.pairs);
  for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1)) {
    lua_pushvalue(lua, -2);
    AppendMessagePack(lua, out, depth + 1);
    lua_pop(lua, 1);
    AppendMessagePack(lua, out, depth + 1);
  }
}

}  // namespace

void AppendMessagePack(lua_State* lua, std::string& out, int depth) {
  constexpr unsigned kNil = 0xc0;
  constexpr unsigned kFalse = 0xc2;
  constexpr unsigned kTrue = 0xc3;
  if (out.size() > kMaxPackedBytes) luaL_error(lua, "packed string too large");
  switch (lua_type(lua, -1)) {
    case LUA_TSTRING:
      return AppendString(lua, out);
    case LUA_TNUMBER:
      return AppendNumber(out, lua_tonumber(lua, -1));
    case LUA_TBOOLEAN:
      return AppendTyped(out, lua_toboolean(lua, -1) != 0 ? kTrue : kFalse, 0, 0);
    case LUA_TTABLE:
      if (depth < kMaxMessagePackDepth) return AppendTable(lua, out, depth);
      [[fallthrough]];
    default:
      AppendTyped(out, kNil, 0, 0);
  }
}

}  // namespace holdfast::server::engine
