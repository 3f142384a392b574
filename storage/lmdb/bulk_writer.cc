#include "storage/lmdb/bulk_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {
namespace {

constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC;
// What LMDB holds in memory until the commit.
constexpr uint64_t kCommitBytes = 32 << 20;
constexpr int kSyncNow = 1;

}  // namespace

absl::StatusOr<std::unique_ptr<BulkWriter>> BulkWriter::Create(const std::string& path, uint64_t map_bytes) {
  MDB_env* environment = nullptr;
  if (const int result = mdb_env_create(&environment); result != MDB_SUCCESS) {
    return ToStatus(result, "mdb_env_create");
  }
  auto writer = std::unique_ptr<BulkWriter>(new BulkWriter(environment));
  int result = mdb_env_set_mapsize(environment, map_bytes);
  if (result == MDB_SUCCESS) result = mdb_env_set_maxdbs(environment, kTableCount);
  if (result == MDB_SUCCESS) result = mdb_env_open(environment, path.c_str(), kFlags, kPermissions);
  if (result != MDB_SUCCESS) return ToStatus(result, absl::StrCat("create ", path));
  if (absl::Status status = writer->Begin(); !status.ok()) return status;
  result = OpenTablesIn(writer->transaction_, MDB_CREATE, writer->tables_);
  if (result != MDB_SUCCESS) return ToStatus(result, "create tables");
  return writer;
}

BulkWriter::~BulkWriter() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
  mdb_env_close(environment_);
}

absl::Status BulkWriter::Begin() {
  return ToStatus(mdb_txn_begin(environment_, nullptr, 0, &transaction_), "begin writing");
}

absl::Status BulkWriter::Commit() {
  uncommitted_bytes_ = 0;
  return ToStatus(mdb_txn_commit(std::exchange(transaction_, nullptr)), "commit");
}

absl::Status BulkWriter::Append(std::string_view table, std::string_view key, std::string_view stored) {
  const MDB_dbi to = table == kEntriesName ? tables_.entries : tables_.chunks;
  MDB_val place = ToVal(key);
  MDB_val value = ToVal(stored);
  if (const int result = mdb_put(transaction_, to, &place, &value, MDB_APPEND); result != MDB_SUCCESS) {
    return ToStatus(result, "append");
  }
  uncommitted_bytes_ += key.size() + stored.size();
  if (uncommitted_bytes_ < kCommitBytes) return absl::OkStatus();
  if (absl::Status status = Commit(); !status.ok()) return status;
  return Begin();
}

absl::Status BulkWriter::Finish() {
  if (absl::Status status = Commit(); !status.ok()) return status;
  return ToStatus(mdb_env_sync(environment_, kSyncNow), "sync");
}

}  // namespace holdfast::storage::lmdb
