#include "storage/dump/zipmap.h"

#include <cstdint>

#include "storage/dump/byte_reader.h"

namespace holdfast::storage::dump {
namespace {

constexpr uint8_t kEnd = 0xFF;
constexpr uint8_t kLong = 0xFE;
constexpr uint8_t kUncounted = 0xFE;

uint64_t ReadZipmapLength(ByteReader& reader) {
  const uint8_t bytes = reader.Byte();
  if (bytes == kEnd) reader.Fail();
  return bytes == kLong ? reader.LittleEndian(4) : bytes;
}

}  // namespace

bool ReadZipmap(std::string_view zipmap, Texts& texts, std::vector<std::string_view>& words) {
  ByteReader reader(zipmap);
  const uint8_t declared = reader.Byte();
  uint64_t count = 0;
  while (reader.rest().size() > 1 && !texts.full()) {
    words.push_back(texts.Element(reader.Bytes(ReadZipmapLength(reader))));
    const uint64_t value_bytes = ReadZipmapLength(reader);
    const uint8_t unused = reader.Byte();
    words.push_back(texts.Element(reader.Bytes(value_bytes)));
    (void)reader.Bytes(unused);
    ++count;
  }
  if (texts.full()) return true;
  const bool counted = declared == kUncounted || declared == count;
  return reader.Byte() == kEnd && reader.ok() && counted;
}

}  // namespace holdfast::storage::dump
