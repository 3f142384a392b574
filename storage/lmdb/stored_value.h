#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/kv.h"

namespace holdfast::storage::lmdb {

// How a map's value stands in LMDB, which has no checksums of its own:
//
//   [CRC-32C of key, form and rest, 4 bytes][form, 1 byte][rest]
//
// FORMAT.md, "LMDB entries", is the grammar. Stored; never renumber.
enum class Form : uint8_t {
  kWhole = 1,    // rest: the value
  kChunked = 2,  // rest: where its chunks are, see ChunkList
};

inline constexpr size_t kHeadBytes = 5;
// Longer values are cut into chunks of this size, so that LMDB never hunts for long runs of free pages: with
// head and page header it fills eight pages.
inline constexpr size_t kChunkBytes = 8 * 4096 - 16 - kHeadBytes - 3;
static_assert(kMaxInlineValueBytes <= kChunkBytes);

// The rest of a kChunked value. The chunks are the entries [id][number], 8 and 4 bytes, of a table of their
// own.
struct ChunkList {
  static constexpr size_t kStoredBytes = 16;
  uint64_t id = 0;
  uint64_t value_bytes = 0;  // of the whole value
};

struct StoredValue {
  Form form = Form::kWhole;
  std::string_view rest;
};

// Writes head and rest to `to`, which has kHeadBytes + rest.size() bytes.
void WriteStored(std::string_view key, Form form, std::string_view rest, std::span<char> to);

// nullopt if the checksum does not match or the form is unknown. The view points into `stored`.
[[nodiscard]] std::optional<StoredValue> ReadStored(std::string_view key, std::string_view stored);

[[nodiscard]] std::string EncodeChunkList(const ChunkList& list);
[[nodiscard]] std::optional<ChunkList> DecodeChunkList(std::string_view rest);
[[nodiscard]] std::string ChunkKey(uint64_t id, uint32_t number);

// kDataLoss that names the table and the key, escaped.
[[nodiscard]] absl::Status Damaged(std::string_view key);

}  // namespace holdfast::storage::lmdb
