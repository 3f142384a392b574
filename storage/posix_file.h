#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/env.h"

namespace holdfast::storage {

// PosixEnv().Open: a file of the machine's own file system.
[[nodiscard]] absl::StatusOr<std::unique_ptr<File>> OpenPosixFile(const std::string& path, OpenMode open,
                                                                  WriteMode write);

}  // namespace holdfast::storage
