#pragma once

namespace holdfast::server::engine {

// This server's own version, as INFO, --version and the CHANGELOG give it.
inline constexpr const char kHoldfastVersion[] = "0.1.0";

}  // namespace holdfast::server::engine
