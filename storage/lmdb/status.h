#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace holdfast::storage::lmdb {

// What LMDB (or the system below it) answered to `call`, as a status:
//   kResourceExhausted  map or disk full, quota or file size limit reached
//   kDataLoss           the file is damaged, or the device failed
//   kPermissionDenied   EACCES, EPERM, EROFS
//   kInternal           anything else
// OK for 0.
[[nodiscard]] absl::Status ToStatus(int result, std::string_view call);

}  // namespace holdfast::storage::lmdb
