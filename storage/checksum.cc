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
// The instruction gives its result after three cycles and takes new input in each: three lanes keep it busy.
constexpr size_t kLane = 128;

// As Tables, of a state that kLane zero bytes follow: lane_tables[n][b] is what byte n of the state becomes.
using LaneTables = std::array<std::array<uint32_t, 256>, sizeof(uint32_t)>;

constexpr LaneTables MakeLaneTables() {
  LaneTables tables{};
  for (size_t n = 0; n < sizeof(uint32_t); ++n) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t crc = byte << (8 * n);
      for (size_t zeros = 0; zeros < kLane; ++zeros) crc = (crc >> 8) ^ kTables[0][crc & 0xFF];
      tables[n][byte] = crc;
    }
  }
  return tables;
}

const LaneTables kLaneTables = MakeLaneTables();

uint32_t SkipLane(uint64_t crc) {
  return kLaneTables[0][crc & 0xFF] ^ kLaneTables[1][(crc >> 8) & 0xFF] ^ kLaneTables[2][(crc >> 16) & 0xFF] ^
         kLaneTables[3][(crc >> 24) & 0xFF];
}

__attribute__((target("sse4.2"))) uint64_t AddWord(uint64_t crc, const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, kWord);
  return _mm_crc32_u64(crc, word);
}

__attribute__((target("sse4.2"))) uint32_t HardwareCrc32c(uint32_t seed, std::string_view bytes) {
  uint64_t crc = ~seed;
  while (bytes.size() >= 3 * kLane) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (const char* at = bytes.data(); at != bytes.data() + kLane; at += kWord) {
      crc = AddWord(crc, at);
      second = AddWord(second, at + kLane);
      third = AddWord(third, at + 2 * kLane);
    }
    crc = SkipLane(SkipLane(crc) ^ second) ^ third;
    bytes.remove_prefix(3 * kLane);
  }
  while (bytes.size() >= kWord) {
    crc = AddWord(crc, bytes.data());
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
