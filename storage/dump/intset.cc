#include "storage/dump/intset.h"

#include <algorithm>

#include "storage/dump/byte_reader.h"

namespace holdfast::storage::dump {
namespace {

// Of the widths there are, the least that holds it.
size_t WidthOf(int64_t number) {
  if (number == static_cast<int16_t>(number)) return sizeof(int16_t);
  return number == static_cast<int32_t>(number) ? sizeof(int32_t) : sizeof(int64_t);
}

}  // namespace

bool ReadIntset(std::string_view intset, Texts& texts, std::vector<std::string_view>& words) {
  ByteReader reader(intset);
  const uint64_t width = reader.LittleEndian(4);
  const uint64_t count = reader.LittleEndian(4);
  if (width != sizeof(int16_t) && width != sizeof(int32_t) && width != sizeof(int64_t)) return false;
  if (!reader.ok() || reader.rest().size() != count * width) return false;
  int64_t before = 0;
  for (uint64_t i = 0; i < count && !texts.full(); ++i) {
    const int64_t number = reader.SignedLittleEndian(width);
    if (i > 0 && number <= before) return false;
    before = number;
    words.push_back(texts.Element(number));
  }
  return true;
}

std::string MakeIntset(std::span<const int64_t> numbers) {
  // The widest stand at the ends.
  size_t width = sizeof(int16_t);
  if (!numbers.empty()) width = std::max(WidthOf(numbers.front()), WidthOf(numbers.back()));
  std::string intset;
  AppendLittleEndian(intset, width, 4);
  AppendLittleEndian(intset, numbers.size(), 4);
  for (const int64_t number : numbers) AppendLittleEndian(intset, static_cast<uint64_t>(number), width);
  return intset;
}

}  // namespace holdfast::storage::dump
