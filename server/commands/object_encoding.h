#pragma once

#include <cstdint>
#include <string_view>

#include "storage/entry.h"
#include "storage/packed.h"

namespace holdfast::server::commands {

// The form in which Redis would hold a value of this kind and size.
[[nodiscard]] std::string_view EncodingName(const storage::Entry& entry, const storage::InlineLimits& limits);

// What OBJECT REFCOUNT says: 2147483647 for integers from 0 to 9999, which a Redis shares; 1 for the rest.
[[nodiscard]] int64_t ReferenceCount(const storage::Entry& entry);

}  // namespace holdfast::server::commands
