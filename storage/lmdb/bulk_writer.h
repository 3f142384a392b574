#pragma once

#include <lmdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/lmdb/environment.h"

namespace holdfast::storage::lmdb {

// Builds a new data file of stored values (stored_value.h) that come in the order of their keys, table after
// table. Its pages are filled to the brim, which a copy of the old file's pages (LMDB's own compaction) does
// not do: where keys went here and there, pages stay a third full.
//
//   auto writer = BulkWriter::Create("data/data.mdb.compact", map_bytes);
//   for (...) if (auto status = (*writer)->Append("entries", key, stored); !status.ok()) ...
//   (*writer)->Finish()
//
// Nobody reads the file before Finish, so nothing is synced before that, and no lock file is made. Destroyed
// without it, the file holds something of no worth. One thread.
class BulkWriter {
 public:
  // `path` must not exist.
  static absl::StatusOr<std::unique_ptr<BulkWriter>> Create(const std::string& path, uint64_t map_bytes);
  ~BulkWriter();
  BulkWriter(const BulkWriter&) = delete;
  BulkWriter& operator=(const BulkWriter&) = delete;

  // `table` is "entries" or "chunks"; keys of one table rise. kResourceExhausted: the disk is full.
  [[nodiscard]] absl::Status Append(std::string_view table, std::string_view key, std::string_view stored);
  // Everything is on the disk when it returns OK. Once, at the end.
  [[nodiscard]] absl::Status Finish();

 private:
  explicit BulkWriter(MDB_env* environment) : environment_(environment) {}
  [[nodiscard]] absl::Status Begin();
  [[nodiscard]] absl::Status Commit();

  MDB_env* const environment_;
  Tables tables_;
  MDB_txn* transaction_ = nullptr;
  uint64_t uncommitted_bytes_ = 0;
};

}  // namespace holdfast::storage::lmdb
