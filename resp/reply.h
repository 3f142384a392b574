#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::resp {

// A parsed reply: what a client sees of it. For Lua, tools and tests; the server itself only writes replies
// (reply_writer.h).
struct Reply {
  enum class Type : uint8_t {
    kNull,          // $-1 or _
    kNullArray,     // *-1
    kSimpleString,  // +
    kError,         // - or !
    kInteger,       // :
    kBulk,          // $
    kArray,         // *
    kMap,           // %
    kSet,           // ~
    kPush,          // >
    kBoolean,       // #
    kDouble,        // ,
    kBigNumber,     // (
    kVerbatim,      // =
  };

  Type type = Type::kNull;
  // Bytes of a string, bulk or verbatim; an error with its code word; a double or big number as it was sent.
  std::string text;
  std::string format;           // of a verbatim: three characters, "txt" or "mkd"
  int64_t integer = 0;          // of an integer; of a boolean 0 or 1
  double number = 0;            // of a double
  std::vector<Reply> elements;  // of an aggregate; of a map key, value, key, value ...

  [[nodiscard]] bool is_null() const { return type == Type::kNull || type == Type::kNullArray; }
  [[nodiscard]] bool is_error() const { return type == Type::kError; }
  [[nodiscard]] bool is_aggregate() const {
    return type == Type::kArray || type == Type::kMap || type == Type::kSet || type == Type::kPush;
  }
  // `number` follows from `text`, and NaN would not be equal to itself.
  bool operator==(const Reply& other) const {
    return type == other.type && text == other.text && format == other.format && integer == other.integer &&
           elements == other.elements;
  }
};

// `reply` as redis-cli shows it on a terminal, several lines perhaps, without a line end behind the last:
//
//   1) "job"
//   2) (integer) 3
//   3) 1# "state" => (nil)
//
// A big number, which redis-cli cannot show, is shown as "(big number) 123".
[[nodiscard]] std::string FormatReply(const Reply& reply);

// `bytes` in double quotes, with \" \\ \n \r \t \a \b, and \xHH for what is not printable ASCII, as redis-cli
// quotes.
[[nodiscard]] std::string Quoted(std::string_view bytes);

}  // namespace holdfast::resp
