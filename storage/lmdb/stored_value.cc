#include "storage/lmdb/stored_value.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/checksum.h"
#include "storage/codec.h"

namespace holdfast::storage::lmdb {
namespace {

constexpr size_t kChecksumBytes = sizeof(uint32_t);

// `checked` begins at the form.
uint32_t Checksum(std::string_view key, std::string_view checked) { return Crc32c(Crc32c(0, key), checked); }

}  // namespace

void WriteStored(std::string_view key, Form form, std::string_view rest, std::span<char> to) {
  to[kChecksumBytes] = static_cast<char>(form);
  if (!rest.empty()) std::memcpy(to.data() + kHeadBytes, rest.data(), rest.size());
  const uint32_t checksum = Checksum(key, {to.data() + kChecksumBytes, 1 + rest.size()});
  for (size_t i = 0; i < kChecksumBytes; ++i) to[i] = static_cast<char>(checksum >> (24 - 8 * i));
}

std::optional<StoredValue> ReadStored(std::string_view key, std::string_view stored) {
  if (stored.size() < kHeadBytes) return std::nullopt;
  if (ReadU32(stored) != Checksum(key, stored.substr(kChecksumBytes))) return std::nullopt;
  const auto form = static_cast<Form>(stored[kChecksumBytes]);
  if (form != Form::kWhole && form != Form::kChunked) return std::nullopt;
  return StoredValue{form, stored.substr(kHeadBytes)};
}

std::string EncodeChunkList(const ChunkList& list) {
  std::string rest;
  AppendU64(rest, list.id);
  AppendU64(rest, list.value_bytes);
  return rest;
}

std::optional<ChunkList> DecodeChunkList(std::string_view rest) {
  if (rest.size() != ChunkList::kStoredBytes) return std::nullopt;
  return ChunkList{ReadU64(rest), ReadU64(rest.substr(sizeof(uint64_t)))};
}

std::string ChunkKey(uint64_t id, uint32_t number) {
  std::string key;
  AppendU64(key, id);
  AppendU32(key, number);
  return key;
}

absl::Status Damaged(std::string_view key) {
  const std::string escaped = absl::CEscape({key.data(), key.size()});
  const std::string table(key.substr(0, 1));
  return absl::DataLossError(
      absl::StrCat("data file: damaged entry in table ", table, ", key \"", escaped, "\""));
}

}  // namespace holdfast::storage::lmdb
