#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::storage {

// Unsigned numbers in one to ten bytes: seven bits a byte, lowest first, the top bit set in all bytes but the
// last (LEB128): 0 = 00, 127 = 7F, 300 = AC 02.
inline constexpr size_t kMaxVarintBytes = 10;

// Bytes that `value` takes.
[[nodiscard]] constexpr size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  while (value >>= 7) ++bytes;
  return bytes;
}

// Writes `value` to `out`, which has room for kMaxVarintBytes; the end of what was written.
constexpr char* PutVarint(uint64_t value, char* out) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

// Takes a number off the front of `bytes`; nullopt where it is cut short, above 64 bits, or longer than
// needed.
[[nodiscard]] constexpr std::optional<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return std::nullopt;
    bytes.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

}  // namespace holdfast::storage
