#pragma once

#include <array>
#include <string_view>

namespace holdfast::server::engine {

// 40 lower-case hexadecimal digits, no end mark.
using Sha1Digits = std::array<char, 40>;

// The name of a script, and redis.sha1hex.
[[nodiscard]] Sha1Digits Sha1Hex(std::string_view bytes);

[[nodiscard]] inline std::string_view View(const Sha1Digits& digits) {
  return {digits.data(), digits.size()};
}

}  // namespace holdfast::server::engine
