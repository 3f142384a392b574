#pragma once

#include <string>

#include "absl/time/time.h"
#include "server/command/client.h"

namespace holdfast::server::command {

// One line of CLIENT LIST, line end included, with Redis 7.2's fields in Redis's order:
// "id=3 addr=127.0.0.1:57536 laddr=127.0.0.1:6379 fd=8 name= age=0 ...".
[[nodiscard]] std::string ClientLine(const command::Client& client, absl::Time now);

}  // namespace holdfast::server::command
