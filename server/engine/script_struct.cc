#include <array>
#include <bit>
#include <cctype>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>

#include "server/engine/script_interpreter.h"
#include "server/engine/script_packing.h"

namespace holdfast::server::engine {
namespace {

constexpr size_t kMaxIntegerBytes = 32;
constexpr size_t kMaxAlignment = 8;

// Reads a format, option by option. No member needs destruction: Lua's errors may pass through it.
class Format {
 public:
  Format(lua_State* lua, const char* text) : lua_(lua), next_(text) {}

  // Goes to the next option; false at the end.
  bool Next() {
    if (*next_ == '\0') return false;
    option_ = *next_++;
    size_ = OptionSize();
    return true;
  }
  [[nodiscard]] char option() const { return option_; }
  // Bytes of the option's value, as far as the format alone says; 0 for s, c0 and what has no value.
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool little_endian() const { return little_endian_; }
  [[nodiscard]] bool is_integer() const { return std::strchr("bBhHlLTiI", option_) != nullptr; }
  [[nodiscard]] bool is_signed() const { return std::islower(static_cast<unsigned char>(option_)) != 0; }

  // Bytes to skip before the option's value at `position`.
  [[nodiscard]] size_t Padding(size_t position) const {
    if (size_ == 0 || option_ == 'c') return 0;
    const size_t size = size_ > alignment_ ? alignment_ : size_;
    return (size - (position & (size - 1))) & (size - 1);
  }

  // The option has no value: it changes how the others are read, or is an error.
  void Control() {
    switch (option_) {
      case ' ':
        break;
      case '<':
        little_endian_ = true;
        break;
      case '>':
        little_endian_ = false;
        break;
      case '!':
        alignment_ = Number(kMaxAlignment);
        if (!std::has_single_bit(alignment_)) {
          luaL_error(lua_, "alignment %d is not a power of 2", static_cast<int>(alignment_));
        }
        break;
      default:
        luaL_argerror(lua_, 1, lua_pushfstring(lua_, "invalid format option '%c'", option_));
    }
  }

 private:
  size_t Number(size_t otherwise) {
    if (std::isdigit(static_cast<unsigned char>(*next_)) == 0) return otherwise;
    int number = 0;
    while (std::isdigit(static_cast<unsigned char>(*next_)) != 0) {
      const int digit = *next_++ - '0';
      if (number > (INT_MAX - digit) / 10) luaL_error(lua_, "integral size overflow");
      number = number * 10 + digit;
    }
    return static_cast<size_t>(number);
  }

  size_t OptionSize() {
    switch (option_) {
      case 'b':
      case 'B':
      case 'x':
        return 1;
      case 'h':
      case 'H':
        return 2;
      case 'l':
      case 'L':
      case 'T':
      case 'd':
        return 8;
      case 'f':
        return 4;
      case 'c':
        return Number(1);
      case 'i':
      case 'I':
        return IntegerSize();
      default:
        return 0;
    }
  }

  size_t IntegerSize() {
    const size_t size = Number(4);
    if (size > kMaxIntegerBytes) {
      luaL_error(lua_, "integral size %d is larger than limit of %d", static_cast<int>(size),
                 static_cast<int>(kMaxIntegerBytes));
    }
    return size;
  }

  lua_State* lua_;
  const char* next_;
  char option_ = '\0';
  size_t size_ = 0;
  bool little_endian_ = true;
  size_t alignment_ = 1;
};

// The `i`-th byte of a value of `size` bytes stands at this place.
size_t Place(const Format& format, size_t i, size_t size) {
  return format.little_endian() ? i : size - 1 - i;
}

void AppendInteger(std::string& out, const Format& format, uint64_t value, size_t size) {
  std::array<char, kMaxIntegerBytes> bytes{};
  for (size_t i = 0; i < size; ++i, value >>= 8) bytes[Place(format, i, size)] = static_cast<char>(value);
  out.append(bytes.data(), size);
}

// A double as a C cast makes it on x86-64; what does not fit is some number.
uint64_t ToBits(lua_Number number) {
  constexpr lua_Number kTwo63 = 9223372036854775808.0;
  constexpr uint64_t kHighBit = uint64_t{1} << 63;
  if (number >= -kTwo63 && number < kTwo63) return static_cast<uint64_t>(static_cast<int64_t>(number));
  if (number >= kTwo63 && number < 2 * kTwo63) return static_cast<uint64_t>(number - kTwo63) + kHighBit;
  return kHighBit;
}

uint64_t ReadInteger(const char* bytes, const Format& format, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[Place(format, i, size)]);
  }
  return value;
}

lua_Number ReadNumber(const char* bytes, const Format& format) {
  const size_t size = format.size();
  const uint64_t value = ReadInteger(bytes, format, size);
  if (!format.is_signed()) return static_cast<lua_Number>(value);
  if (size == 0 || size >= sizeof value) return static_cast<lua_Number>(static_cast<int64_t>(value));
  const uint64_t sign = uint64_t{1} << (size * 8 - 1);
  return static_cast<lua_Number>(static_cast<int64_t>((value ^ sign) - sign));
}

// Appends the string argument `argument`; how many bytes that took.
void PackString(lua_State* lua, const Format& format, int argument, std::string& out) {
  size_t length = 0;
  const char* bytes = luaL_checklstring(lua, argument, &length);
  const size_t size = format.size() == 0 ? length : format.size();
  luaL_argcheck(lua, length >= size, argument + 1, "string too short");
  if (out.size() + size > kMaxPackedBytes) luaL_error(lua, "packed string too large");
  out.append(bytes, size);
  if (format.option() == 's') out += '\0';
}

