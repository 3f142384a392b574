#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::server::engine {

// A size as Redis's configuration has it: digits and a unit, or none: 1k is 1000, 1kb is 1024, so on with m,
// mb, g, gb, in any case. nullopt if it is none, or too large.
[[nodiscard]] std::optional<int64_t> ParseSize(std::string_view text);

}  // namespace holdfast::server::engine
