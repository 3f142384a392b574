#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "server/engine/script_conversion.h"

namespace holdfast::server::engine {
namespace {

using resp::Protocol;
using resp::ReplyWriter;

// Truncated as a C cast does on x86-64: what does not fit, and NaN, is the smallest integer.
int64_t ToInteger(lua_Number number) {
  constexpr lua_Number kLimit = 9223372036854775808.0;
  if (number >= -kLimit && number < kLimit) return static_cast<int64_t>(number);
  return std::numeric_limits<int64_t>::min();
}

// The string on top; its view lives as long as it stays there.
std::string_view TopString(lua_State* lua) {
  size_t size = 0;
  const char* bytes = lua_tolstring(lua, -1, &size);
  return {bytes, size};
}

// Writes one value with all that it holds. No member needs destruction: Lua's errors may pass through it.
class ValueWriter {
 public:
  ValueWriter(lua_State* lua, ReplyWriter& out, Protocol protocol, ReplyBounds bounds)
      : lua_(lua), out_(out), protocol_(protocol), bounds_(bounds), begin_(out.size()) {}

  // The reply is larger than it may be; it is not whole.
  [[nodiscard]] bool overflown() const {
    return values_ > bounds_.values || out_.size() - begin_ > bounds_.bytes;
  }

  // Takes the value on top.
  void Write() {
    ++values_;
    if (lua_checkstack(lua_, 4) == 0) {
      out_.Error("ERR reached lua stack limit");
    } else if (lua_istable(lua_, -1)) {
      WriteTable();
    } else {
      WriteScalar();
    }
    lua_pop(lua_, 1);
  }

 private:
  void WriteScalar() {
    switch (lua_type(lua_, -1)) {
      case LUA_TSTRING:
        out_.Bulk(TopString(lua_));
        break;
      case LUA_TNUMBER:
        out_.Integer(ToInteger(lua_tonumber(lua_, -1)));
        break;
      case LUA_TBOOLEAN:
        WriteBoolean(lua_toboolean(lua_, -1) != 0);
        break;
      default:
        out_.Null();
    }
  }

  void WriteBoolean(bool value) {
    if (protocol_ == Protocol::kResp3) {
      out_.Boolean(value);
    } else if (value) {
      out_.Integer(1);
    } else {
      out_.Null();
    }
  }

  // Pushes the field and returns true if it is of `type`.
  bool PushField(const char* name, int type) {
    lua_pushstring(lua_, name);
    lua_rawget(lua_, -2);
    if (lua_type(lua_, -1) == type) return true;
    lua_pop(lua_, 1);
    return false;
  }

  // All but WriteArray leave the field that decided on the stack.
  void WriteTable() {
    if (PushField("err", LUA_TSTRING)) {
      out_.Error(TopString(lua_));
    } else if (PushField("ok", LUA_TSTRING)) {
      WriteStatus();
    } else if (PushField("double", LUA_TNUMBER)) {
      out_.Double(lua_tonumber(lua_, -1));
    } else if (PushField("big_number", LUA_TSTRING)) {
      WriteBigNumber();
    } else if (PushField("verbatim_string", LUA_TTABLE)) {
      if (!WriteVerbatim()) {
        lua_pop(lua_, 1);
        return WriteArray();
      }
    } else if (PushField("map", LUA_TTABLE)) {
      WriteMap();
    } else if (PushField("set", LUA_TTABLE)) {
      WriteSet();
    } else {
      return WriteArray();
    }
    lua_pop(lua_, 1);
  }

  // A line of the protocol has to stay one.
  void ReplaceLineEnds() {
    if (TopString(lua_).find_first_of("\r\n") == std::string_view::npos) return;
    luaL_gsub(lua_, lua_tostring(lua_, -1), "\r", " ");
    lua_replace(lua_, -2);
    luaL_gsub(lua_, lua_tostring(lua_, -1), "\n", " ");
    lua_replace(lua_, -2);
  }

  void WriteStatus() {
    ReplaceLineEnds();
    out_.SimpleString(TopString(lua_));
  }

  void WriteBigNumber() {
    ReplaceLineEnds();
    out_.BigNumber(TopString(lua_));
  }

  // A format has three letters.
  void WriteVerbatimText(std::string_view format, std::string_view text) {
    std::array<char, 3> letters = {' ', ' ', ' '};
    std::copy_n(format.begin(), std::min(format.size(), letters.size()), letters.begin());
    out_.Verbatim({letters.data(), letters.size()}, text);
  }

  bool WriteVerbatim() {
    if (!PushField("format", LUA_TSTRING)) return false;
    const std::string_view format = TopString(lua_);
    lua_pushliteral(lua_, "string");
    lua_rawget(lua_, -3);
    const bool complete = lua_type(lua_, -1) == LUA_TSTRING;
    if (complete) WriteVerbatimText(format, TopString(lua_));
    lua_pop(lua_, 2);
    return complete;
  }

  size_t CountPairs() {
    size_t pairs = 0;
    for (lua_pushnil(lua_); lua_next(lua_, -2) != 0; lua_pop(lua_, 1)) ++pairs;
    return pairs;
  }

  void WriteMap() {
    out_.Map(CountPairs());
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      if (overflown()) return lua_pop(lua_, 2);
      lua_pushvalue(lua_, -2);
      Write();
      Write();
    }
  }

  void WriteSet() {
    out_.Set(CountPairs());
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      if (overflown()) return lua_pop(lua_, 2);
      lua_pop(lua_, 1);
      lua_pushvalue(lua_, -1);
      Write();
    }
  }

  // Up to the first nil, which lua_objlen need not find.
  int CountElements() {
    for (int index = 1;; ++index) {
      lua_rawgeti(lua_, -1, index);
      const bool end = lua_isnil(lua_, -1);
      lua_pop(lua_, 1);
      if (end) return index - 1;
    }
  }

  void WriteArray() {
    const int size = CountElements();
    out_.Array(static_cast<size_t>(size));
    for (int index = 1; index <= size && !overflown(); ++index) {
      lua_rawgeti(lua_, -1, index);
      Write();
    }
  }

  lua_State* lua_;
  ReplyWriter& out_;
  const Protocol protocol_;
  const ReplyBounds bounds_;
  const size_t begin_;
  size_t values_ = 0;
};

}  // namespace

void WriteValue(lua_State* lua, ReplyWriter& out, Protocol protocol, ReplyBounds bounds) {
  const size_t begin = out.size();
  ValueWriter writer(lua, out, protocol, bounds);
  writer.Write();
  if (!writer.overflown()) return;
  out.Truncate(begin);
  out.Error("ERR the script's reply is too large");
}

}  // namespace holdfast::server::engine
