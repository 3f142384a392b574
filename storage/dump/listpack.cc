#include "storage/dump/listpack.h"

#include <algorithm>
#include <utility>

#include "storage/integer_text.h"

namespace holdfast::storage::dump {
namespace {

constexpr char kEnd = '\xFF';
constexpr uint64_t kUncounted = 65535;

// The first byte of an entry: the marks of the forms with bits of their own in it, and the whole bytes.
constexpr uint8_t kText6 = 0x80;
constexpr uint8_t kNumber13 = 0xC0;
constexpr uint8_t kText12 = 0xE0;
constexpr uint8_t kText32 = 0xF0;
constexpr uint8_t kNumber16 = 0xF1;
constexpr uint8_t kNumber24 = 0xF2;
constexpr uint8_t kNumber32 = 0xF3;
constexpr uint8_t kNumber64 = 0xF4;

constexpr int64_t kSign13 = 1 << 12;
constexpr size_t kMaxText6 = 63;
constexpr size_t kMaxText12 = 4095;

bool Fits(int64_t number, unsigned bits) {
  const int64_t limit = int64_t{1} << (bits - 1);
  return number >= -limit && number < limit;
}

std::string Backlen(uint64_t bytes) {
  // From so many on Redis takes a byte more than the number needs.
  constexpr uint64_t kSteps[] = {128, 16383, 2097151, 268435455};
  const auto more = std::upper_bound(std::begin(kSteps), std::end(kSteps), bytes) - std::begin(kSteps);
  std::string backlen;
  for (auto i = more; i >= 0; --i) {
    backlen += static_cast<char>((bytes >> (7 * i) & 0x7F) | (i == more ? 0 : 0x80));
  }
  return backlen;
}

}  // namespace

ListpackReader::ListpackReader(std::string_view listpack) : reader_(listpack) {
  const bool sized = reader_.LittleEndian(4) == listpack.size();
  declared_ = reader_.LittleEndian(2);
  if (!sized || reader_.done() || listpack.back() != kEnd) reader_.Fail();
}

std::optional<ListpackEntry> ListpackReader::Next() {
  const std::string_view before = reader_.rest();
  if (before.size() <= 1) {
    if (before.empty() || before[0] != kEnd || (declared_ != kUncounted && declared_ != read_))
      reader_.Fail();
    return std::nullopt;
  }
  ListpackEntry entry = ReadWhat();
  const std::string backlen = Backlen(before.size() - reader_.rest().size());
  if (reader_.Bytes(backlen.size()) != backlen) reader_.Fail();
  if (!reader_.ok()) return std::nullopt;
  ++read_;
  return entry;
}

ListpackEntry ListpackReader::ReadWhat() {
  const uint8_t first = reader_.Byte();
  if (first < kText6) return {first, {}};
  if (first < kNumber13) return {std::nullopt, reader_.Bytes(first & 0x3FU)};
  if (first < kText12) {
    const int64_t bits = (first & 0x1F) << 8 | reader_.Byte();
    return {(bits ^ kSign13) - kSign13, {}};
  }
  if (first < kText32) {
    const uint64_t high = first & 0x0FU;
    return {std::nullopt, reader_.Bytes(high << 8 | reader_.Byte())};
  }
  switch (first) {
    case kText32:
      return {std::nullopt, reader_.Bytes(reader_.LittleEndian(4))};
    case kNumber16:
      return {reader_.SignedLittleEndian(2), {}};
    case kNumber24:
      return {reader_.SignedLittleEndian(3), {}};
    case kNumber32:
      return {reader_.SignedLittleEndian(4), {}};
    case kNumber64:
      return {reader_.SignedLittleEndian(8), {}};
    default:
      reader_.Fail();
      return {};
  }
}

bool ReadListpack(std::string_view listpack, Texts& texts, std::vector<std::string_view>& words) {
  ListpackReader reader(listpack);
  while (!texts.full()) {
    const std::optional<ListpackEntry> entry = reader.Next();
    if (!entry) break;
    words.push_back(entry->number ? texts.Element(*entry->number) : texts.Element(entry->text));
  }
  return reader.ok();
}

void ListpackWriter::Append(std::string_view text) {
  if (const auto number = CanonicalInteger(text)) return AppendNumber(*number);
  const size_t begin = entries_.size();
  if (text.size() <= kMaxText6) {
    entries_ += static_cast<char>(kText6 | text.size());
  } else if (text.size() <= kMaxText12) {
    entries_ += static_cast<char>(kText12 | text.size() >> 8);
    entries_ += static_cast<char>(text.size());
  } else {
    entries_ += static_cast<char>(kText32);
    AppendLittleEndian(entries_, text.size(), 4);
  }
  entries_ += text;
  Close(begin);
}

void ListpackWriter::AppendNumber(int64_t number) {
  const size_t begin = entries_.size();
  const auto bits = static_cast<uint64_t>(number);
  if (number >= 0 && Fits(number, 8)) {
    entries_ += static_cast<char>(number);
  } else if (Fits(number, 13)) {
    entries_ += static_cast<char>(kNumber13 | (bits >> 8 & 0x1F));
    entries_ += static_cast<char>(bits);
  } else {
    const bool small = Fits(number, 24);
    const uint8_t mark = Fits(number, 16)   ? kNumber16
                         : small            ? kNumber24
                         : Fits(number, 32) ? kNumber32
                                            : kNumber64;
    const size_t bytes = mark == kNumber64 ? 8 : static_cast<size_t>(mark - kNumber16) + 2;
    entries_ += static_cast<char>(mark);
    AppendLittleEndian(entries_, bits, bytes);
  }
  Close(begin);
}

void ListpackWriter::Append(const ListpackWriter& other) {
  entries_ += other.entries_;
  count_ += other.count_;
}

void ListpackWriter::Close(size_t begin) {
  entries_ += Backlen(entries_.size() - begin);
  ++count_;
}

std::string ListpackWriter::Finish() {
  std::string listpack;
  listpack.reserve(bytes());
  AppendLittleEndian(listpack, bytes(), 4);
  AppendLittleEndian(listpack, std::min(count_, kUncounted), 2);
  listpack += entries_;
  listpack += kEnd;
  entries_.clear();
  count_ = 0;
  return listpack;
}

}  // namespace holdfast::storage::dump
