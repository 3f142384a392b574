#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/table.h"
#include "tests/differential/vocabulary.h"

namespace holdfast::differential {

// What the oracle knows: its commands, and the option words of each.
class KnownSyntax {
 public:
  void Add(std::string command, std::set<std::string> tokens) {
    tokens_.emplace(std::move(command), std::move(tokens));
  }
  [[nodiscard]] bool HasCommand(std::string_view name) const { return tokens_.contains(name); }
  [[nodiscard]] bool HasToken(std::string_view command, std::string_view token) const {
    const auto found = tokens_.find(command);
    return found != tokens_.end() && found->second.contains(std::string(token));
  }
  [[nodiscard]] const std::map<std::string, std::set<std::string>, std::less<>>& commands() const {
    return tokens_;
  }

 private:
  std::map<std::string, std::set<std::string>, std::less<>> tokens_;
};

// The option words in `arguments`, upper case.
void CollectTokens(const std::vector<server::command::Argument>& arguments, std::set<std::string>& tokens);

// Random requests for one command, drawn along its syntax: usual ones, ones with odd words, and ones whose
// words are dropped, doubled, swapped or replaced.
class Requests {
 public:
  Requests(Dice& dice, const KnownSyntax& known) : dice_(dice), known_(known), vocabulary_(dice) {}

  [[nodiscard]] std::vector<std::string> Draw(const server::command::Table::Entry& entry);
  // How often each option has been drawn, by "command TOKEN".
  [[nodiscard]] const std::map<std::string, int>& drawn_tokens() const { return drawn_tokens_; }

 private:
  using Arguments = std::vector<server::command::Argument>;
  using Argument = server::command::Argument;

  void Sequence(const Arguments& arguments);
  void One(const Argument& argument);
  void Once(const Argument& argument);
  size_t Repetitions(const Argument& argument);
  void Token(const std::string& token);
  bool Draws(const Argument& argument);
  void SuitRanges();
  void SuitTimes();
  void Damage();

  Dice& dice_;
  const KnownSyntax& known_;
  Vocabulary vocabulary_;
  std::map<std::string, int> drawn_tokens_;
  // Of the request that is being drawn.
  const server::command::Table::Entry* entry_ = nullptr;
  bool odd_ = false;
  size_t keys_ = 0;  // in the last run of keys
  std::vector<std::string> words_;
};

}  // namespace holdfast::differential
