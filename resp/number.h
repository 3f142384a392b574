#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::resp {

// The whole of `text` as a signed 64-bit decimal as Redis takes it in commands: no sign but '-', no spaces,
// no leading zeros (but "0" itself), no "-0". nullopt otherwise.
[[nodiscard]] std::optional<int64_t> ParseInteger(std::string_view text);

// The whole of `text` as a double as Redis's getDoubleFromObject takes it: decimal, exponent, hexadecimal,
// "inf",
// "+inf", "-inf", "infinity" in any case. No spaces, no NaN; nullopt otherwise (and when out of range).
[[nodiscard]] std::optional<double> ParseDouble(std::string_view text);

// The same in long double precision, for INCRBYFLOAT and HINCRBYFLOAT.
[[nodiscard]] std::optional<long double> ParseLongDouble(std::string_view text);

// The shortest text that reads back as `value`, laid out as Redis 7.2 does it for scores and RESP3 doubles:
// "3", "0.1", "1e+21", "1.7953375404021392e+9", "-0", "inf", "-inf", "nan".
[[nodiscard]] std::string FormatDouble(double value);

// As Redis prints the result of INCRBYFLOAT: at most 17 digits after the point, no exponent, no trailing
// zeros.
[[nodiscard]] std::string FormatLongDouble(long double value);

}  // namespace holdfast::resp
