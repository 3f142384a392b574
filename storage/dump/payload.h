#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/dump/byte_reader.h"
#include "storage/dump/texts.h"

namespace holdfast::storage::dump {

// What DUMP and FUNCTION DUMP give and RESTORE takes: Redis's own serialisation, so that values move between
// the two servers.
//
//   payload := body version:2 crc:8    little-endian; the checksum (crc64.h) covers all that stands before it
//   length  := 00bbbbbb                                 6 bits
//            | 01bbbbbb bbbbbbbb                        14 bits
//            | 10000000 bytes:4  | 10000001 bytes:8     big-endian
//   string  := length, and so many bytes
//            | 11000000 number:1 | 11000001 number:2 | 11000010 number:4    signed, little-endian: its digits
//            | 11000011 length:compressed length:size, and `compressed` bytes that are `size` (lzf.h)
//
// The body of a value is value.h's. Source: https://rdb.fnordig.de/file_format.html, and what Redis 7.0
// writes.

// Written: what Redis 7.0 reads as well as 7.2. Read: what 7.2 reads.
inline constexpr uint16_t kVersion = 10;
inline constexpr uint16_t kMaxVersion = 11;

// A string is never longer.
inline constexpr uint64_t kMaxStringBytes = uint64_t{512} << 20;

// Makes a payload of a body.
void Seal(std::string& body);
// The body; nullopt if the payload is of a newer version, or its checksum is wrong and looked at.
[[nodiscard]] std::optional<std::string_view> Open(std::string_view payload, bool checks = true);

void AppendLength(std::string& out, uint64_t length);
// Numbers of 32 bits as such; nothing is compressed.
void AppendString(std::string& out, std::string_view bytes);

// The same where it is known only when what it counts stands behind `at`.
void InsertLength(std::string& out, size_t at, uint64_t length);

[[nodiscard]] uint64_t ReadLength(ByteReader& reader);
// Lives as long as what is read, and `texts`.
[[nodiscard]] std::string_view ReadString(ByteReader& reader, Texts& texts);

}  // namespace holdfast::storage::dump
