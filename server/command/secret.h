#pragma once

#include <string>
#include <string_view>

namespace holdfast::server::command {

// 64 lower-case hexadecimal digits: how passwords are kept.
[[nodiscard]] std::string Sha256Hex(std::string_view bytes);

// Whether both are equal; the time it takes tells only the lengths, not how much was right.
[[nodiscard]] bool SameSecret(std::string_view a, std::string_view b);

}  // namespace holdfast::server::command
