#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dump/byte_reader.h"
#include "storage/integer_text.h"

namespace holdfast::storage::dump {

// Writers of the forms that only older servers write, for tests that read them.

inline std::string ZiplistNumber(int64_t number) {
  std::string what;
  const auto bits = static_cast<uint64_t>(number);
  if (number >= 0 && number <= 12) {
    what += static_cast<char>(0xF1 + number);
  } else if (number == static_cast<int8_t>(number)) {
    what += '\xFE';
    AppendLittleEndian(what, bits, 1);
  } else if (number == static_cast<int16_t>(number)) {
    what += '\xC0';
    AppendLittleEndian(what, bits, 2);
  } else if (number >= -(1 << 23) && number < 1 << 23) {
    what += '\xF0';
    AppendLittleEndian(what, bits, 3);
  } else if (number == static_cast<int32_t>(number)) {
    what += '\xD0';
    AppendLittleEndian(what, bits, 4);
  } else {
    what += '\xE0';
    AppendLittleEndian(what, bits, 8);
  }
  return what;
}

inline std::string ZiplistText(std::string_view text) {
  std::string what;
  if (text.size() < 1 << 6) {
    what += static_cast<char>(text.size());
  } else if (text.size() < 1 << 14) {
    what += static_cast<char>(0x40 | text.size() >> 8);
    what += static_cast<char>(text.size());
  } else {
    what += '\x80';
    for (int shift = 24; shift >= 0; shift -= 8) what += static_cast<char>(text.size() >> shift);
  }
  return what.append(text);
}

inline std::string MakeZiplist(const std::vector<std::string>& words) {
  std::string entries;
  size_t previous = 0;
  for (const std::string& word : words) {
    std::string entry;
    if (previous < 254) {
      entry += static_cast<char>(previous);
    } else {
      entry += '\xFE';
      AppendLittleEndian(entry, previous, 4);
    }
    const std::optional<int64_t> number = CanonicalInteger(word);
    entry += number ? ZiplistNumber(*number) : ZiplistText(word);
    previous = entry.size();
    entries += entry;
  }
  constexpr size_t kHeaderBytes = 10;
  std::string ziplist;
  AppendLittleEndian(ziplist, kHeaderBytes + entries.size() + 1, 4);
  AppendLittleEndian(ziplist, kHeaderBytes + entries.size() - previous, 4);
  AppendLittleEndian(ziplist, words.size(), 2);
  return ziplist + entries + '\xFF';
}

// `unused` bytes stand behind each value.
inline std::string MakeZipmap(const std::vector<std::string>& words, uint8_t unused = 0) {
  std::string zipmap(1, static_cast<char>(words.size() / 2));
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].size() < 254) {
      zipmap += static_cast<char>(words[i].size());
    } else {
      zipmap += '\xFE';
      AppendLittleEndian(zipmap, words[i].size(), 4);
    }
    if (i % 2 != 0) zipmap += static_cast<char>(unused);
    zipmap += words[i];
    if (i % 2 != 0) zipmap.append(unused, 'x');
  }
  return zipmap + '\xFF';
}

}  // namespace holdfast::storage::dump
