#pragma once

#include <string_view>

namespace holdfast::server::commands {

// What COMMAND INFO and COMMAND DOCS say of a command that nothing here derives from: advice for proxies and
// clients, and its past. The facts are Redis 7.2's (https://redis.io/docs/reference/command-tips/).
struct CommandFacts {
  std::string_view name;         // the full one: "client|list"
  std::string_view tips{};       // separated by spaces
  std::string_view key_notes{};  // a line for each key specification, in their order; lines may be empty
  std::string_view history{};    // a line a change: the version, a space and what it changed
  std::string_view deprecated_since{};
  std::string_view replaced_by{};  // set if the former is
  bool internal = false;           // not for users: the documentation's flag "syscmd"
};

// By the full name, in lower case. All is empty of a command without such facts.
[[nodiscard]] const CommandFacts& FactsOf(std::string_view name);

}  // namespace holdfast::server::commands
