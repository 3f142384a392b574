#include <cstring>

#include "server/engine/script_conversion.h"

namespace holdfast::server::engine {
namespace {

using resp::Protocol;
using resp::Reply;

void PushString(lua_State* lua, const std::string& text) { lua_pushlstring(lua, text.data(), text.size()); }

// Pushes {`field`=`text`}.
void PushField(lua_State* lua, const char* field, const std::string& text) {
  lua_createtable(lua, 0, 1);
  PushString(lua, text);
  lua_setfield(lua, -2, field);
}

// Puts the table on top into a new one: {`field`=table}.
void WrapInField(lua_State* lua, const char* field) {
  lua_createtable(lua, 0, 1);
  lua_insert(lua, -2);
  lua_setfield(lua, -2, field);
}

void PushArray(lua_State* lua, const Reply& reply, Protocol protocol) {
  lua_createtable(lua, static_cast<int>(reply.elements.size()), 0);
  int index = 0;
  for (const Reply& element : reply.elements) {
    PushReply(lua, element, protocol);
    lua_rawseti(lua, -2, ++index);
  }
}

void PushMap(lua_State* lua, const Reply& reply, Protocol protocol) {
  lua_createtable(lua, 0, static_cast<int>(reply.elements.size() / 2));
  for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    PushReply(lua, reply.elements[i], protocol);
    PushReply(lua, reply.elements[i + 1], protocol);
    lua_rawset(lua, -3);
  }
  WrapInField(lua, "map");
}

void PushSet(lua_State* lua, const Reply& reply, Protocol protocol) {
  lua_createtable(lua, 0, static_cast<int>(reply.elements.size()));
  for (const Reply& element : reply.elements) {
    PushReply(lua, element, protocol);
    lua_pushboolean(lua, 1);
    lua_rawset(lua, -3);
  }
  WrapInField(lua, "set");
}

void PushVerbatim(lua_State* lua, const Reply& reply) {
  lua_createtable(lua, 0, 2);
  PushString(lua, reply.text);
  lua_setfield(lua, -2, "string");
  PushString(lua, reply.format);
  lua_setfield(lua, -2, "format");
  WrapInField(lua, "verbatim_string");
}

void PushDouble(lua_State* lua, double number) {
  lua_createtable(lua, 0, 1);
  lua_pushnumber(lua, number);
  lua_setfield(lua, -2, "double");
}

}  // namespace

void PushError(lua_State* lua, const char* text, size_t size) {
  lua_createtable(lua, 0, 1);
  lua_pushlstring(lua, text, size);
  lua_setfield(lua, -2, "err");
}

void PushError(lua_State* lua, const char* text) { PushError(lua, text, std::strlen(text)); }

void PushReply(lua_State* lua, const Reply& reply, Protocol protocol) {
  luaL_checkstack(lua, 5, "reply nested too deep");
  switch (reply.type) {
    case Reply::Type::kNull:
    case Reply::Type::kNullArray:
      protocol == Protocol::kResp2 ? lua_pushboolean(lua, 0) : lua_pushnil(lua);
      break;
    case Reply::Type::kSimpleString:
      PushField(lua, "ok", reply.text);
      break;
    case Reply::Type::kError:
      PushError(lua, reply.text.data(), reply.text.size());
      break;
    case Reply::Type::kInteger:
      lua_pushnumber(lua, static_cast<lua_Number>(reply.integer));
      break;
    case Reply::Type::kBulk:
      PushString(lua, reply.text);
      break;
    case Reply::Type::kArray:
    case Reply::Type::kPush:
      PushArray(lua, reply, protocol);
      break;
    case Reply::Type::kMap:
      PushMap(lua, reply, protocol);
      break;
    case Reply::Type::kSet:
      PushSet(lua, reply, protocol);
      break;
    case Reply::Type::kBoolean:
      lua_pushboolean(lua, reply.integer != 0);
      break;
    case Reply::Type::kDouble:
      PushDouble(lua, reply.number);
      break;
    case Reply::Type::kBigNumber:
      PushField(lua, "big_number", reply.text);
      break;
    case Reply::Type::kVerbatim:
      PushVerbatim(lua, reply);
      break;
  }
}

}  // namespace holdfast::server::engine
