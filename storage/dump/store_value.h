#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "storage/dump/value.h"
#include "storage/keyspace.h"

namespace holdfast::storage::dump {

// Makes `value` that of `key`, which is absent, to expire at `expires` (later than now; the infinite future:
// never). False if an element stands in it twice: then the caller takes back what was done.
[[nodiscard]] bool Store(Keyspace& keyspace, std::string_view key, const Value& value, absl::Time expires);

}  // namespace holdfast::storage::dump
