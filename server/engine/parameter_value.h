#pragma once

#include <string>
#include <string_view>

#include "server/engine/parameters.h"

namespace holdfast::server::engine {

// A text brought to its normal form ("1mb" -> "1048576", "YES" -> "yes").
struct Normalized {
  std::string text;
  // Why the text is refused, in Redis's words; empty if it is not.
  std::string refusal;
};
// What a text leaves unsaid (kBuffers) stays as in `current`; empty: the preset.
[[nodiscard]] Normalized Normalize(const Parameter& parameter, std::string_view text,
                                   std::string_view current = {});

}  // namespace holdfast::server::engine
