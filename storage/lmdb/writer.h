#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/lmdb/environment.h"
#include "storage/lmdb/stored_value.h"
#include "storage/tree.h"

namespace holdfast::storage::lmdb {

// A write transaction on the data file. Adds checksums, cuts long values into chunks and removes the chunks
// of values that go. Fastest when keys come in order.
class LmdbWriter final : public TreeWriter {
 public:
  // `broken` is set when a commit fails.
  static absl::StatusOr<std::unique_ptr<TreeWriter>> Begin(const Environment& environment,
                                                           std::atomic<bool>& broken);
  ~LmdbWriter() override;
  LmdbWriter(const LmdbWriter&) = delete;
  LmdbWriter& operator=(const LmdbWriter&) = delete;

  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  uint64_t DeletePrefix(std::string_view prefix, uint64_t limit) override;
  [[nodiscard]] std::optional<std::pair<std::string_view, std::string_view>> First(
      std::string_view prefix) override;
  [[nodiscard]] const absl::Status& status() const override { return status_; }
  [[nodiscard]] absl::Status Commit() override;

 private:
  LmdbWriter(const Environment& environment, MDB_txn* transaction, MDB_cursor* entries, MDB_cursor* chunks,
             std::atomic<bool>& broken)
      : environment_(environment),
        transaction_(transaction),
        entries_(entries),
        chunks_(chunks),
        broken_(broken) {}

  // True on success; notes an error otherwise.
  bool Check(int result, std::string_view call);
  void PutEntry(std::string_view key, Form form, std::string_view rest);
  [[nodiscard]] ChunkList PutChunks(std::string_view value);
  void PutStored(MDB_cursor* cursor, std::string_view key, Form form, std::string_view rest, unsigned flags);
  // If `stored`, which goes, is a chunked value's: removes its chunks.
  void DropChunks(std::string_view key, std::string_view stored);
  [[nodiscard]] uint64_t NextChunkId();

  const Environment& environment_;
  MDB_txn* transaction_;  // null after Commit; owns the cursors
  MDB_cursor* const entries_;
  MDB_cursor* const chunks_;
  std::atomic<bool>& broken_;
  absl::Status status_;
  std::string buffer_;  // First's
};

}  // namespace holdfast::storage::lmdb
