#pragma once

#include "server/engine/process.h"
#include "server/engine/settings.h"
#include "server/net/listener.h"

namespace holdfast::server::net {

// From now on CONFIG SET of `port`, `tls-port`, `bind` and the parameters of TLS changes what `listener`
// does. A refusal is Redis's; the log says why. All three must live as long as each other's use.
void FollowSettings(engine::Settings& settings, Listener& listener, engine::Process& process);

}  // namespace holdfast::server::net
