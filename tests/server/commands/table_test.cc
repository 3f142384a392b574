#include "server/command/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "server/commands/families.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// Every command of the table, one by one: what it says of itself must be sound, and what a real Redis says.
namespace holdfast::server::commands {
namespace {

using command::Table;
using resp::Reply;

const Table& TheTable() {
  static const Table& table = *new Table(AllFamilies());
  return table;
}

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (size_t i = 0; i < TheTable().size(); ++i) names.emplace_back(TheTable().at(i).command->name);
  return names;
}

class EveryCommand : public testing::TestWithParam<std::string> {
 protected:
  const Table::Entry& entry_ = *TheTable().Lookup(GetParam());
  const command::Command& command_ = *entry_.command;
};

TEST_P(EveryCommand, IsDescribed) {
  EXPECT_FALSE(command_.summary.empty());
  EXPECT_FALSE(command_.since.empty());
  EXPECT_FALSE(command_.group.empty());
  EXPECT_FALSE(command_.complexity.empty());
}

TEST_P(EveryCommand, HasFlagsThatGoTogether) {
  EXPECT_FALSE(entry_.has(command::kWrite) && entry_.has(command::kReadOnly));
  EXPECT_TRUE(entry_.has(command::kWrite) || !entry_.has(command::kGrows));
  // XREAD is the one that waits and takes nothing.
  EXPECT_TRUE(entry_.has(command::kWrite) || !entry_.has(command::kBlocking) || GetParam() == "xread");
  const bool has_keys = !entry_.syntax.keys().empty();
  if (entry_.has(command::kWrite | command::kReadOnly) && entry_.syntax.arity() != 1) {
    const bool may_have_none =
        command_.group == "server" || command_.group == "generic" || command_.group == "scripting";
    EXPECT_TRUE(has_keys || may_have_none) << "no keys";
  }
}

TEST_P(EveryCommand, RefusesAWrongNumberOfWords) {
  if (entry_.syntax.arity() == -1 || command_.run == nullptr) return;
  const size_t least = static_cast<size_t>(std::abs(entry_.syntax.arity()));
  const size_t few = entry_.syntax.arity() > 0 ? least + 1 : least - 1;
  if (few < entry_.name_words()) return;
  harness::EngineHarness server;
  std::vector<std::string> words;
  const std::string& name = GetParam();
  words.push_back(name.substr(0, name.find('|')));
  if (entry_.container != nullptr) words.push_back(name.substr(name.find('|') + 1));
  while (words.size() < few) words.emplace_back("1");
  server.Send("main", words);
  const std::string code =
      entry_.has(command::kExecutes) ? "EXECABORT Transaction discarded because of: " : "ERR ";
  EXPECT_EQ(server.Take("main"), "(error) " + code + "wrong number of arguments for '" + name + "' command");
}

// Commands that only 7.2 knows.
bool UnknownToTheOracle(std::string_view name) {
  return name == "client|setinfo" || name == "client|no-touch" || name == "waitaof" ||
         name.starts_with("hexpire") || name.starts_with("hpexpire") || name == "httl" || name == "hpttl" ||
         name == "hpersist" || name == "cluster|myshardid";
}

// What the oracle answers. Without one (package redis-tools) there is no such test, so that fails.
Reply AskOracle(const std::vector<std::string>& words) {
  harness::Oracle* oracle = harness::Oracle::Get();
  if (oracle != nullptr) return harness::OracleClient(oracle->port()).Ask(words);
  ADD_FAILURE() << "no redis-check-rdb (package redis-tools)";
  return {};
}

// What this server answers.
Reply Ask(const std::vector<std::string>& words) {
  harness::EngineHarness server;
  server.Send("main", words);
  const std::vector<Reply> replies = server.client("main").Take();
  return replies.empty() ? Reply() : replies[0];
}

// What COMMAND INFO says of one command, subcommands found in their container's entry.
std::optional<Reply> OracleInfo(const std::string& name) {
  const Reply reply = AskOracle({"COMMAND", "INFO", name});
  if (reply.elements.size() != 1 || reply.elements[0].is_null()) return std::nullopt;
  return reply.elements[0];
}

// What COMMAND DOCS says of a command in one field; null if it says nothing.
Reply FieldOf(const Reply& docs, std::string_view field) {
  if (docs.elements.size() != 2) return {};
  const std::vector<Reply>& fields = docs.elements[1].elements;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text == field) return fields[i + 1];
  }
  return {};
}

// Commands whose form 7.2 has changed: the oracle is a 7.0.
bool FormChanged(std::string_view name) {
  return name == "zrank" || name == "zrevrank" || name.starts_with("command|getkeys");
}

TEST_P(EveryCommand, HasTheOraclesArityAndKeys) {
  if (FormChanged(GetParam())) return;
  const std::optional<Reply> info = OracleInfo(GetParam());
  ASSERT_EQ(info.has_value(), !UnknownToTheOracle(GetParam()));
  if (!info) return;
  EXPECT_EQ(entry_.syntax.arity(), info->elements[1].integer);
  EXPECT_EQ(entry_.syntax.first_key(), info->elements[3].integer);
  EXPECT_EQ(entry_.syntax.last_key(), info->elements[4].integer);
  EXPECT_EQ(entry_.syntax.key_step(), info->elements[5].integer);
}

