#pragma once

#include <string_view>

namespace holdfast::server::command {

// Redis's glob patterns, as KEYS, SCAN, PSUBSCRIBE and CONFIG GET use them: `*` any bytes, `?` one byte,
// `[abc]`, `[^a-z]`, `\` takes the next byte as it is. The whole of `text` must match. Time is bounded by
// the product of both lengths, whatever the pattern.
[[nodiscard]] bool GlobMatches(std::string_view pattern, std::string_view text);
// The same, ASCII letters compared in any case.
[[nodiscard]] bool GlobMatchesIgnoreCase(std::string_view pattern, std::string_view text);

}  // namespace holdfast::server::command
