#include "storage/dump/ziplist.h"

#include <cstdint>

#include "storage/dump/byte_reader.h"

namespace holdfast::storage::dump {
namespace {

constexpr char kEnd = '\xFF';
constexpr uint64_t kUncounted = 65535;
constexpr uint8_t kLongPrevious = 0xFE;

// The first byte of an entry's second part.
constexpr uint8_t kText14 = 0x40;
constexpr uint8_t kText32 = 0x80;
constexpr uint8_t kNumber16 = 0xC0;
constexpr uint8_t kNumber32 = 0xD0;
constexpr uint8_t kNumber64 = 0xE0;
constexpr uint8_t kNumber24 = 0xF0;
constexpr uint8_t kNumber8 = 0xFE;
constexpr uint8_t kZero = 0xF1;
constexpr uint8_t kTwelve = 0xFD;

std::string_view ReadNumber(ByteReader& reader, uint8_t first, Texts& texts) {
  switch (first) {
    case kNumber8:
      return texts.Element(reader.SignedLittleEndian(1));
    case kNumber16:
      return texts.Element(reader.SignedLittleEndian(2));
    case kNumber24:
      return texts.Element(reader.SignedLittleEndian(3));
    case kNumber32:
      return texts.Element(reader.SignedLittleEndian(4));
    case kNumber64:
      return texts.Element(reader.SignedLittleEndian(8));
    default:
      if (first >= kZero && first <= kTwelve) return texts.Element(first - kZero);
      reader.Fail();
      return {};
  }
}

std::string_view ReadWhat(ByteReader& reader, Texts& texts) {
  const uint8_t first = reader.Byte();
  if (first < kText14) return texts.Element(reader.Bytes(first));
  if (first < kText32) {
    const uint64_t high = first & 0x3FU;
    return texts.Element(reader.Bytes(high << 8 | reader.Byte()));
  }
  if (first < kNumber16) return texts.Element(reader.Bytes(reader.BigEndian(4)));
  return ReadNumber(reader, first, texts);
}

uint64_t ReadPrevious(ByteReader& reader) {
  const uint8_t bytes = reader.Byte();
  if (bytes == static_cast<uint8_t>(kEnd)) reader.Fail();
  return bytes == kLongPrevious ? reader.LittleEndian(4) : bytes;
}

}  // namespace

bool ReadZiplist(std::string_view ziplist, Texts& texts, std::vector<std::string_view>& words) {
  ByteReader reader(ziplist);
  const bool sized = reader.LittleEndian(4) == ziplist.size();
  const uint64_t tail = reader.LittleEndian(4);
  const uint64_t declared = reader.LittleEndian(2);
  if (!sized || !reader.ok()) return false;
  uint64_t count = 0;
  uint64_t previous = 0;
  while (reader.rest().size() > 1 && !texts.full()) {
    const size_t before = reader.rest().size();
    const bool follows = ReadPrevious(reader) == previous;
    words.push_back(ReadWhat(reader, texts));
    if (!follows || !reader.ok()) return false;
    previous = before - reader.rest().size();
    ++count;
  }
  if (texts.full()) return true;
  const bool counted = declared == kUncounted || declared == count;
  const bool ends = reader.rest().size() == 1 && reader.rest()[0] == kEnd;
  return ends && counted && tail == ziplist.size() - 1 - previous;
}

}  // namespace holdfast::storage::dump
