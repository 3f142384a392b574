#pragma once

#include <string>

#include "absl/status/status.h"

namespace holdfast::storage {

// The status of a failed system call: "<call> <path>: <the system's text>", with the code that env.h lists
// for it.
[[nodiscard]] absl::Status PosixError(const char* call, const std::string& path, int error_number);

}  // namespace holdfast::storage