TEST_P(EveryCommand, HasTheOraclesFlags) {
  if (entry_.is_container()) return;
  const std::optional<Reply> info = OracleInfo(GetParam());
  ASSERT_EQ(info.has_value(), !UnknownToTheOracle(GetParam()));
  if (!info) return;
  std::map<std::string, uint32_t> wanted = {
      {"write", command::kWrite},
      {"readonly", command::kReadOnly},
      {"denyoom", command::kGrows},
      {"noscript", command::kNoScript},
      {"blocking", command::kBlocking},
      {"fast", command::kFast},
      {"no_auth", command::kNoAuth},
      {"no_multi", command::kNoMulti},
      {"allow_busy", command::kAllowBusy},
      {"pubsub", command::kPubSub},
      {"admin", command::kAdmin},
      {"loading", command::kLoading},
      {"stale", command::kStale},
      {"asking", command::kAsking},
      {"no_async_loading", command::kNoAsyncLoading},
  };
  std::string ours;
  std::string theirs;
  for (const auto& [name, flag] : wanted) {
    if (entry_.has(flag)) ours += name + " ";
    for (const Reply& theirs_flag : info->elements[2].elements) {
      // Since 7.2 scripts may call blocking commands.
      const bool lifted = name == "noscript" && (entry_.has(command::kBlocking) || GetParam() == "wait");
      if (theirs_flag.text == name && !lifted) theirs += name + " ";
    }
  }
  EXPECT_EQ(ours, theirs);
}

// The names in a set or array of COMMAND INFO, sorted.
std::vector<std::string> Sorted(const Reply& names) {
  std::vector<std::string> sorted;
  for (const Reply& name : names.elements) sorted.push_back(name.text);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

TEST_P(EveryCommand, HasTheOraclesCategories) {
  const std::optional<Reply> info = OracleInfo(GetParam());
  ASSERT_EQ(info.has_value(), !UnknownToTheOracle(GetParam()));
  if (!info) return;
  std::vector<std::string> ours;
  for (size_t i = 0; i < command::CategoryNames().size(); ++i) {
    if ((entry_.categories >> i & 1) != 0) ours.push_back("@" + std::string(command::CategoryNames()[i]));
  }
  std::sort(ours.begin(), ours.end());
  EXPECT_EQ(ours, Sorted(info->elements[6]));
}

// A key specification as redis-cli shows it, its flags sorted.
std::string KeySpecText(Reply spec) {
  for (size_t i = 0; i + 1 < spec.elements.size(); i += 2) {
    if (spec.elements[i].text != "flags") continue;
    std::vector<Reply>& flags = spec.elements[i + 1].elements;
    std::sort(flags.begin(), flags.end(), [](const Reply& a, const Reply& b) { return a.text < b.text; });
  }
  return FormatReply(spec);
}

TEST_P(EveryCommand, UsesItsKeysAsTheOracleDoes) {
  const std::optional<Reply> info = OracleInfo(GetParam());
  ASSERT_EQ(info.has_value(), !UnknownToTheOracle(GetParam()));
  if (!info || FormChanged(GetParam())) return;
  const Reply ours = Ask({"COMMAND", "INFO", GetParam()});
  const std::vector<Reply>& our_keys = ours.elements[0].elements[8].elements;
  const std::vector<Reply>& their_keys = info->elements[8].elements;
  ASSERT_EQ(our_keys.size(), their_keys.size());
  for (size_t i = 0; i < our_keys.size(); ++i) {
    EXPECT_EQ(KeySpecText(our_keys[i]), KeySpecText(their_keys[i]));
  }
}

TEST_P(EveryCommand, GivesTheOraclesTips) {
  const std::optional<Reply> info = OracleInfo(GetParam());
  if (!info) return;
  const Reply ours = Ask({"COMMAND", "INFO", GetParam()});
  EXPECT_EQ(FormatReply(ours.elements[0].elements[7]), FormatReply(info->elements[7]));
}

// Commands that 7.2 has changed or deprecated.
bool HasANewerPast(std::string_view name) {
  return name == "zrank" || name == "zrevrank" || name == "xinfo|consumers" || name == "xinfo|stream" ||
         name == "acl|log" || name == "quit";
}

TEST_P(EveryCommand, HasTheOraclesPast) {
  if (UnknownToTheOracle(GetParam())) return;
  const Reply ours = Ask({"COMMAND", "DOCS", GetParam()});
  const Reply theirs = AskOracle({"COMMAND", "DOCS", GetParam()});
  ASSERT_EQ(theirs.elements.size(), 2);
  for (const std::string_view field : {"history", "deprecated_since", "replaced_by", "doc_flags"}) {
    const std::string said = FormatReply(FieldOf(ours, field));
    if (!HasANewerPast(GetParam())) {
      EXPECT_EQ(said, FormatReply(FieldOf(theirs, field))) << field;
    } else if (field == "history" && GetParam() != "quit") {
      EXPECT_NE(said.find("7.2.0"), std::string::npos);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryCommand, testing::ValuesIn(AllNames()), [](const auto& instance) {
  std::string name = instance.param;
  for (char& c : name) {
    if (c == '|' || c == '-') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace holdfast::server::commands
