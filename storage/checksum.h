#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::storage {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of `bytes`, going on from `seed`, the checksum of what came
// before:
//
//   Crc32c(0, "123456789") == 0xE3069283
//   Crc32c(Crc32c(0, a), b) == Crc32c(0, a + b)
//
// Uses the CPU's own instruction where there is one. Any thread.
[[nodiscard]] uint32_t Crc32c(uint32_t seed, std::string_view bytes);

// The table-driven way that Crc32c takes on other CPUs; the same results.
[[nodiscard]] uint32_t PortableCrc32c(uint32_t seed, std::string_view bytes);

}  // namespace holdfast::storage
