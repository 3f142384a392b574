#pragma once

#include "server/command/args.h"

namespace holdfast::server::commands {

// The number of a database that exists. An error sticks to `args` otherwise: what is no 32-bit number has
// another text than what is no database.
int ReadDatabase(command::Args& args);

}  // namespace holdfast::server::commands
