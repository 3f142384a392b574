#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::server::command {

// A size as Redis's configuration has it: digits and a unit, or none: 1k is 1000, 1kb is 1024, so on with m,
// mb, g, gb, in any case. nullopt if it is none, or too large.
[[nodiscard]] std::optional<int64_t> ParseSize(std::string_view text);

// The same as CONFIG SET takes it: no digits are 0, leading zeros do not matter, and what is too large is the
// most that there is (Redis wraps around where a unit makes it so). nullopt if it is none.
[[nodiscard]] std::optional<uint64_t> ParseMemory(std::string_view text);

}  // namespace holdfast::server::command
