#pragma once

#include <string>
#include <vector>

#include "tests/differential/duel.h"
#include "tests/differential/requests.h"
#include "tests/differential/vocabulary.h"

namespace holdfast::differential {

// Stories of one ACL user, "worker", whose rules change, and of questions: what it could run, and what
// requests do with their keys. Nothing is run, so all commands that the oracle knows are asked about.
class PermissionStories {
 public:
  PermissionStories(uint64_t seed, const server::command::Table& table, const KnownSyntax& known);

  [[nodiscard]] std::vector<Step> Draw(size_t steps);

 private:
  using Entry = server::command::Table::Entry;

  const Entry& AnyCommand() { return *commands_[dice_.Below(commands_.size())]; }
  std::string CommandRule();
  std::string SelectorRule();
  std::string Rule();
  std::vector<std::string> Rules();
  // A request to ask about.
  std::vector<std::string> Drawn();
  std::vector<std::string> Question();

  Dice dice_;
  Requests requests_;
  std::vector<const Entry*> commands_;
};

}  // namespace holdfast::differential
