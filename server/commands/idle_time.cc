#include "server/commands/idle_time.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "server/command/services.h"

namespace holdfast::server::commands {

int64_t IdleSeconds(const command::Context& context, std::string_view key) {
  const absl::Time used = context.keyspace.AccessTime(key).value_or(context.services.control().started());
  return std::max<int64_t>(absl::ToUnixSeconds(context.now()) - absl::ToUnixSeconds(used), 0);
}

}  // namespace holdfast::server::commands
