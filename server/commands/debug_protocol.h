#pragma once

#include "server/command/outcome.h"

namespace holdfast::server::command {
struct Context;
}

namespace holdfast::server::commands {

// DEBUG PROTOCOL type: a reply of that type, for those who write clients.
command::Outcome DebugProtocol(command::Context& context);

}  // namespace holdfast::server::commands
