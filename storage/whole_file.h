#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/env.h"

namespace holdfast::storage {

// All bytes of a small file that people write, too: a configuration, an ACL file.
[[nodiscard]] absl::StatusOr<std::string> ReadWholeFile(Env& env, const std::string& path);

// Writes a file beside it, "<path>.tmp", and renames that: whatever happens, `path` holds either what it held
// before or all of `bytes`. Durable when it returns OK.
[[nodiscard]] absl::Status ReplaceWholeFile(Env& env, const std::string& path, std::string_view bytes);

}  // namespace holdfast::storage
