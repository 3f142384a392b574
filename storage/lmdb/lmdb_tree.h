#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/tree.h"

namespace holdfast::storage::lmdb {

// Opens the tree in "data.mdb" in `folder`, creating the file where there is none (sync the folder then).
// `map_bytes` bounds the file's size; address space only, it costs nothing. A process opens a folder once.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Tree>> OpenTree(const std::string& folder, uint64_t map_bytes);

}  // namespace holdfast::storage::lmdb
