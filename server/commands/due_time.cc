#include "server/commands/due_time.h"

#include <limits>

#include "server/command/words.h"

namespace holdfast::server::commands {

bool ExpiryConditions::Allow(absl::Time current, absl::Time wanted) const {
  const bool never = current == absl::InfiniteFuture();
  if (persistent && !never) return false;
  if (expiring && never) return false;
  if (later && wanted <= current) return false;
  return !earlier || wanted < current;
}

std::optional<absl::Time> DueTime(int64_t amount, TimeUnit unit, TimeOrigin origin, absl::Time now) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const int64_t factor = static_cast<int64_t>(unit);
  if (amount > kMost / factor || amount < kLeast / factor) return std::nullopt;
  const int64_t base = origin == TimeOrigin::kNow ? absl::ToUnixMillis(now) : 0;
  if (amount * factor > kMost - base) return std::nullopt;
  return absl::FromUnixMillis(amount * factor + base);
}

command::CommandError InvalidExpireTime(const command::Context& context) {
  return command::CommandError(
      command::Concat({"ERR invalid expire time in '", context.command.name, "' command"}));
}

}  // namespace holdfast::server::commands
