#include "server/command/acl_commands.h"

#include <algorithm>

#include "server/command/words.h"

namespace holdfast::server::command {

std::optional<AclRuleError> AclCommands::Apply(std::string_view rule) {
  const bool allowed = rule.starts_with('+');
  const std::string_view what = rule.substr(1);
  if (what.starts_with('@')) return ApplyCategory(what.substr(1), allowed);
  if (allowed && what.find('|') != std::string_view::npos) return AllowSubcommand(what);
  return ApplyCommand(what, allowed);
}

std::optional<AclRuleError> AclCommands::ApplyCategory(std::string_view category, bool allowed) {
  if (EqualsIgnoreCase(category, "all")) {
    SetAll(allowed);
    return std::nullopt;
  }
  const std::optional<Categories> bit = FindCategory(category);
  if (!bit) return AclRuleError::kUnknownName;
  for (size_t i = 0; i < table_->size(); ++i) {
    if ((table_->at(i).categories & *bit) != 0) SetOne(table_->at(i), allowed);
  }
  Note(Concat({"@", category}), allowed);
  return std::nullopt;
}

std::optional<AclRuleError> AclCommands::ApplyCommand(std::string_view name, bool allowed) {
  const Table::Entry* entry = table_->Lookup(name);
  if (entry == nullptr && !IsLeftOut(name)) return AclRuleError::kUnknownName;
  // What nobody can run is no mistake: the users of a Redis can be taken over.
  if (entry != nullptr) Set(*entry, allowed);
  Note(name, allowed);
  return std::nullopt;
}

std::optional<AclRuleError> AclCommands::AllowSubcommand(std::string_view name) {
  const size_t bar = name.rfind('|');
  const Table::Entry* entry = table_->Lookup(name.substr(0, bar));
  if (entry == nullptr) return AclRuleError::kUnknownName;
  if (entry->container != nullptr) return AclRuleError::kWordOfSubcommand;
  if (bar + 1 == name.size()) return AclRuleError::kSyntax;
  const Table::Entry* subcommand = table_->Lookup(name);
  if (subcommand != nullptr) {
    Set(*subcommand, true);
  } else if (entry->is_container()) {
    return AclRuleError::kUnknownName;
  } else {
    std::vector<std::string>& words = first_words_[entry->index];
    std::string word = Lower(name.substr(bar + 1));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  }
  Note(name, true);
  return std::nullopt;
}

void AclCommands::SetAll(bool allowed) {
  allowed_.assign(allowed_.size(), allowed);
  allows_all_ = begins_with_all_ = allowed;
  rules_.clear();
  first_words_.clear();
}

void AclCommands::Set(const Table::Entry& entry, bool allowed) {
  SetOne(entry, allowed);
  for (const Table::Entry* subcommand : entry.subcommands) SetOne(*subcommand, allowed);
}

void AclCommands::SetOne(const Table::Entry& entry, bool allowed) {
  allowed_[entry.index] = allowed;
  if (!allowed) allows_all_ = false;
  first_words_.erase(entry.index);
}

void AclCommands::Note(std::string_view what, bool allowed) {
  const std::string name = Lower(what);
  // A command's rule takes the place of those about its subcommands, too.
  std::erase_if(rules_, [&](const Rule& rule) {
    return rule.what == name || (rule.what.starts_with(name) && rule.what[name.size()] == '|');
  });
  rules_.push_back({allowed, name});
}

bool AclCommands::Allows(const Table::Entry& entry, std::span<const std::string_view> words) const {
  if (allows_all_ || allowed_[entry.index] || entry.has(kNoAuth)) return true;
  const auto found = first_words_.find(entry.index);
  if (found == first_words_.end() || words.size() < 2) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](const std::string& word) { return EqualsIgnoreCase(word, words[1]); });
}

std::string AclCommands::Describe() const {
  std::string text = begins_with_all_ ? "+@all" : "-@all";
  for (const Rule& rule : rules_) text += Concat({" ", rule.allowed ? "+" : "-", rule.what});
  return text;
}

}  // namespace holdfast::server::command
