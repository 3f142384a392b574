#include "resp/number_line.h"

#include <algorithm>

#include "resp/limits.h"
#include "resp/number.h"

namespace holdfast::resp {
namespace {

// Any number of so many digits fits into 64 bits.
constexpr size_t kSafeDigits = 18;

NumberLine ReadAnyLine(std::string_view input, size_t scanned) {
  const size_t cr = input.find('\r', std::min(scanned, input.size()));
  if (std::min(cr, input.size()) > kMaxLineBytes) return {NumberLine::Status::kTooLong};
  if (cr == input.npos || cr + 2 > input.size()) return {NumberLine::Status::kIncomplete};
  const auto value = cr == 0 ? std::nullopt : ParseInteger(input.substr(1, cr - 1));
  if (!value) return {NumberLine::Status::kMalformed};
  return {NumberLine::Status::kRead, *value, cr + 2};
}

}  // namespace

NumberLine ReadNumberLine(std::string_view input, size_t scanned) {
  int64_t value = 0;
  size_t i = 1;
  const size_t end = std::min(input.size(), kSafeDigits + 1);
  for (; i < end; ++i) {
    const unsigned digit = static_cast<unsigned char>(input[i]) - unsigned{'0'};
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  // A leading zero, a sign and every kind of fault are left to the thorough way.
  const bool plain = i > 1 && i + 2 <= input.size() && input[i] == '\r' && (input[1] != '0' || i == 2);
  if (plain) return {NumberLine::Status::kRead, value, i + 2};
  return ReadAnyLine(input, scanned);
}

}  // namespace holdfast::resp
