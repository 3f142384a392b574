#include "storage/lmdb/read_value.h"

#include <algorithm>
#include <optional>

#include "storage/lmdb/environment.h"
#include "storage/lmdb/stored_value.h"

namespace holdfast::storage::lmdb {
namespace {

// Reserved beforehand at most: the length of a damaged list must not decide about memory.
constexpr uint64_t kMaxReserveBytes = 64 << 20;

bool AppendChunks(MDB_cursor* cursor, const ChunkList& list, std::string& buffer) {
  MDB_cursor_op move = MDB_SET_KEY;
  for (uint32_t number = 0; buffer.size() < list.value_bytes; ++number, move = MDB_NEXT) {
    const std::string wanted = ChunkKey(list.id, number);
    MDB_val key = ToVal(wanted);
    MDB_val stored;
    if (mdb_cursor_get(cursor, &key, &stored, move) != MDB_SUCCESS || ToView(key) != wanted) return false;
    const std::optional<StoredValue> chunk = ReadStored(wanted, ToView(stored));
    if (!chunk || chunk->rest.empty()) return false;
    buffer.append(chunk->rest);
  }
  return buffer.size() == list.value_bytes;
}

}  // namespace

absl::StatusOr<std::string_view> ReadValue(MDB_txn* transaction, MDB_dbi chunks, std::string_view key,
                                           std::string_view stored, std::string& buffer) {
  const std::optional<StoredValue> value = ReadStored(key, stored);
  if (!value) return Damaged(key);
  if (value->form == Form::kWhole) return value->rest;
  const std::optional<ChunkList> list = DecodeChunkList(value->rest);
  if (!list) return Damaged(key);
  MDB_cursor* opened = nullptr;
  if (mdb_cursor_open(transaction, chunks, &opened) != MDB_SUCCESS) return Damaged(key);
  const CursorHandle cursor(opened);
  buffer.clear();
  buffer.reserve(std::min(list->value_bytes, kMaxReserveBytes));
  if (!AppendChunks(cursor.get(), *list, buffer)) return Damaged(key);
  return buffer;
}

}  // namespace holdfast::storage::lmdb
