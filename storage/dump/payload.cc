#include "storage/dump/payload.h"

#include <utility>

#include "storage/codec.h"
#include "storage/dump/crc64.h"
#include "storage/dump/lzf.h"
#include "storage/integer_text.h"

namespace holdfast::storage::dump {
namespace {

constexpr size_t kVersionBytes = 2;
constexpr size_t kFooterBytes = kVersionBytes + sizeof(uint64_t);
// The first two bits of a length, and the marks of the longer ones.
constexpr unsigned kShort = 0;
constexpr unsigned kMiddle = 1;
constexpr unsigned kLong = 2;
constexpr uint8_t kLength32 = 0x80;
constexpr uint8_t kLength64 = 0x81;
// What a string is instead, where its first two bits are set.
constexpr uint8_t kInteger8 = 0xC0;
constexpr uint8_t kInteger16 = 0xC1;
constexpr uint8_t kInteger32 = 0xC2;
constexpr uint8_t kCompressed = 0xC3;

uint64_t ReadLengthAfter(uint8_t first, ByteReader& reader) {
  switch (first >> 6) {
    case kShort:
      return first;
    case kMiddle:
      return (first & 63U) << 8 | reader.Byte();
    case kLong:
      if (first == kLength32) return reader.BigEndian(4);
      if (first == kLength64) return reader.BigEndian(8);
      break;
    default:
      break;
  }
  reader.Fail();
  return 0;
}

std::string_view ReadCompressed(ByteReader& reader, Texts& texts) {
  const uint64_t compressed_size = ReadLength(reader);
  const uint64_t size = ReadLength(reader);
  const std::string_view compressed = reader.Bytes(compressed_size);
  if (size > kMaxStringBytes) reader.Fail();
  if (!reader.ok() || !texts.Count(size)) return {};
  std::optional<std::string> bytes = LzfDecompress(compressed, size);
  if (bytes) return texts.Keep(*std::move(bytes));
  reader.Fail();
  return {};
}

std::string_view ReadInteger(ByteReader& reader, size_t bytes, Texts& texts) {
  return texts.Keep(std::to_string(reader.SignedLittleEndian(bytes)));
}

void AppendInteger(std::string& out, int64_t number) {
  const size_t bytes = number == static_cast<int8_t>(number)    ? 1
                       : number == static_cast<int16_t>(number) ? 2
                                                                : 4;
  out += static_cast<char>(bytes == 1 ? kInteger8 : bytes == 2 ? kInteger16 : kInteger32);
  AppendLittleEndian(out, static_cast<uint64_t>(number), bytes);
}

}  // namespace

void Seal(std::string& body) {
  AppendLittleEndian(body, kVersion, kVersionBytes);
  AppendLittleEndian(body, Crc64(body), sizeof(uint64_t));
}

std::optional<std::string_view> Open(std::string_view payload, bool checks) {
  if (payload.size() < kFooterBytes) return std::nullopt;
  ByteReader footer(payload.substr(payload.size() - kFooterBytes));
  if (footer.LittleEndian(kVersionBytes) > kMaxVersion) return std::nullopt;
  const uint64_t written = footer.LittleEndian(sizeof(uint64_t));
  if (checks && written != Crc64(payload.substr(0, payload.size() - sizeof(uint64_t)))) return std::nullopt;
  return payload.substr(0, payload.size() - kFooterBytes);
}

void AppendLength(std::string& out, uint64_t length) {
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

void AppendString(std::string& out, std::string_view bytes) {
  const std::optional<int64_t> number = CanonicalInteger(bytes);
  if (number && *number == static_cast<int32_t>(*number)) return AppendInteger(out, *number);
  AppendLength(out, bytes.size());
  out += bytes;
}

void InsertLength(std::string& out, size_t at, uint64_t length) {
  std::string bytes;
  AppendLength(bytes, length);
  out.insert(at, bytes);
}

uint64_t ReadLength(ByteReader& reader) { return ReadLengthAfter(reader.Byte(), reader); }

std::string_view ReadString(ByteReader& reader, Texts& texts) {
  const uint8_t first = reader.Byte();
  switch (first) {
    case kInteger8:
      return ReadInteger(reader, 1, texts);
    case kInteger16:
      return ReadInteger(reader, 2, texts);
    case kInteger32:
      return ReadInteger(reader, 4, texts);
    case kCompressed:
      return ReadCompressed(reader, texts);
    default:
      return reader.Bytes(ReadLengthAfter(first, reader));
  }
}

}  // namespace holdfast::storage::dump
