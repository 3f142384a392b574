#include "server/command/size_text.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

// How many bytes the unit is.
std::optional<uint64_t> FactorOf(std::string_view unit) {
  constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
      {"", 1},         {"b", 1},          {"k", 1000},     {"kb", 1 << 10}, {"m", 1000 * 1000},
      {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30},
  };
  for (const auto& [name, factor] : kUnits) {
    if (command::EqualsIgnoreCase(unit, name)) return factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> ParseSize(std::string_view text) {
  const std::optional<uint64_t> size = ParseMemory(text);
  const bool begins_well = text.starts_with('0') ? text.find_first_of("0123456789", 1) == text.npos
                                                 : text.find_first_of("123456789") == 0;
  if (!size || !begins_well || *size > kMost / 2) return std::nullopt;
  return static_cast<int64_t>(*size);
}

std::optional<uint64_t> ParseMemory(std::string_view text) {
  constexpr size_t kMostDigits = 127;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<uint64_t> factor = FactorOf(text.substr(digits));
  if (!factor || digits > kMostDigits) return std::nullopt;
  uint64_t size = 0;
  bool overflows = false;
  for (const char digit : text.substr(0, digits)) {
    overflows = overflows || __builtin_mul_overflow(size, 10, &size) ||
                __builtin_add_overflow(size, static_cast<uint64_t>(digit - '0'), &size);
  }
  overflows = overflows || __builtin_mul_overflow(size, *factor, &size);
  return overflows ? kMost : size;
}

}  // namespace holdfast::server::command
