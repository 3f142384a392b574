#pragma once

#include "server/command/args.h"
#include "server/command/errors.h"
#include "server/command/outcome.h"

namespace holdfast::server::command {

struct Context;

// The HELP subcommand of every container: its subcommands' syntax and summaries, as Redis lays them out.
Outcome Help(Context& context);

// What a subcommand answers to words that it has no use for.
[[nodiscard]] CommandError SubcommandMisused(const Args& args);

}  // namespace holdfast::server::command
