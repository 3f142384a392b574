#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/kv.h"
#include "storage/lmdb/environment.h"

namespace holdfast::storage::lmdb {

// A position in a snapshot's map. Passes over damaged entries, noting the first in `damage`. Lives no longer
// than its snapshot's state.
class LmdbCursor final : public Cursor {
 public:
  LmdbCursor(MDB_txn* transaction, CursorHandle cursor, MDB_dbi chunks, absl::Status& damage)
      : transaction_(transaction), cursor_(std::move(cursor)), chunks_(chunks), damage_(damage) {}

  void Seek(std::string_view key) override;
  void SeekBefore(std::string_view key) override;
  void Next() override { Settle(Move(MDB_NEXT), MDB_NEXT); }
  void Prev() override { Settle(Move(MDB_PREV), MDB_PREV); }

  [[nodiscard]] bool valid() const override { return value_.has_value(); }
  [[nodiscard]] std::string_view key() const override { return key_; }
  [[nodiscard]] std::string_view value() const override { return *value_; }

 private:
  // Both return LMDB's result; on success key_ and stored_ are the new place's.
  int Move(MDB_cursor_op move);
  int MoveTo(std::string_view key, MDB_cursor_op move);
  // Reads the value where a move of `result` led to, going on in the same direction over damaged entries.
  void Settle(int result, MDB_cursor_op direction);

  MDB_txn* const transaction_;
  const CursorHandle cursor_;
  const MDB_dbi chunks_;
  absl::Status& damage_;
  std::string_view key_;
  std::string_view stored_;
  std::optional<std::string_view> value_;
  std::string buffer_;
};

}  // namespace holdfast::storage::lmdb
