#pragma once

#include <string_view>

#include "storage/entry.h"
#include "storage/packed.h"

namespace holdfast::server::commands {

// The form in which Redis would hold a value of this kind and size.
[[nodiscard]] std::string_view EncodingName(const storage::Entry& entry, const storage::InlineLimits& limits);

}  // namespace holdfast::server::commands
