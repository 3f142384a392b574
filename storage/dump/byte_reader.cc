#include "storage/dump/byte_reader.h"

namespace holdfast::storage::dump {

void ByteReader::Fail() {
  ok_ = false;
  rest_ = {};
}

std::string_view ByteReader::Bytes(uint64_t count) {
  if (rest_.size() < count) {
    Fail();
    return {};
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

uint8_t ByteReader::Byte() { return static_cast<uint8_t>(LittleEndian(1)); }

uint64_t ByteReader::LittleEndian(size_t bytes) {
  const std::string_view taken = Bytes(bytes);
  uint64_t number = 0;
  for (size_t i = taken.size(); i-- > 0;) number = number << 8 | static_cast<uint8_t>(taken[i]);
  return number;
}

int64_t ByteReader::SignedLittleEndian(size_t bytes) {
  const uint64_t sign = uint64_t{1} << (8 * bytes - 1);
  return static_cast<int64_t>((LittleEndian(bytes) ^ sign) - sign);
}

uint64_t ByteReader::BigEndian(size_t bytes) {
  uint64_t number = 0;
  for (const char c : Bytes(bytes)) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

void AppendLittleEndian(std::string& out, uint64_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

}  // namespace holdfast::storage::dump
