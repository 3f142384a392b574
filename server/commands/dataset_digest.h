#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/keyspace.h"

namespace holdfast::server::commands {

// DEBUG DIGEST: equal for equal data, in whatever order sets, hashes and keys are walked. Comparable within
// one data folder only. 0 for what is absent.
[[nodiscard]] uint64_t DigestOfValue(storage::Keyspace& keyspace, std::string_view key);
[[nodiscard]] uint64_t DigestOfAll(storage::Transaction& transaction);
// As 40 hexadecimal digits.
[[nodiscard]] std::string DigestText(uint64_t digest);

}  // namespace holdfast::server::commands
