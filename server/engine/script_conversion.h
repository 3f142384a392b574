#pragma once

#include <cstddef>

#include "resp/reply.h"
#include "resp/reply_writer.h"
#include "server/engine/script_lua.h"

namespace holdfast::server::engine {

// Between replies and Lua's values, as
// https://redis.io/docs/interact/programmability/lua-api/#data-type-conversion says. All functions may raise
// Lua errors.

// Pushes what a script sees of a command's reply that was written in `protocol`: integer -> number, bulk ->
// string, status -> {ok=}, error -> {err=}, array -> table, null -> false (RESP2) or nil (RESP3), map ->
// {map=}, set -> {set={member=true}}, double -> {double=}, boolean -> boolean, big number -> {big_number=},
// verbatim -> {verbatim_string={string=, format=}}. [-0, +1]
void PushReply(lua_State* lua, const resp::Reply& reply, resp::Protocol protocol);

// Pushes {err=`text`}. [-0, +1]
void PushError(lua_State* lua, const char* text, size_t size);
void PushError(lua_State* lua, const char* text);

// How large the reply of a script may become: a table may hold itself, or one string, many times.
struct ReplyBounds {
  size_t values = size_t{1} << 22;
  size_t bytes = size_t{1} << 30;
};

// Writes the value on top as the script's reply: numbers lose their fraction, tables end at their first nil,
// false is null where the script speaks RESP2. The tables above are understood as well. `protocol` is the
// script's; `out` knows the caller's. A value beyond the bounds is answered with an error; one that is nested
// too deep has errors in it, as in Redis. [-1, +0]
void WriteValue(lua_State* lua, resp::ReplyWriter& out, resp::Protocol protocol, ReplyBounds bounds = {});

}  // namespace holdfast::server::engine
