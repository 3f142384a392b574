#include "server/command/help.h"

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

std::string_view SubcommandName(const Command& command) {
  return command.name.substr(command.name.find('|') + 1);
}

}  // namespace

Outcome Help(Context& context) {
  const Table::Entry& container = *context.services.table().Lookup(context.command.name)->container;
  resp::ReplyWriter& reply = context.reply;
  reply.Array(1 + 2 * container.subcommands.size());
  reply.SimpleString(
      Concat({Upper(container.command->name), " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}));
  for (const Table::Entry* entry : container.subcommands) {
    const Command& command = *entry->command;
    const std::string_view space = command.syntax.empty() ? "" : " ";
    reply.SimpleString(Concat({Upper(SubcommandName(command)), space, command.syntax}));
    reply.SimpleString(Concat({"    ", command.summary}));
  }
  return Done{};
}

}  // namespace holdfast::server::command
