#include "storage/codec.h"

#include <openssl/sha.h>

#include <bit>
#include <cstring>

#include "xxhash.h"

namespace holdfast::storage {
namespace {

constexpr char kWhole = 0;
constexpr char kDigest = 1;
constexpr size_t kDigestBytes = 16;

// A byte loop instead of these would cost a queue's hot path a tenth of its time.
uint32_t SwapToBigEndian(uint32_t value) {
  return std::endian::native == std::endian::big ? value : __builtin_bswap32(value);
}
uint64_t SwapToBigEndian(uint64_t value) {
  return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
}

template <typename Unsigned>
void AppendBigEndian(std::string& out, Unsigned value) {
  const Unsigned swapped = SwapToBigEndian(value);
  char bytes[sizeof(value)];
  std::memcpy(bytes, &swapped, sizeof(bytes));
  out.append(bytes, sizeof(bytes));
}

template <typename Unsigned>
Unsigned ReadBigEndian(std::string_view bytes) {
  Unsigned value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return SwapToBigEndian(value);
}

}  // namespace

void AppendU32(std::string& out, uint32_t value) { AppendBigEndian(out, value); }
void AppendU64(std::string& out, uint64_t value) { AppendBigEndian(out, value); }
void StoreU64(char* out, uint64_t value) {
  const uint64_t swapped = SwapToBigEndian(value);
  std::memcpy(out, &swapped, sizeof(swapped));
}
uint32_t ReadU32(std::string_view bytes) { return ReadBigEndian<uint32_t>(bytes); }
uint64_t ReadU64(std::string_view bytes) { return ReadBigEndian<uint64_t>(bytes); }

void AppendTime(std::string& out, absl::Time time) {
  AppendU64(out, static_cast<uint64_t>(absl::ToUnixMillis(time)));
}
absl::Time ReadTime(std::string_view bytes) {
  return absl::FromUnixMillis(static_cast<int64_t>(ReadU64(bytes)));
}

void AppendVarint(std::string& out, uint64_t value) {
  char buffer[kMaxVarintBytes];
  out.append(buffer, PutVarint(value, buffer));
}

void AppendBytes(std::string& out, std::string_view bytes) {
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

std::optional<std::string_view> TakeBytes(std::string_view& bytes) {
  std::string_view rest = bytes;
  const std::optional<uint64_t> size = TakeVarint(rest);
  if (!size || *size > rest.size()) return std::nullopt;
  std::string_view taken = rest.substr(0, *size);
  bytes = rest.substr(*size);
  return taken;
}

void AppendOrderedDouble(std::string& out, double value) {
  // Positive numbers sort by their bits once the sign bit is set; negative ones by their inverted bits.
  uint64_t bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  constexpr uint64_t kSign = uint64_t{1} << 63;
  bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  AppendU64(out, bits);
}

double ReadOrderedDouble(std::string_view bytes) {
  uint64_t bits = ReadU64(bytes);
  constexpr uint64_t kSign = uint64_t{1} << 63;
  bits = (bits & kSign) != 0 ? bits & ~kSign : ~bits;
  return std::bit_cast<double>(bits);
}

std::string TablePrefix(Table table, uint64_t id) {
  std::string prefix(1, static_cast<char>(table));
  AppendU64(prefix, id);
  return prefix;
}

uint64_t KeyedHash(uint64_t seed, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void AppendBounded(std::string& out, uint64_t hash, std::string_view bytes, size_t max_whole) {
  AppendU64(out, hash);
  if (bytes.size() <= max_whole) {
    out.push_back(kWhole);
    out.append(bytes);
    return;
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  out.push_back(kDigest);
  out.append(reinterpret_cast<const char*>(digest), kDigestBytes);
}

std::optional<std::string_view> BoundedBytes(std::string_view bounded) {
  if (bounded.size() <= sizeof(uint64_t) || bounded[sizeof(uint64_t)] != kWhole) return std::nullopt;
  return bounded.substr(sizeof(uint64_t) + 1);
}

}  // namespace holdfast::storage
