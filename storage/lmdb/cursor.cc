#include "storage/lmdb/cursor.h"

#include <utility>

#include "absl/status/statusor.h"
#include "storage/lmdb/read_value.h"
#include "storage/lmdb/status.h"

namespace holdfast::storage::lmdb {

void LmdbCursor::Seek(std::string_view key) {
  Settle(key.empty() ? Move(MDB_FIRST) : MoveTo(key, MDB_SET_RANGE), MDB_NEXT);
}

void LmdbCursor::SeekBefore(std::string_view key) {
  if (key.empty()) {
    value_.reset();
    return;
  }
  const int at_or_after = MoveTo(key, MDB_SET_RANGE);
  Settle(Move(at_or_after == MDB_SUCCESS ? MDB_PREV : MDB_LAST), MDB_PREV);
}

int LmdbCursor::Move(MDB_cursor_op move) { return MoveTo({}, move); }

int LmdbCursor::MoveTo(std::string_view key, MDB_cursor_op move) {
  MDB_val place = ToVal(key);
  MDB_val stored{};
  const int result = mdb_cursor_get(cursor_.get(), &place, &stored, move);
  if (result == MDB_SUCCESS) {
    key_ = ToView(place);
    stored_ = ToView(stored);
  }
  return result;
}

void LmdbCursor::Settle(int result, MDB_cursor_op direction) {
  value_.reset();
  for (; result == MDB_SUCCESS; result = Move(direction)) {
    absl::StatusOr<std::string_view> value = ReadValue(transaction_, chunks_, key_, stored_, buffer_);
    if (value.ok()) {
      value_ = *value;
      return;
    }
    if (damage_.ok()) damage_ = value.status();
  }
  if (result != MDB_NOTFOUND && damage_.ok()) damage_ = ToStatus(result, "move cursor");
}

}  // namespace holdfast::storage::lmdb
