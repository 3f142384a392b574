#pragma once

#include "server/command/args.h"
#include "server/command/client.h"
#include "server/command/outcome.h"

namespace holdfast::server::command {
struct Context;
}

namespace holdfast::server::commands {

// The TYPE that CLIENT LIST and CLIENT KILL choose by. Holdfast has no masters and replicas as clients.
enum class ClientKind { kAny, kNormal, kPubSub, kReplication };

// The next word as a kind; an error sticks to `args` if it is none.
[[nodiscard]] ClientKind ReadClientKind(command::Args& args);
[[nodiscard]] bool IsOfKind(const command::Client& client, ClientKind kind);

// CLIENT KILL: the old form with an address answers OK or an error, the form with filters a count.
command::Outcome ClientKill(command::Context& context);

}  // namespace holdfast::server::commands
