#include "server/engine/size_text.h"

#include <algorithm>
#include <utility>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::server::engine {

std::optional<int64_t> ParseSize(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<int64_t> number = resp::ParseInteger(text.substr(0, digits));
  if (!number) return std::nullopt;
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"", 1},         {"b", 1},          {"k", 1000},     {"kb", 1 << 10}, {"m", 1000 * 1000},
      {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30},
  };
  for (const auto& [unit, factor] : kUnits) {
    if (!command::EqualsIgnoreCase(text.substr(digits), unit)) continue;
    int64_t bytes = 0;
    if (__builtin_mul_overflow(*number, factor, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

}  // namespace holdfast::server::engine
