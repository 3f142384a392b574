#pragma once

#include "resp/reply_writer.h"
#include "server/command/table.h"

namespace holdfast::server::commands {

// One element of COMMAND INFO's reply: name, arity, flags, first key, last key, step, ACL categories, tips,
// key specifications, subcommands.
void WriteCommandInfo(const command::Table::Entry& entry, resp::ReplyWriter& reply);

// One value of COMMAND DOCS's map: summary, since, group, complexity, arguments, subcommands.
void WriteCommandDocs(const command::Table::Entry& entry, resp::ReplyWriter& reply);

// What is done with a key, as a set of flags: "RW access delete" has three.
void WriteKeyFlags(std::string_view flags, resp::ReplyWriter& reply);

}  // namespace holdfast::server::commands
