#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dump/byte_reader.h"
#include "storage/dump/texts.h"

namespace holdfast::storage::dump {

// A listpack: how Redis packs a run of numbers and texts, in values and in the nodes of longer ones.
//
//   listpack := bytes:4 entries:2 entry* FF    little-endian; 65535 entries: uncounted
//   entry    := what backlen                   backlen: the bytes of `what`, read from behind: seven bits a
//   byte,
//                                              the last seven last, the top bit set in all but the first
//   what     := 0bbbbbbb                       a number from 0 to 127
//             | 110bbbbb bbbbbbbb              one of 13 bits, signed
//             | F1 .:2 | F2 .:3 | F3 .:4 | F4 .:8    signed, little-endian
//             | 10bbbbbb text                  of up to 63 bytes
//             | 1110bbbb bbbbbbbb text         of up to 4095
//             | F0 bytes:4 text                little-endian
//
// Source: https://github.com/antirez/listpack/blob/master/listpack.md

struct ListpackEntry {
  std::optional<int64_t> number;
  std::string_view text;  // where it is no number
};

class ListpackReader {
 public:
  explicit ListpackReader(std::string_view listpack);
  // Nullopt at the end, or where it is not sound.
  [[nodiscard]] std::optional<ListpackEntry> Next();
  // Whether it was sound as far as it was read; to its end, once Next gave nullopt.
  [[nodiscard]] bool ok() const { return reader_.ok(); }

 private:
  [[nodiscard]] ListpackEntry ReadWhat();

  ByteReader reader_;
  uint64_t declared_ = 0;
  uint64_t read_ = 0;
};

// Appends what stands in it to `words`, numbers as digits. False if it is not sound.
[[nodiscard]] bool ReadListpack(std::string_view listpack, Texts& texts,
                                std::vector<std::string_view>& words);

class ListpackWriter {
 public:
  // A number as such.
  void Append(std::string_view text);
  void AppendNumber(int64_t number);
  // All that `other` has.
  void Append(const ListpackWriter& other);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Of the listpack as it stands.
  [[nodiscard]] size_t bytes() const { return kFrameBytes + entries_.size(); }
  // The listpack; begins another one. Needs that bytes() is below 2^32.
  [[nodiscard]] std::string Finish();

 private:
  static constexpr size_t kFrameBytes = 7;

  void Close(size_t begin);

  std::string entries_;
  uint64_t count_ = 0;
};

}  // namespace holdfast::storage::dump
