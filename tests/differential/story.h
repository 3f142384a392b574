#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/command/table.h"
#include "tests/differential/duel.h"
#include "tests/differential/requests.h"

namespace holdfast::differential {

// Why a command of the table is not drawn; empty if it is.
[[nodiscard]] std::string ReasonNotToDraw(const server::command::Table::Entry& entry,
                                          const KnownSyntax& known);

// Draws stories: requests of several clients, in the order in which they are sent. The client main never
// waits, sub subscribes. The same seed gives the same stories.
class Stories {
 public:
  Stories(uint64_t seed, const server::command::Table& table, const KnownSyntax& known);

  [[nodiscard]] std::vector<Step> Draw(size_t steps);

  // How often each command has been drawn.
  [[nodiscard]] const std::map<std::string, int>& drawn() const { return drawn_; }
  [[nodiscard]] const std::map<std::string, int>& drawn_tokens() const { return requests_.drawn_tokens(); }

 private:
  using Entry = server::command::Table::Entry;

  const Entry& Command(const std::string& client);
  std::vector<std::string> Request(const std::string& client);
  std::vector<std::string> Script(const Entry& entry);
  std::vector<std::string> QuestionOfKeys(const Entry& entry);
  std::vector<std::string> Special(const Entry& entry);
  std::vector<std::string> Inner();
  std::string Client();

  Dice dice_;
  const server::command::Table& table_;
  Requests requests_;
  std::vector<const Entry*> commands_;
  std::map<std::string, std::vector<const Entry*>> groups_;
  std::map<std::string, int> drawn_;
  std::string group_;  // most requests of a story are of one group, so that data meet
  std::map<std::string, bool> in_multi_;
};

}  // namespace holdfast::differential
