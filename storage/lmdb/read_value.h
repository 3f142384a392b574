#pragma once

#include <lmdb.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace holdfast::storage::lmdb {

// The value whose stored form stands at `key`: a view into `stored`, or for a chunked one into `buffer`,
// which it replaces. kDataLoss if the entry or one of its chunks is damaged or missing; names `key`.
[[nodiscard]] absl::StatusOr<std::string_view> ReadValue(MDB_txn* transaction, MDB_dbi chunks,
                                                         std::string_view key, std::string_view stored,
                                                         std::string& buffer);

}  // namespace holdfast::storage::lmdb
