#include "storage/lmdb/snapshot.h"

#include <utility>

#include "storage/lmdb/cursor.h"
#include "storage/lmdb/read_value.h"
#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {
namespace {

// Where there is nothing to stand on.
class NoCursor final : public Cursor {
 public:
  void Seek(std::string_view) override {}
  void SeekBefore(std::string_view) override {}
  void Next() override {}
  void Prev() override {}
  [[nodiscard]] bool valid() const override { return false; }
  [[nodiscard]] std::string_view key() const override { return {}; }
  [[nodiscard]] std::string_view value() const override { return {}; }
};

}  // namespace

absl::Status LmdbSnapshot::Renew() {
  if (environment_ == nullptr) return unavailable_;
  MDB_txn* transaction = nullptr;
  const int result = mdb_txn_begin(environment_->handle(), nullptr, MDB_RDONLY, &transaction);
  if (result != MDB_SUCCESS) return ToStatus(result, "begin reading");
  Drop();
  transaction_.reset(transaction);
  unavailable_ = absl::OkStatus();
  return absl::OkStatus();
}

void LmdbSnapshot::Drop() {
  buffers_.clear();
  transaction_.reset();
  unavailable_ = absl::UnavailableError("data file: not open");
}

absl::Status LmdbSnapshot::TakeFault() {
  absl::Status damage = std::exchange(damage_, absl::OkStatus());
  return unavailable_.ok() ? damage : unavailable_;
}

std::optional<std::string_view> LmdbSnapshot::Get(std::string_view key) {
  if (transaction_ == nullptr) return std::nullopt;
  const Tables& tables = environment_->tables();
  MDB_val wanted = ToVal(key);
  MDB_val stored;
  const int result = mdb_get(transaction_.get(), tables.entries, &wanted, &stored);
  // Longer than any key that can be stored, or empty.
  if (result == MDB_NOTFOUND || result == MDB_BAD_VALSIZE) return std::nullopt;
  if (result != MDB_SUCCESS) {
    if (damage_.ok()) damage_ = ToStatus(result, "get");
    return std::nullopt;
  }
  std::string buffer;
  absl::StatusOr<std::string_view> value =
      ReadValue(transaction_.get(), tables.chunks, key, ToView(stored), buffer);
  if (!value.ok()) {
    if (damage_.ok()) damage_ = value.status();
    return std::nullopt;
  }
  if (buffer.empty()) return *value;
  return buffers_.emplace_back(std::move(buffer));
}

std::unique_ptr<Cursor> LmdbSnapshot::NewCursor() {
  if (transaction_ == nullptr) return std::make_unique<NoCursor>();
  const Tables& tables = environment_->tables();
  MDB_cursor* opened = nullptr;
  const int result = mdb_cursor_open(transaction_.get(), tables.entries, &opened);
  if (result != MDB_SUCCESS) {
    if (damage_.ok()) damage_ = ToStatus(result, "open cursor");
    return std::make_unique<NoCursor>();
  }
  return std::make_unique<LmdbCursor>(transaction_.get(), CursorHandle(opened), tables.chunks, damage_);
}

}  // namespace holdfast::storage::lmdb
