#pragma once

#include <lmdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/tree.h"

namespace holdfast::storage::lmdb {

// The two named tables in the data file.
struct Tables {
  MDB_dbi entries = 0;  // the map: key -> stored value (stored_value.h)
  MDB_dbi chunks = 0;   // [id][number] -> stored value: the parts of long values
};

// What every data file is opened with.
inline constexpr mdb_mode_t kPermissions = 0640;
inline constexpr MDB_dbi kTableCount = 2;
inline constexpr const char* kEntriesName = "entries";
inline constexpr const char* kChunksName = "chunks";
// Both tables, with mdb_dbi_open's flags; LMDB's result.
[[nodiscard]] int OpenTablesIn(MDB_txn* transaction, unsigned flags, Tables& tables);

// The open data file ("data.mdb" and LMDB's "lock.mdb" in a folder). A process opens a folder at most once.
// Closed by destruction, which needs that no transaction lives. Commits are always fully synced. Thread-safe
// as LMDB is: any number of readers beside one writer.
class Environment {
 public:
  // Creates the file where there is none. `map_bytes` of address space bound its size.
  static absl::StatusOr<std::unique_ptr<Environment>> Open(const std::string& folder, uint64_t map_bytes);
  // For reading alone, beside a server too; no table is open before OpenTables. LMDB trusts the file: look at
  // the meta pages first, and at all others before the tables are opened (storage/pages).
  static absl::StatusOr<std::unique_ptr<Environment>> OpenToRead(const std::string& folder);
  [[nodiscard]] absl::Status OpenTables(MDB_txn* reading);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  [[nodiscard]] MDB_env* handle() const { return handle_; }
  [[nodiscard]] const Tables& tables() const { return tables_; }
  // OK, or what a failed commit means. LMDB calls a write that came out short EIO; on a full disk, where that
  // is the rule, it is kResourceExhausted.
  [[nodiscard]] absl::Status CommitStatus(int result) const;
  // Walks the list of free pages: short against a checkpoint.
  [[nodiscard]] TreeFacts Measure() const;

 private:
  explicit Environment(MDB_env* handle) : handle_(handle) {}
  // A file that was cut short ends in a hole instead: a read there is damage that is reported, not a SIGBUS.
  // The last pages of a sound file may never have been written, so a short file alone is no damage.
  [[nodiscard]] absl::Status MakeWhole();
  [[nodiscard]] absl::Status OpenTables();

  MDB_env* const handle_;
  Tables tables_;
};

// Ends a read transaction when the scope ends.
struct AbortTransaction {
  void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
};
using TransactionHandle = std::unique_ptr<MDB_txn, AbortTransaction>;

struct CloseCursor {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using CursorHandle = std::unique_ptr<MDB_cursor, CloseCursor>;

[[nodiscard]] inline MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
[[nodiscard]] inline std::string_view ToView(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

}  // namespace holdfast::storage::lmdb
