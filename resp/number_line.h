#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::resp {

// The number behind a type byte, as in "*3\r\n" or "$512\r\n": the hot path of both parsers.
struct NumberLine {
  enum class Status : uint8_t {
    kRead,        // `value` and `size` are set
    kIncomplete,  // the line's end has not arrived
    kTooLong,     // more than kMaxLineBytes without an end, type byte included
    kMalformed,   // a whole line, but not an integer as ParseInteger takes it
  };
  Status status;
  int64_t value = 0;
  size_t size = 0;  // of the whole line: type byte, digits, CR and the byte behind it
};

// Reads the line that `input` begins with; its first byte, the type, is not looked at. As Redis does, takes
// whatever byte follows CR for the LF. The first `scanned` bytes are known to hold no CR: a caller who is fed
// byte by byte passes the former input's size and so pays for each byte once.
[[nodiscard]] NumberLine ReadNumberLine(std::string_view input, size_t scanned = 0);

}  // namespace holdfast::resp
