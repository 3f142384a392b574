#include "storage/bits.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace holdfast::storage {
namespace {

// The part of a field that lies in one byte.
struct Piece {
  unsigned width;
  unsigned below;  // bits of that byte behind the piece
};

Piece PieceAt(uint64_t offset, unsigned width) {
  const auto in_byte = static_cast<unsigned>(offset % 8);
  const unsigned piece = std::min(width, 8 - in_byte);
  return {piece, 8 - in_byte - piece};
}

unsigned MaskOf(const Piece& piece) { return (1U << piece.width) - 1; }

constexpr unsigned kWordBits = 64;

// Bits before the next byte begins, at most `count`.
unsigned BitsToByte(uint64_t first, uint64_t count) {
  return static_cast<unsigned>(std::min<uint64_t>((8 - first % 8) % 8, count));
}

std::optional<uint64_t> FindInField(std::string_view bytes, unsigned bit, uint64_t first, unsigned width) {
  if (width == 0) return std::nullopt;
  const uint64_t field = ReadBits(bytes, first, width) << (kWordBits - width);
  const auto before = static_cast<unsigned>(bit == 1 ? std::countl_zero(field) : std::countl_one(field));
  return before < width ? std::optional(first + before) : std::nullopt;
}

}  // namespace

uint64_t ReadBits(std::string_view bytes, uint64_t offset, unsigned width) {
  uint64_t value = 0;
  while (width > 0) {
    const Piece piece = PieceAt(offset, width);
    const unsigned byte = offset / 8 < bytes.size() ? static_cast<unsigned char>(bytes[offset / 8]) : 0;
    value = value << piece.width | (byte >> piece.below & MaskOf(piece));
    offset += piece.width;
    width -= piece.width;
  }
  return value;
}

void WriteBits(std::string& bytes, uint64_t offset, unsigned width, uint64_t value) {
  if (bytes.size() < BytesForBits(offset, width)) bytes.resize(BytesForBits(offset, width));
  while (width > 0) {
    const Piece piece = PieceAt(offset, width);
    const unsigned mask = MaskOf(piece) << piece.below;
    const auto bits = static_cast<unsigned>(value >> (width - piece.width)) << piece.below & mask;
    char& byte = bytes[offset / 8];
    byte = static_cast<char>((static_cast<unsigned char>(byte) & ~mask) | bits);
    offset += piece.width;
    width -= piece.width;
  }
}

uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t count) {
  const unsigned head = BitsToByte(first, count);
  uint64_t ones = static_cast<uint64_t>(std::popcount(ReadBits(bytes, first, head)));
  first += head;
  count -= head;
  for (; count >= kWordBits; first += kWordBits, count -= kWordBits) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + first / 8, sizeof(word));
    ones += static_cast<uint64_t>(std::popcount(word));
  }
  return ones + static_cast<uint64_t>(std::popcount(ReadBits(bytes, first, static_cast<unsigned>(count))));
}

std::optional<uint64_t> FindBit(std::string_view bytes, unsigned bit, uint64_t first, uint64_t count) {
  const unsigned head = BitsToByte(first, count);
  if (const auto found = FindInField(bytes, bit, first, head)) return found;
  first += head;
  count -= head;
  const std::string_view whole = bytes.substr(std::min<uint64_t>(first / 8, bytes.size()), count / 8);
  const size_t skipped = std::min(whole.find_first_not_of(bit == 1 ? '\0' : '\xff'), whole.size());
  first += skipped * 8;
  count -= skipped * 8;
  return FindInField(bytes, bit, first, static_cast<unsigned>(std::min<uint64_t>(count, 8)));
}

}  // namespace holdfast::storage
