#include "server/command/table.h"

#include <algorithm>
#include <array>

#include "server/command/context.h"
#include "server/command/help.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

// Redis cuts what a client sent before it shows it in an error.
constexpr size_t kShownBytes = 128;

// The beginning of a word, up to a NUL, as Redis shows it.
std::string_view Shown(std::string_view word, size_t most) {
  return word.substr(0, std::min(most, word.find('\0')));
}

// Left out on purpose.
constexpr std::string_view kLeftOut[] = {
    "geoadd",
    "geodist",
    "geohash",
    "geopos",
    "georadius",
    "georadius_ro",
    "georadiusbymember",
    "georadiusbymember_ro",
    "geosearch",
    "geosearchstore",
    "pfadd",
    "pfcount",
    "pfdebug",
    "pfmerge",
    "pfselftest",
};

CommandError UnknownCommand(std::span<const std::string_view> words) {
  if (IsLeftOut(words[0])) {
    return CommandError(Concat({"ERR unknown command '", words[0], "': Holdfast leaves it out ",
                                "(ARCHITECTURE.md, Deliberate differences from Redis)"}));
  }
  std::string shown;
  for (size_t i = 1; i < words.size() && shown.size() < kShownBytes; ++i) {
    shown += Concat({"'", Shown(words[i], kShownBytes - shown.size()), "' "});
  }
  return CommandError(Concat(
      {"ERR unknown command '", Shown(words[0], kShownBytes), "', with args beginning with: ", shown}));
}

CommandError UnknownSubcommand(const Table::Entry& container, std::string_view word) {
  return CommandError(Concat({"ERR unknown subcommand '", Shown(word, kShownBytes), "'. Try ",
                              Upper(container.command->name), " HELP."}));
}

std::string_view KeyUsesOf(const Command& command) {
  if (!command.keys.empty()) return command.keys;
  return (command.flags & kReadOnly) != 0 ? "RO access" : "RW access update";
}

}  // namespace

bool IsLeftOut(std::string_view name) {
  return std::any_of(std::begin(kLeftOut), std::end(kLeftOut),
                     [name](std::string_view one) { return EqualsIgnoreCase(name, one); });
}

Table::Table(std::span<const std::span<const Command>> families) {
  for (const auto& family : families) {
    for (const Command& command : family) {
      if (command.name.find('|') == std::string_view::npos) Add(command);
    }
  }
  for (const auto& family : families) {
    for (const Command& command : family) {
      if (command.name.find('|') == std::string_view::npos) continue;
      Entry& container = ContainerOf(command);
      Entry& entry = Add(command);
      entry.container = &container;
      container.subcommands.push_back(&entry);
    }
  }
  const size_t without_help = entries_.size();
  for (size_t i = 0; i < without_help; ++i) {
    if (entries_[i].is_container()) AddHelp(entries_[i]);
  }
}

Table::Entry& Table::Add(const Command& command) {
  entries_.push_back({&command,
                      Syntax(command.name, command.syntax, KeyUsesOf(command)),
                      entries_.size(),
                      CategoriesOf(command),
                      nullptr,
                      {}});
  Entry& entry = entries_.back();
  by_name_[std::string(command.name)] = &entry;
  if (command.name.find('|') == std::string_view::npos) commands_.push_back(&entry);
  return entry;
}

Table::Entry& Table::ContainerOf(const Command& subcommand) {
  const std::string_view name = subcommand.name.substr(0, subcommand.name.find('|'));
  if (const auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  derived_commands_.push_back(
      {.name = name,
       .syntax = "subcommand [arg ...]",
       .flags = 0,
       .group = subcommand.group,
       .since = subcommand.since,
       .complexity = "Depends on subcommand.",
       .summary = derived_names_.emplace_back(Concat({"A container for ", name, " commands."})),
       .run = nullptr});
  return Add(derived_commands_.back());
}

void Table::AddHelp(Entry& container) {
  const std::string& name = derived_names_.emplace_back(Concat({container.command->name, "|help"}));
  if (by_name_.contains(name)) return;
  derived_commands_.push_back({.name = name,
                               .syntax = "",
                               .flags = kLoading | kStale,
                               .group = container.command->group,
                               .since = container.command->since,
                               .complexity = "O(1)",
                               .summary = "Returns helpful text about the different subcommands.",
                               .run = &Help,
                               .categories = container.command->categories});
  Entry& entry = Add(derived_commands_.back());
  entry.container = &container;
  container.subcommands.push_back(&entry);
}

const Table::Entry* Table::Lookup(std::string_view full_name) const {
  std::array<char, 64> lower;
  if (full_name.size() > lower.size()) return nullptr;
  for (size_t i = 0; i < full_name.size(); ++i) {
    const char c = full_name[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  const auto found = by_name_.find(std::string_view(lower.data(), full_name.size()));
  return found == by_name_.end() ? nullptr : found->second;
}

const Table::Entry* Table::Named(std::span<const std::string_view> words) const {
  const Entry* entry = Lookup(words[0]);
  // A '|' in the first word names a subcommand in the table only, not on the wire.
  if (entry == nullptr || entry->container != nullptr) return nullptr;
  if (!entry->is_container() || words.size() == 1) return entry;
  return Lookup(Concat({entry->command->name, "|", words[1]}));
}

const Table::Entry* Table::Find(std::span<const std::string_view> words,
                                std::optional<CommandError>& error) const {
  const Entry* entry = Named(words);
  if (entry == nullptr) {
    const Entry* container = Named(words.first(1));
    error = container == nullptr ? UnknownCommand(words) : UnknownSubcommand(*container, words[1]);
    return nullptr;
  }
  if (!entry->Accepts(words.size())) {
    error = WrongArity(entry->command->name);
    return nullptr;
  }
  return entry;
}

}  // namespace holdfast::server::command
