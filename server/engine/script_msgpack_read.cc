#include <bit>
#include <cstdint>

#include "server/engine/script_msgpack.h"

namespace holdfast::server::engine {
namespace {

void Need(lua_State* lua, const MessagePackSource& source, size_t bytes) {
  if (static_cast<size_t>(source.end - source.next) < bytes) luaL_error(lua, "Missing bytes in input.");
}

// A big-endian number of `size` bytes.
uint64_t TakeNumber(lua_State* lua, MessagePackSource& source, size_t size) {
  Need(lua, source, size);
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(*source.next++);
  return value;
}

int64_t TakeSigned(lua_State* lua, MessagePackSource& source, size_t size) {
  const uint64_t sign = uint64_t{1} << (size * 8 - 1);
  return static_cast<int64_t>((TakeNumber(lua, source, size) ^ sign) - sign);
}

void PushString(lua_State* lua, MessagePackSource& source, uint64_t size) {
  Need(lua, source, size);
  lua_pushlstring(lua, source.next, size);
  source.next += size;
}

void PushArray(lua_State* lua, MessagePackSource& source, uint64_t size) {
  luaL_checkstack(lua, 4, "value nested too deep");
  lua_createtable(lua, 0, 0);
  for (uint64_t index = 1; index <= size; ++index) {
    PushMessagePack(lua, source);
    lua_rawseti(lua, -2, static_cast<int>(index));
  }
}

void PushMap(lua_State* lua, MessagePackSource& source, uint64_t pairs) {
  luaL_checkstack(lua, 5, "value nested too deep");
  lua_createtable(lua, 0, 0);
  for (uint64_t i = 0; i < pairs; ++i) {
    PushMessagePack(lua, source);
    PushMessagePack(lua, source);
    lua_rawset(lua, -3);
  }
}

void PushInteger(lua_State* lua, int64_t value) { lua_pushnumber(lua, static_cast<lua_Number>(value)); }

// The types whose byte holds a number as well.
bool PushSmall(lua_State* lua, MessagePackSource& source, unsigned type) {
  if (type < 0x80) {
    PushInteger(lua, type);
  } else if (type < 0x90) {
    PushMap(lua, source, type & 15);
  } else if (type < 0xa0) {
    PushArray(lua, source, type & 15);
  } else if (type < 0xc0) {
    PushString(lua, source, type & 31);
  } else if (type >= 0xe0) {
    PushInteger(lua, static_cast<int8_t>(type));
  } else {
    return false;
  }
  return true;
}

float TakeFloat(lua_State* lua, MessagePackSource& source) {
  return std::bit_cast<float>(static_cast<uint32_t>(TakeNumber(lua, source, 4)));
}

}  // namespace

void PushMessagePack(lua_State* lua, MessagePackSource& source) {
  Need(lua, source, 1);
  const unsigned type = static_cast<unsigned char>(*source.next++);
  if (PushSmall(lua, source, type)) return;
  // Of the types in rows, each twice as long as the one before.
  const auto length = [type](unsigned first) { return size_t{1} << (type - first); };
  switch (type) {
    case 0xc0:
      return lua_pushnil(lua);
    case 0xc2:
      return lua_pushboolean(lua, 0);
    case 0xc3:
      return lua_pushboolean(lua, 1);
    case 0xca:
      return lua_pushnumber(lua, TakeFloat(lua, source));
    case 0xcb:
      return lua_pushnumber(lua, std::bit_cast<double>(TakeNumber(lua, source, 8)));
    case 0xcc:
    case 0xcd:
    case 0xce:
    // As in Redis: an unsigned number above the largest signed one comes out negative.
    case 0xcf:
      return PushInteger(lua, static_cast<int64_t>(TakeNumber(lua, source, length(0xcc))));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return PushInteger(lua, TakeSigned(lua, source, length(0xd0)));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return PushString(lua, source, TakeNumber(lua, source, length(0xd9)));
    case 0xdc:
    case 0xdd:
      return PushArray(lua, source, TakeNumber(lua, source, 2 * length(0xdc)));
    case 0xde:
    case 0xdf:
      return PushMap(lua, source, TakeNumber(lua, source, 2 * length(0xde)));
    default:
      luaL_error(lua, "Bad data format in input.");
  }
}

}  // namespace holdfast::server::engine