// Packs one value; true if it has taken the argument.
bool PackOption(lua_State* lua, Format& format, int argument, std::string& out) {
  if (format.is_integer()) {
    AppendInteger(out, format, ToBits(luaL_checknumber(lua, argument)), format.size());
    return true;
  }
  switch (format.option()) {
    case 'x':
      out += '\0';
      return false;
    case 'f': {
      const auto number = static_cast<float>(luaL_checknumber(lua, argument));
      AppendInteger(out, format, std::bit_cast<uint32_t>(number), sizeof number);
      return true;
    }
    case 'd':
      AppendInteger(out, format, std::bit_cast<uint64_t>(luaL_checknumber(lua, argument)), sizeof(double));
      return true;
    case 'c':
    case 's':
      PackString(lua, format, argument, out);
      return true;
    default:
      format.Control();
      return false;
  }
}

int Pack(lua_State* lua) {
  Format format(lua, luaL_checkstring(lua, 1));
  std::string& out = Interpreter::RunOf(lua).text;
  out.clear();
  // So that a missing argument is a nil of its own and not what the work leaves on the stack.
  lua_pushnil(lua);
  int argument = 2;
  while (format.Next()) {
    out.append(format.Padding(out.size()), '\0');
    if (PackOption(lua, format, argument, out)) ++argument;
  }
  lua_pushlstring(lua, out.data(), out.size());
  return 1;
}

void CheckRoom(lua_State* lua, size_t position, size_t size, size_t length) {
  luaL_argcheck(lua, size <= length && position <= length - size, 2, "data string too short");
}

// What unpack reads, and where it is.
struct Source {
  const char* data;
  size_t length;
  size_t position;
  int values = 0;
};

void UnpackBytes(lua_State* lua, const Format& format, Source& source) {
  size_t size = format.size();
  if (size == 0) {
    if (source.values == 0 || lua_isnumber(lua, -1) == 0) {
      luaL_error(lua, "format 'c0' needs a previous size");
    }
    const lua_Number number = lua_tonumber(lua, -1);
    size = number >= 0 && number <= static_cast<lua_Number>(SIZE_MAX / 2) ? static_cast<size_t>(number)
                                                                          : SIZE_MAX;
    lua_pop(lua, 1);
    --source.values;
    CheckRoom(lua, source.position, size, source.length);
  }
  lua_pushlstring(lua, source.data + source.position, size);
  source.position += size;
}

void UnpackZeroEnded(lua_State* lua, Source& source) {
  const char* begin = source.data + source.position;
  const void* end = std::memchr(begin, 0, source.length - source.position);
  if (end == nullptr) luaL_error(lua, "unfinished string in data");
  const auto size = static_cast<size_t>(static_cast<const char*>(end) - begin);
  lua_pushlstring(lua, begin, size);
  source.position += size + 1;
}

void UnpackFixed(lua_State* lua, const Format& format, Source& source) {
  const char* bytes = source.data + source.position;
  switch (format.option()) {
    case 'f':
      lua_pushnumber(lua, std::bit_cast<float>(static_cast<uint32_t>(ReadInteger(bytes, format, 4))));
      break;
    case 'd':
      lua_pushnumber(lua, std::bit_cast<double>(ReadInteger(bytes, format, 8)));
      break;
    default:
      lua_pushnumber(lua, ReadNumber(bytes, format));
  }
  source.position += format.size();
}

void UnpackOption(lua_State* lua, Format& format, Source& source) {
  const char option = format.option();
  if (option == 'x') {
    ++source.position;
  } else if (option == 'c') {
    UnpackBytes(lua, format, source);
    ++source.values;
  } else if (option == 's') {
    UnpackZeroEnded(lua, source);
    ++source.values;
  } else if (option == 'f' || option == 'd' || format.is_integer()) {
    UnpackFixed(lua, format, source);
    ++source.values;
  } else {
    format.Control();
  }
}

int Unpack(lua_State* lua) {
  Format format(lua, luaL_checkstring(lua, 1));
  Source source{};
  source.data = luaL_checklstring(lua, 2, &source.length);
  const lua_Integer first = luaL_optinteger(lua, 3, 1);
  luaL_argcheck(lua, first != 0, 3, "offset must be 1 or greater");
  source.position = static_cast<size_t>(first) - 1;
  lua_settop(lua, 3);
  while (format.Next()) {
    source.position += format.Padding(source.position);
    CheckRoom(lua, source.position, format.size(), source.length);
    luaL_checkstack(lua, 2, "too many results");
    UnpackOption(lua, format, source);
  }
  lua_pushinteger(lua, static_cast<lua_Integer>(source.position + 1));
  return source.values + 1;
}

int Size(lua_State* lua) {
  Format format(lua, luaL_checkstring(lua, 1));
  size_t size = 0;
  while (format.Next()) {
    size += format.Padding(size);
    if (format.option() == 's') luaL_argerror(lua, 1, "option 's' has no fixed size");
    if (format.option() == 'c' && format.size() == 0) {
      luaL_argerror(lua, 1, "option 'c0' has no fixed size");
    }
    if (std::isalnum(static_cast<unsigned char>(format.option())) == 0) format.Control();
    size += format.size();
  }
  lua_pushinteger(lua, static_cast<lua_Integer>(size));
  return 1;
}

}  // namespace

int OpenStruct(lua_State* lua) {
  lua_createtable(lua, 0, 3);
  lua_pushcfunction(lua, &Pack);
  lua_setfield(lua, -2, "pack");
  lua_pushcfunction(lua, &Unpack);
  lua_setfield(lua, -2, "unpack");
  lua_pushcfunction(lua, &Size);
  lua_setfield(lua, -2, "size");
  return 1;
}

}  // namespace holdfast::server::engine
