#pragma once

#include "absl/status/status.h"
#include "server/engine/settings.h"

namespace holdfast::server {

// Runs the server until SIGTERM, SIGINT or SHUTDOWN: opens the store (recovery included), then the sockets,
// tells the service manager, serves; at the end finishes the turn, sends its replies, checkpoints and closes.
// Blocks. An error says what could not be opened or closed and what to do.
[[nodiscard]] absl::Status Serve(engine::Settings& settings);

}  // namespace holdfast::server
