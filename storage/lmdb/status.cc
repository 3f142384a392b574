#include "storage/lmdb/status.h"

#include <lmdb.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"

namespace holdfast::storage::lmdb {
namespace {

absl::StatusCode CodeOf(int result) {
  switch (result) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case EIO:
      return absl::StatusCode::kDataLoss;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status ToStatus(int result, std::string_view call) {
  if (result == MDB_SUCCESS) return absl::OkStatus();
  return absl::Status(CodeOf(result),
                      absl::StrCat("data file: ", std::string(call), ": ", mdb_strerror(result)));
}

}  // namespace holdfast::storage::lmdb
