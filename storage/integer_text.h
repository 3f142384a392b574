#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::storage {

// The number of 64 bits whose only decimal form `text` is: no leading zeros, no plus sign, no "-0".
[[nodiscard]] std::optional<int64_t> CanonicalInteger(std::string_view text);

}  // namespace holdfast::storage
