#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::storage {

// Integers of 1 to 64 bits inside a string, as Redis numbers bits: bit 0 is the highest bit of the first
// byte, and the first bit of a field is its highest. Bytes past the string's end read as zero.
//
//   ReadBits("\x12\x34", 4, 8) == 0x23

[[nodiscard]] uint64_t ReadBits(std::string_view bytes, uint64_t offset, unsigned width);

// Writes the low `width` bits of `value`; lengthens `bytes` with zero bytes as needed.
void WriteBits(std::string& bytes, uint64_t offset, unsigned width, uint64_t value);

// How many bytes a string must have to hold bits [offset, offset + width).
[[nodiscard]] constexpr uint64_t BytesForBits(uint64_t offset, unsigned width) {
  return (offset + width + 7) / 8;
}

// The set bits among the `count` ones from `first` on. All of them must lie inside `bytes`.
[[nodiscard]] uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t count);

// The first bit among the same that is `bit` (0 or 1); nullopt if none is.
[[nodiscard]] std::optional<uint64_t> FindBit(std::string_view bytes, unsigned bit, uint64_t first,
                                              uint64_t count);

}  // namespace holdfast::storage
