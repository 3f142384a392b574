#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/command/acl_rule_error.h"
#include "server/command/table.h"

namespace holdfast::server::command {

// Which commands an ACL selector allows: the rules +cmd, -cmd, +cmd|sub, +@category and their kin, applied in
// order. At first none is allowed.
//
//   AclCommands commands(table);
//   commands.Apply("+@read"); commands.Apply("-keys"); commands.Apply("+select|0");
//   commands.Describe() == "-@all +@read -keys +select|0"
class AclCommands {
 public:
  // The table must outlive it.
  explicit AclCommands(const Table& table) : table_(&table), allowed_(table.size()) {}

  // `rule` begins with '+' or '-'; "+@all" and "-@all" forget all that was said before. Nothing changes if it
  // is refused.
  std::optional<AclRuleError> Apply(std::string_view rule);

  // Every command, those of later versions included.
  [[nodiscard]] bool allows_all() const { return allows_all_; }
  // `words` is the request that found `entry`. What must work before a login is always allowed.
  [[nodiscard]] bool Allows(const Table::Entry& entry, std::span<const std::string_view> words) const;

  // The rules that make it, as Redis 7.2 shows them: in the order given, without those that a later one about
  // the same command or category made void.
  [[nodiscard]] std::string Describe() const;

 private:
  void SetAll(bool allowed);
  void Set(const Table::Entry& entry, bool allowed);
  void SetOne(const Table::Entry& entry, bool allowed);
  std::optional<AclRuleError> ApplyCategory(std::string_view category, bool allowed);
  std::optional<AclRuleError> ApplyCommand(std::string_view name, bool allowed);
  std::optional<AclRuleError> AllowSubcommand(std::string_view name);
  // Remembers a rule for Describe.
  void Note(std::string_view what, bool allowed);

  struct Rule {
    bool allowed;
    std::string what;  // lower case: "get", "@read", "config|get", "select|0"
  };

  const Table* table_;
  std::vector<bool> allowed_;  // by Entry::index
  bool allows_all_ = false;
  bool begins_with_all_ = false;  // the last rule about all was +@all
  std::vector<Rule> rules_;
  // First arguments with which a command that is not allowed may be run: "0" of +select|0.
  absl::flat_hash_map<size_t, std::vector<std::string>> first_words_;
};

}  // namespace holdfast::server::command
