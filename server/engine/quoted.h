#pragma once

#include <string>
#include <string_view>

namespace holdfast::server::engine {

// A client's bytes for a line of text, as Redis shows them: in double quotes; what is not printable ASCII is
// escaped ("\n", "\x00").
[[nodiscard]] std::string Quoted(std::string_view bytes);

}  // namespace holdfast::server::engine
