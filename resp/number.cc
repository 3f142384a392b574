#include "resp/number.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <system_error>

namespace holdfast::resp {
namespace {

// Redis's MAX_LONG_DOUBLE_CHARS: it reads no longer long double, and none prints longer.
constexpr size_t kMaxLongDoubleLength = 5 * 1024;

constexpr bool IsHex(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
}

template <typename Float>
std::optional<Float> ParseFloat(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  // from_chars would take a second sign.
  if (text.empty() || text[0] == '-') return std::nullopt;

  const bool hex = IsHex(text);
  if (hex) {
    text.remove_prefix(2);
    // After "0x" from_chars would still read a sign, "inf" or "nan".
    if (text[0] != '.' && std::isxdigit(static_cast<unsigned char>(text[0])) == 0) return std::nullopt;
  }
  Float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value,
                                            hex ? std::chars_format::hex : std::chars_format::general);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(value)) return std::nullopt;
  return negative ? -value : value;
}

// Whole numbers in this range print as integers: double's integers below 2^62 convert without loss.
constexpr int64_t kMaxWhole = std::numeric_limits<int64_t>::max() / 2;
constexpr auto kMaxWholeNumber = static_cast<double>(kMaxWhole);

bool IsPrintedAsInteger(double value) {
  return std::abs(value) <= kMaxWholeNumber && value == static_cast<double>(static_cast<int64_t>(value));
}

template <typename Integer>
void AppendInteger(std::string& out, Integer value) {
  std::array<char, 24> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), result.ptr);
}

// The shortest decimal form: value = digits * 10^power.
struct Decimal {
  std::string digits;
  int power;
};

Decimal ShortestDecimal(double magnitude) {
  std::array<char, 32> text;
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::scientific);
  const std::string_view scientific(text.data(), result.ptr - text.data());
  const size_t e = scientific.find('e');
  const size_t exponent_digits = e + (scientific[e + 1] == '+' ? 2 : 1);
  int exponent = 0;
  std::from_chars(scientific.data() + exponent_digits, result.ptr, exponent);

  std::string digits(scientific.substr(0, 1));
  if (e > 2) digits += scientific.substr(2, e - 2);
  const int power = exponent - static_cast<int>(digits.size()) + 1;
  return {std::move(digits), power};
}

void AppendPlainDecimal(std::string& out, const Decimal& decimal) {
  const int whole_digits = static_cast<int>(decimal.digits.size()) + decimal.power;
  if (whole_digits <= 0) {
    out += "0.";
    out.append(-whole_digits, '0');
    out += decimal.digits;
  } else {
    out.append(decimal.digits, 0, whole_digits);
    out += '.';
    out.append(decimal.digits, whole_digits);
  }
}

void AppendScientific(std::string& out, const Decimal& decimal, int exponent) {
  out += decimal.digits[0];
  if (decimal.digits.size() > 1) {
    out += '.';
    out.append(decimal.digits, 1);
  }
  out += 'e';
  out += exponent < 0 ? '-' : '+';
  AppendInteger(out, std::abs(exponent));
}

// The choice between the three layouts is that of fpconv_dtoa, the library Redis prints doubles with.
void AppendDecimal(std::string& out, const Decimal& decimal) {
  const int count = static_cast<int>(decimal.digits.size());
  const int exponent = decimal.power + count - 1;
  const int magnitude = std::abs(exponent);
  if (decimal.power >= 0 && magnitude < count + 7) {
    out += decimal.digits;
    out.append(decimal.power, '0');
  } else if (decimal.power < 0 && (decimal.power > -7 || magnitude < 4)) {
    AppendPlainDecimal(out, decimal);
  } else {
    AppendScientific(out, decimal, exponent);
  }
}

std::string Infinity(bool negative) { return negative ? "-inf" : "inf"; }

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  const size_t first_digit = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == first_digit) return std::nullopt;
  if (text[first_digit] == '0') return text == "0" ? std::optional<int64_t>(0) : std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) { return ParseFloat<double>(text); }

std::optional<long double> ParseLongDouble(std::string_view text) {
  if (text.size() >= kMaxLongDoubleLength) return std::nullopt;
  // GCC's from_chars hands "inf" and "nan" of this type to strtold, which looks for a zero byte behind them.
  const std::string terminated(text);
  return ParseFloat<long double>(terminated);
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return Infinity(value < 0);
  std::string out;
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  if (IsPrintedAsInteger(value)) {
    AppendInteger(out, static_cast<int64_t>(value));
    return out;
  }
  if (value < 0) out += '-';
  AppendDecimal(out, ShortestDecimal(std::abs(value)));
  return out;
}

std::string FormatLongDouble(long double value) {
  if (std::isinf(value)) return Infinity(value < 0);
  std::array<char, kMaxLongDoubleLength> text;
  const int length = std::snprintf(text.data(), text.size(), "%.17Lf", value);
  std::string_view out(text.data(), length);
  if (out.find('.') != out.npos) {
    out.remove_suffix(out.size() - 1 - out.find_last_not_of('0'));
    if (out.back() == '.') out.remove_suffix(1);
  }
  return out == "-0" ? "0" : std::string(out);
}

}  // namespace holdfast::resp
