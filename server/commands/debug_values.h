#pragma once

#include "server/command/outcome.h"

namespace holdfast::server::command {
struct Context;
}

// The parts of DEBUG that make values, or tell how they are held. In a Redis's words where it has them; what
// these tell of hash tables is what they hold, for there are none.
namespace holdfast::server::commands {

// OBJECT name [fast].
command::Outcome DebugObject(command::Context& context);
// SDSLEN key: how long key and value are, and what a Redis would take for them.
command::Outcome DebugStringLengths(command::Context& context);
// HTSTATS database, HTSTATS-KEY key.
command::Outcome DebugDatabaseTable(command::Context& context);
command::Outcome DebugValueTable(command::Context& context);
// LISTPACK key, QUICKLIST key [detail]: whether the value would be held so; nothing is printed anywhere.
command::Outcome DebugListpack(command::Context& context);
command::Outcome DebugQuicklist(command::Context& context);
// POPULATE count [prefix [size]]: strings prefix:N of value:N where no key is, in one turn. What a count too
// large made is taken back.
command::Outcome DebugPopulate(command::Context& context);

}  // namespace holdfast::server::commands
