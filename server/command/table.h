#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/acl_category.h"
#include "server/command/command.h"
#include "server/command/errors.h"
#include "server/command/string_map.h"
#include "server/command/syntax.h"

namespace holdfast::server::command {

// All commands by name. Built once from the families; afterwards it never changes, and any thread may read
// it.
//
// "client|setname" makes a subcommand SETNAME of a container CLIENT; the container and its HELP subcommand
// are derived where no family defines them.
class Table {
 public:
  struct Entry {
    const Command* command;  // its `run` is null in a container that is no command by itself
    Syntax syntax;
    size_t index = 0;  // dense, for counters a command
    Categories categories = 0;
    const Entry* container = nullptr;
    std::vector<const Entry*> subcommands;

    [[nodiscard]] bool is_container() const { return !subcommands.empty(); }
    // Words that name it: 2 for a subcommand.
    [[nodiscard]] size_t name_words() const { return container == nullptr ? 1 : 2; }
    [[nodiscard]] bool has(uint32_t flags) const { return (command->flags & flags) != 0; }
    // Whether a request of that many words can be run.
    [[nodiscard]] bool Accepts(size_t words) const {
      return command->run != nullptr && syntax.Accepts(words);
    }
  };

  explicit Table(std::span<const std::span<const Command>> families);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // The entry that a request (at least one word) asks for, its number of words checked. Null, and `error`
  // says why in Redis's words, if there is none.
  const Entry* Find(std::span<const std::string_view> words, std::optional<CommandError>& error) const;
  // The same without a look at the number of words; null if there is none of that name.
  [[nodiscard]] const Entry* Named(std::span<const std::string_view> words) const;
  // By full name in any case: "get", "CLIENT|SETNAME"; null if there is none.
  [[nodiscard]] const Entry* Lookup(std::string_view full_name) const;

  // Commands and containers, subcommands not among them, in the order of the families.
  [[nodiscard]] const std::vector<const Entry*>& commands() const { return commands_; }
  // How many entries there are, subcommands included: Entry::index is below it.
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& at(size_t index) const { return entries_[index]; }

 private:
  Entry& Add(const Command& command);
  Entry& ContainerOf(const Command& subcommand);
  void AddHelp(Entry& container);

  std::deque<Entry> entries_;
  std::deque<std::string> derived_names_;
  std::deque<Command> derived_commands_;
  std::vector<const Entry*> commands_;
  StringMap<Entry*> by_name_;
};

// Commands of Redis that Holdfast leaves out on purpose, by name in any case: GEOADD, PFCOUNT ...
[[nodiscard]] bool IsLeftOut(std::string_view name);

}  // namespace holdfast::server::command
