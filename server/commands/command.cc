#include "server/command/command.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "server/command/context.h"
#include "server/command/glob.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/command/words.h"
#include "server/commands/command_description.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kInvalidCommand("ERR Invalid command specified");
const CommandError kInvalidWords("ERR Invalid number of arguments specified for command");
const CommandError kInvalidKeys("ERR Invalid arguments specified for command");
const CommandError kNoKeys("ERR The command has no key arguments");

Outcome All(Context& context) {
  const auto& commands = context.services.table().commands();
  context.reply.Array(commands.size());
  for (const Table::Entry* entry : commands) WriteCommandInfo(*entry, context.reply);
  return Done{};
}

Outcome Count(Context& context) {
  context.reply.Integer(static_cast<int64_t>(context.services.table().commands().size()));
  return Done{};
}

Outcome Info(Context& context) {
  if (context.args.done()) return All(context);
  context.reply.Array(context.args.remaining());
  for (const std::string_view name : context.args.Rest()) {
    const Table::Entry* entry = context.services.table().Lookup(name);
    entry == nullptr ? context.reply.Null() : WriteCommandInfo(*entry, context.reply);
  }
  return Done{};
}

Outcome Docs(Context& context) {
  const Table& table = context.services.table();
  std::vector<const Table::Entry*> wanted = table.commands();
  if (!context.args.done()) wanted.clear();
  for (const std::string_view name : context.args.Rest()) {
    if (const Table::Entry* entry = table.Lookup(name)) wanted.push_back(entry);
  }
  context.reply.Map(wanted.size());
  for (const Table::Entry* entry : wanted) {
    context.reply.Bulk(entry->command->name);
    WriteCommandDocs(*entry, context.reply);
  }
  return Done{};
}

using Filter = std::function<bool(const Table::Entry&)>;

Filter ReadFilter(Args& args) {
  if (args.done()) return [](const Table::Entry&) { return true; };
  if (args.remaining() != 3 || !args.Keyword("FILTERBY")) {
    args.Fail(kSyntaxError);
  } else if (args.Keyword("MODULE")) {
    args.Rest();
  } else if (args.Keyword("ACLCAT")) {
    return [category = FindCategory(args.Bytes()).value_or(0)](const Table::Entry& entry) {
      return (entry.categories & category) != 0;
    };
  } else if (args.Keyword("PATTERN")) {
    return [pattern = args.Bytes()](const Table::Entry& entry) {
      return GlobMatchesIgnoreCase(pattern, entry.command->name);
    };
  } else {
    args.Fail(kSyntaxError);
  }
  return [](const Table::Entry&) { return false; };
}

Outcome List(Context& context) {
  const Filter filter = ReadFilter(context.args);
  if (auto error = context.args.Finish()) return *error;
  const Table& table = context.services.table();
  std::vector<std::string_view> names;
  for (size_t i = 0; i < table.size(); ++i) {
    if (filter(table.at(i))) names.push_back(table.at(i).command->name);
  }
  context.reply.Array(names.size());
  for (const std::string_view name : names) context.reply.Bulk(name);
  return Done{};
}

// The keys of the request behind it, each shown by kShow.
template <void (*kShow)(std::string_view key, const KeyPlace& place, resp::ReplyWriter& reply)>
Outcome GetKeys(Context& context) {
  const auto words = context.args.Rest();
  const Table::Entry* entry = context.services.table().Named(words);
  if (entry == nullptr) return kInvalidCommand;
  const std::vector<KeySpec>& specs = entry->syntax.keys();
  if (std::all_of(specs.begin(), specs.end(), [](const KeySpec& spec) { return spec.not_key; })) {
    return kNoKeys;
  }
  if (!entry->Accepts(words.size())) return kInvalidWords;
  const std::vector<KeyPlace> places = entry->syntax.KeysIn(words);
  if (places.empty() && !entry->syntax.has_optional_keys()) return kInvalidKeys;
  context.reply.Array(places.size());
  for (const KeyPlace& place : places) kShow(words[place.word], place, context.reply);
  return Done{};
}

void ShowName(std::string_view key, const KeyPlace&, resp::ReplyWriter& reply) { reply.Bulk(key); }

void ShowNameAndFlags(std::string_view key, const KeyPlace& place, resp::ReplyWriter& reply) {
  reply.Array(2);
  reply.Bulk(key);
  WriteKeyFlags(place.flags, reply);
}

constexpr Command Entry(std::string_view name, std::string_view syntax, std::string_view since,
                        std::string_view complexity, std::string_view summary, Handler run) {
  return {name, syntax, kLoading | kStale, "server", since, complexity, summary, run, {}, "connection"};
}

constexpr std::string_view kPerCommand = "O(N) where N is the number of commands to look up";
constexpr std::string_view kPerTable = "O(N) where N is the total number of Redis commands";

constexpr Command kCommands[] = {
    Entry("command", "[subcommand [arg ...]]", "2.8.13", kPerTable,
          "Returns detailed information about all commands.", &All),
    Entry("command|count", "", "2.8.13", "O(1)", "Returns a count of commands.", &Count),
    Entry("command|info", "[command-name [command-name ...]]", "2.8.13", kPerCommand,
          "Returns information about one, multiple or all commands.", &Info),
    Entry("command|docs", "[command-name [command-name ...]]", "7.0.0", kPerCommand,
          "Returns documentary information about one, multiple or all commands.", &Docs),
    Entry("command|list", "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]", "7.0.0",
          kPerTable, "Returns a list of command names.", &List),
    Entry("command|getkeys", "command [arg [arg ...]]", "2.8.13",
          "O(N) where N is the number of arguments to the command",
          "Extracts the key names from an arbitrary command.", &GetKeys<ShowName>),
    Entry("command|getkeysandflags", "command [arg [arg ...]]", "7.0.0",
          "O(N) where N is the number of arguments to the command",
          "Extracts the key names from an arbitrary command, and what it does with each.",
          &GetKeys<ShowNameAndFlags>),
};

}  // namespace

Family CommandCommands() { return kCommands; }

}  // namespace holdfast::server::commands
