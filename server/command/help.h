#pragma once

#include "server/command/outcome.h"

namespace holdfast::server::command {

struct Context;

// The HELP subcommand of every container: its subcommands' syntax and summaries, as Redis lays them out.
Outcome Help(Context& context);

}  // namespace holdfast::server::command
