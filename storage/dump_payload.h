#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::storage {

// What DUMP and FUNCTION DUMP give and RESTORE takes: Redis's own serialisation, so that values move between
// the two servers.
//
//   payload := body version:2 crc:8    little-endian; the checksum (crc64.h) covers all that stands before it
//
// https://rdb.fnordig.de/file_format.html describes the body: lengths, and strings, which may be whole
// numbers or compressed (lzf.h).

// Written: what Redis 7.0 reads as well as 7.2. Read: what 7.2 reads.
inline constexpr uint16_t kDumpVersion = 10;
inline constexpr uint16_t kMaxDumpVersion = 11;

// Makes a payload of a body.
void SealDump(std::string& body);
// The body; nullopt if the payload is of a newer version, or its checksum is wrong.
[[nodiscard]] std::optional<std::string_view> OpenDump(std::string_view payload);

void AppendDumpLength(std::string& out, uint64_t length);
// These take something off the front of a body; nullopt if it does not stand there whole.
[[nodiscard]] std::optional<uint64_t> TakeDumpLength(std::string_view& body);
void AppendDumpString(std::string& out, std::string_view bytes);
[[nodiscard]] std::optional<std::string> TakeDumpString(std::string_view& body);

}  // namespace holdfast::storage
