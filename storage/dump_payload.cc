#include "storage/dump_payload.h"

#include "storage/codec.h"
#include "storage/crc64.h"
#include "storage/lzf.h"

namespace holdfast::storage {
namespace {

constexpr size_t kVersionBytes = 2;
constexpr size_t kFooterBytes = kVersionBytes + sizeof(uint64_t);
// The first two bits of a length, and the marks of the longer ones.
constexpr unsigned kShort = 0;
constexpr unsigned kMiddle = 1;
constexpr unsigned kLong = 2;
constexpr unsigned char kLength32 = 0x80;
constexpr unsigned char kLength64 = 0x81;
// What a string is instead, where its first two bits are set.
enum class Special : uint8_t { kInteger8, kInteger16, kInteger32, kCompressed };
constexpr unsigned char kSpecialMark = 0xC0;
constexpr uint64_t kMaxStringBytes = uint64_t{512} << 20;

void AppendLittleEndian(std::string& out, uint64_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

uint64_t ReadLittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::optional<std::string_view> Take(std::string_view& body, uint64_t count) {
  if (body.size() < count) return std::nullopt;
  const std::string_view taken = body.substr(0, count);
  body.remove_prefix(count);
  return taken;
}

std::optional<std::string> TakeInteger(std::string_view& body, size_t bytes) {
  const auto taken = Take(body, bytes);
  if (!taken) return std::nullopt;
  const uint64_t number = ReadLittleEndian(*taken);
  const uint64_t sign = uint64_t{1} << (8 * bytes - 1);
  return std::to_string(static_cast<int64_t>((number ^ sign) - sign));
}

std::optional<std::string> TakeCompressed(std::string_view& body) {
  const auto compressed_size = TakeDumpLength(body);
  const auto size = compressed_size ? TakeDumpLength(body) : std::nullopt;
  if (!size || *size > kMaxStringBytes) return std::nullopt;
  const auto compressed = Take(body, *compressed_size);
  return compressed ? LzfDecompress(*compressed, *size) : std::nullopt;
}

std::optional<std::string> TakeSpecial(std::string_view& body, Special special) {
  switch (special) {
    case Special::kInteger8:
      return TakeInteger(body, 1);
    case Special::kInteger16:
      return TakeInteger(body, 2);
    case Special::kInteger32:
      return TakeInteger(body, 4);
    case Special::kCompressed:
      return TakeCompressed(body);
  }
  return std::nullopt;
}

}  // namespace

void SealDump(std::string& body) {
  AppendLittleEndian(body, kDumpVersion, kVersionBytes);
  AppendLittleEndian(body, Crc64(body), sizeof(uint64_t));
}

std::optional<std::string_view> OpenDump(std::string_view payload) {
  if (payload.size() < kFooterBytes) return std::nullopt;
  const std::string_view body = payload.substr(0, payload.size() - kFooterBytes);
  const std::string_view covered = payload.substr(0, body.size() + kVersionBytes);
  if (ReadLittleEndian(covered.substr(body.size())) > kMaxDumpVersion) return std::nullopt;
  if (ReadLittleEndian(payload.substr(covered.size())) != Crc64(covered)) return std::nullopt;
  return body;
}

void AppendDumpLength(std::string& out, uint64_t length) {
  if (length < 1U << 6) {
    out += static_cast<char>(length);
  } else if (length < 1U << 14) {
    out += static_cast<char>(kMiddle << 6 | length >> 8);
    out += static_cast<char>(length);
  } else if (length <= UINT32_MAX) {
    out += static_cast<char>(kLength32);
    AppendU32(out, static_cast<uint32_t>(length));
  } else {
    out += static_cast<char>(kLength64);
    AppendU64(out, length);
  }
}

std::optional<uint64_t> TakeDumpLength(std::string_view& body) {
  const auto first = Take(body, 1);
  if (!first) return std::nullopt;
  const auto byte = static_cast<unsigned char>(first->front());
  switch (byte >> 6) {
    case kShort:
      return byte;
    case kMiddle: {
      const auto second = Take(body, 1);
      if (!second) return std::nullopt;
      return (byte & 63U) << 8 | static_cast<unsigned char>(second->front());
    }
    case kLong: {
      const auto number = Take(body, byte == kLength32 ? 4 : 8);
      if (!number || (byte != kLength32 && byte != kLength64)) return std::nullopt;
      return byte == kLength32 ? ReadU32(*number) : ReadU64(*number);
    }
    default:
      return std::nullopt;
  }
}

void AppendDumpString(std::string& out, std::string_view bytes) {
  AppendDumpLength(out, bytes.size());
  out += bytes;
}

std::optional<std::string> TakeDumpString(std::string_view& body) {
  if (!body.empty() && static_cast<unsigned char>(body.front()) >= kSpecialMark) {
    const unsigned special = static_cast<unsigned char>(body.front()) - kSpecialMark;
    body.remove_prefix(1);
    return TakeSpecial(body, static_cast<Special>(special));
  }
  const auto length = TakeDumpLength(body);
  const auto bytes = length ? Take(body, *length) : std::nullopt;
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

}  // namespace holdfast::storage
