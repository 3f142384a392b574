#include "storage/posix_error.h"

#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace holdfast::storage {
namespace {

absl::StatusCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // the limit of a file's size
      return absl::StatusCode::kResourceExhausted;
    case EIO:
    case EUCLEAN:
    case EBADMSG:
    case ESTALE:
      return absl::StatusCode::kDataLoss;
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EOPNOTSUPP:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status PosixError(const char* call, const std::string& path, int error_number) {
  return absl::Status(CodeOf(error_number),
                      absl::StrCat(call, " ", path, ": ", std::generic_category().message(error_number)));
}

}  // namespace holdfast::storage
