#include "tests/differential/oracle_syntax.h"

#include <string>
#include <utility>

#include "server/command/words.h"
#include "server/commands/families.h"

namespace holdfast::differential {
namespace {

using resp::Reply;

const Reply* Field(const Reply& map, std::string_view name) {
  for (size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (map.elements[i].text == name) return &map.elements[i + 1];
  }
  return nullptr;
}

void TokensOf(const Reply& arguments, std::set<std::string>& tokens) {
  for (const Reply& argument : arguments.elements) {
    if (const Reply* token = Field(argument, "token")) tokens.insert(server::command::Upper(token->text));
    if (const Reply* children = Field(argument, "arguments")) TokensOf(*children, tokens);
  }
}

void Learn(const Reply& docs, KnownSyntax& known) {
  for (size_t i = 0; i + 1 < docs.elements.size(); i += 2) {
    const Reply& about = docs.elements[i + 1];
    std::set<std::string> tokens;
    if (const Reply* arguments = Field(about, "arguments")) TokensOf(*arguments, tokens);
    known.Add(docs.elements[i].text, std::move(tokens));
    if (const Reply* subcommands = Field(about, "subcommands")) Learn(*subcommands, known);
  }
}

}  // namespace

const server::command::Table& TheTable() {
  static const server::command::Table& table = *new server::command::Table(server::commands::AllFamilies());
  return table;
}

KnownSyntax AskForSyntax(harness::Oracle& oracle) {
  KnownSyntax known;
  known.Add("bitop", {"AND", "OR", "XOR", "NOT"});  // whose words 7.0 does not describe
  Learn(harness::OracleClient(oracle.port()).Ask({"COMMAND", "DOCS"}), known);
  return known;
}

}  // namespace holdfast::differential
