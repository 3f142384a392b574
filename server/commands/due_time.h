#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "server/command/context.h"

namespace holdfast::server::commands {

// How the commands that set an expiry, of a key or of a hash's fields, give its time: EXPIRE in seconds from
// now, PEXPIREAT in milliseconds since 1970.
enum class TimeUnit : int64_t { kMilliseconds = 1, kSeconds = 1000 };
enum class TimeOrigin : uint8_t { kNow, kEpoch };

// NX, XX, GT, LT: on what the new time depends.
struct ExpiryConditions {
  bool persistent = false;  // NX
  bool expiring = false;    // XX
  bool later = false;       // GT
  bool earlier = false;     // LT

  // What never expires (the infinite future) counts as expiring last.
  [[nodiscard]] bool Allow(absl::Time current, absl::Time wanted) const;
};

// Nullopt: it does not fit into 64 bits of milliseconds since 1970.
[[nodiscard]] std::optional<absl::Time> DueTime(int64_t amount, TimeUnit unit, TimeOrigin origin,
                                                absl::Time now);

// What Redis answers then.
[[nodiscard]] command::CommandError InvalidExpireTime(const command::Context& context);

}  // namespace holdfast::server::commands
