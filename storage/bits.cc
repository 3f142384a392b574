#include "storage/bits.h"

#include <algorithm>

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

}  // namespace holdfast::storage
