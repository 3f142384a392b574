#include "storage/checksum.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace holdfast::storage {
namespace {

constexpr uint32_t kReversedPolynomial = 0x82F63B78;
constexpr size_t kWord = sizeof(uint64_t);

// Slicing by eight: tables[n][b] is the checksum of byte b followed by n zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, kWord>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t n = 1; n < kWord; ++n) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[n - 1][byte];
      tables[n][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t HardwareCrc32c(uint32_t seed, std::string_view bytes) {
  uint64_t crc = ~seed;
  while (bytes.size() >= kWord) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), kWord);
    crc = _mm_crc32_u64(crc, word);
    bytes.remove_prefix(kWord);
  }
  auto last = static_cast<uint32_t>(crc);
  for (const char c : bytes) last = _mm_crc32_u8(last, static_cast<uint8_t>(c));
  return ~last;
}

bool HasCrcInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }
#else
uint32_t HardwareCrc32c(uint32_t seed, std::string_view bytes) { return PortableCrc32c(seed, bytes); }

bool HasCrcInstruction() { return false; }
#endif

}  // namespace

uint32_t PortableCrc32c(uint32_t seed, std::string_view bytes) {
  uint32_t crc = ~seed;
  while (bytes.size() >= kWord) {
    uint32_t mixed = 0;
    for (size_t i = 0; i < kWord; ++i) {
      const uint8_t byte = static_cast<uint8_t>(bytes[i]) ^ (i < 4 ? (crc >> (8 * i)) & 0xFF : 0);
      mixed ^= kTables[kWord - 1 - i][byte];
    }
    crc = mixed;
    bytes.remove_prefix(kWord);
  }
  for (const char c : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

uint32_t Crc32c(uint32_t seed, std::string_view bytes) {
  static const auto kImplementation = HasCrcInstruction() ? HardwareCrc32c : PortableCrc32c;
  return kImplementation(seed, bytes);
}

}  // namespace holdfast::storage
