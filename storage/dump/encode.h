#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/keyspace.h"

namespace holdfast::storage::dump {

// What would become longer is not dumped: no request could carry it back.
inline constexpr uint64_t kMaxPayloadBytes = uint64_t{512} << 20;

// The value of `slot`, which holds one, as a whole payload (payload.h) in forms that Redis 7.0 reads
// (value.h). Its expiry is not part of it. Nullopt if the payload would become longer than kMaxPayloadBytes,
// as far as that can be told before: a string of that length is dumped whole.
[[nodiscard]] std::optional<std::string> Encode(Keyspace& keyspace, const Slot& slot);

}  // namespace holdfast::storage::dump
