#pragma once

#include <cstdint>

namespace holdfast::server::commands {

// A string's bytes; Redis's proto-max-bulk-len. What would be longer is refused with kStringTooLong.
inline constexpr uint64_t kMaxStringBytes = 512ULL << 20;

}  // namespace holdfast::server::commands
