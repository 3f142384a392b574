#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::storage::dump {

// The CRC-64 that ends Redis's serialised values: Jones's polynomial AD93D23594C935A9, reflected, beginning
// at zero. "123456789" has E9C6D914C4B8D9CA.
[[nodiscard]] uint64_t Crc64(std::string_view bytes);

}  // namespace holdfast::storage::dump
