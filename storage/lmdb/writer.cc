#include "storage/lmdb/writer.h"

#include <algorithm>
#include <memory>

#include "storage/codec.h"
#include "storage/lmdb/read_value.h"
#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {

absl::StatusOr<std::unique_ptr<TreeWriter>> LmdbWriter::Begin(const Environment& environment,
                                                              std::atomic<bool>& broken) {
  // A reader in another process (holdfast-tool check) that was killed would pin its pages for ever.
  int dead_readers = 0;
  mdb_reader_check(environment.handle(), &dead_readers);
  MDB_txn* transaction = nullptr;
  int result = mdb_txn_begin(environment.handle(), nullptr, 0, &transaction);
  if (result != MDB_SUCCESS) {
    broken = true;
    return ToStatus(result, "begin writing");
  }
  const Tables& tables = environment.tables();
  MDB_cursor* entries = nullptr;
  MDB_cursor* chunks = nullptr;
  result = mdb_cursor_open(transaction, tables.entries, &entries);
  if (result == MDB_SUCCESS) result = mdb_cursor_open(transaction, tables.chunks, &chunks);
  if (result != MDB_SUCCESS) {
    mdb_txn_abort(transaction);
    return ToStatus(result, "open cursor");
  }
  return std::unique_ptr<TreeWriter>(new LmdbWriter(environment, transaction, entries, chunks, broken));
}

LmdbWriter::~LmdbWriter() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
}

bool LmdbWriter::Check(int result, std::string_view call) {
  if (result == MDB_SUCCESS) return true;
  if (status_.ok()) status_ = ToStatus(result, call);
  return false;
}

void LmdbWriter::Put(std::string_view key, std::string_view value) {
  if (!status_.ok()) return;
  if (value.size() <= kChunkBytes) {
    PutEntry(key, Form::kWhole, value);
  } else {
    PutEntry(key, Form::kChunked, EncodeChunkList(PutChunks(value)));
  }
}

void LmdbWriter::PutEntry(std::string_view key, Form form, std::string_view rest) {
  if (!status_.ok()) return;
  MDB_val place = ToVal(key);
  MDB_val stored{kHeadBytes + rest.size(), nullptr};
  // One search for a new key, which is the common case.
  const int result = mdb_cursor_put(entries_, &place, &stored, MDB_RESERVE | MDB_NOOVERWRITE);
  if (result == MDB_KEYEXIST) {
    DropChunks(key, ToView(stored));
    PutStored(entries_, key, form, rest, 0);
  } else if (Check(result, "put")) {
    WriteStored(key, form, rest, {static_cast<char*>(stored.mv_data), stored.mv_size});
  }
}

ChunkList LmdbWriter::PutChunks(std::string_view value) {
  const ChunkList list{NextChunkId(), value.size()};
  for (uint32_t number = 0; !value.empty() && status_.ok(); ++number) {
    const std::string_view chunk = value.substr(0, kChunkBytes);
    PutStored(chunks_, ChunkKey(list.id, number), Form::kWhole, chunk, MDB_APPEND);
    value.remove_prefix(chunk.size());
  }
  return list;
}

void LmdbWriter::PutStored(MDB_cursor* cursor, std::string_view key, Form form, std::string_view rest,
                           unsigned flags) {
  if (!status_.ok()) return;
  MDB_val place = ToVal(key);
  MDB_val stored{kHeadBytes + rest.size(), nullptr};
  if (!Check(mdb_cursor_put(cursor, &place, &stored, MDB_RESERVE | flags), "put")) return;
  WriteStored(key, form, rest, {static_cast<char*>(stored.mv_data), stored.mv_size});
}

// Above all that live. An id may come back once its chunks and all above it are gone.
uint64_t LmdbWriter::NextChunkId() {
  MDB_val key;
  MDB_val stored;
  const int result = mdb_cursor_get(chunks_, &key, &stored, MDB_LAST);
  if (result == MDB_NOTFOUND || !Check(result, "last chunk")) return 1;
  return ReadU64(ToView(key)) + 1;
}

void LmdbWriter::DropChunks(std::string_view key, std::string_view stored) {
  const std::optional<StoredValue> value =
      stored.size() == kHeadBytes + ChunkList::kStoredBytes ? ReadStored(key, stored) : std::nullopt;
  if (!value || value->form != Form::kChunked) return;
  const std::optional<ChunkList> list = DecodeChunkList(value->rest);
  const std::string prefix = ChunkKey(list->id, 0).substr(0, sizeof(uint64_t));
  while (status_.ok()) {
    MDB_val place = ToVal(prefix);
    MDB_val chunk;
    const int result = mdb_cursor_get(chunks_, &place, &chunk, MDB_SET_RANGE);
    if (result == MDB_NOTFOUND || !Check(result, "find chunk")) return;
    if (!ToView(place).starts_with(prefix)) return;
    Check(mdb_cursor_del(chunks_, 0), "delete chunk");
  }
}

void LmdbWriter::Delete(std::string_view key) {
  if (!status_.ok()) return;
  MDB_val place = ToVal(key);
  MDB_val stored;
  const int result = mdb_cursor_get(entries_, &place, &stored, MDB_SET);
  if (result == MDB_NOTFOUND || !Check(result, "find")) return;
  DropChunks(key, ToView(stored));
  Check(mdb_cursor_del(entries_, 0), "delete");
}

uint64_t LmdbWriter::DeletePrefix(std::string_view prefix, uint64_t limit) {
  uint64_t deleted = 0;
  for (; deleted < limit && status_.ok(); ++deleted) {
    // Searching anew costs little next to the page's copy, and does not lean on what a cursor is after a
    // delete that merged pages.
    MDB_val place = ToVal(prefix);
    MDB_val stored;
    const int result = mdb_cursor_get(entries_, &place, &stored, MDB_SET_RANGE);
    if (result == MDB_NOTFOUND || !Check(result, "find")) break;
    if (!ToView(place).starts_with(prefix)) break;
    DropChunks(ToView(place), ToView(stored));
    if (!Check(mdb_cursor_del(entries_, 0), "delete")) break;
  }
  return deleted;
}

std::optional<std::pair<std::string_view, std::string_view>> LmdbWriter::First(std::string_view prefix) {
  if (!status_.ok()) return std::nullopt;
  MDB_val place = ToVal(prefix);
  MDB_val stored;
  int result = mdb_cursor_get(entries_, &place, &stored, MDB_SET_RANGE);
  for (; result == MDB_SUCCESS; result = mdb_cursor_get(entries_, &place, &stored, MDB_NEXT)) {
    const std::string_view key = ToView(place);
    if (!key.starts_with(prefix)) return std::nullopt;
    const absl::StatusOr<std::string_view> value =
        ReadValue(transaction_, environment_.tables().chunks, key, ToView(stored), buffer_);
    if (value.ok()) return std::pair(key, *value);
  }
  if (result != MDB_NOTFOUND) Check(result, "find");
  return std::nullopt;
}

absl::Status LmdbWriter::Commit() {
  if (!status_.ok()) return status_;
  MDB_txn* const transaction = std::exchange(transaction_, nullptr);
  // A failed sync or meta write leaves open which state the file is in.
  status_ = environment_.CommitStatus(mdb_txn_commit(transaction));
  if (!status_.ok()) broken_ = true;
  return status_;
}

}  // namespace holdfast::storage::lmdb
