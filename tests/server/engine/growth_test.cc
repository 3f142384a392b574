// On a full disk commands are judged by what they add, whatever they are called and flagged.

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/command/table.h"
#include "server/commands/families.h"
#include "tests/server/engine/full_disk_server.h"

namespace holdfast::server::engine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class GrowthTest : public FullDiskServer {};

// Those that Redis runs on a full memory and that have no budget here either. A new one belongs here only if
// it cannot grow data, but for a time to expire at, which has a fixed size and stands once at a key or a
// field.
TEST(WriteCommands, ThatHaveNoBudgetOnlyShrinkOrKeepTheData) {
  const std::vector<std::string_view> keep = {"blmpop",
                                              "blpop",
                                              "brpop",
                                              "bzmpop",
                                              "bzpopmax",
                                              "bzpopmin",
                                              "del",
                                              "expire",
                                              "expireat",
                                              "flushall",
                                              "flushdb",
                                              "function|delete",
                                              "function|flush",
                                              "getdel",
                                              "getex",
                                              "hdel",
                                              "hpersist",
                                              "lmpop",
                                              "lpop",
                                              "lrem",
                                              "ltrim",
                                              "migrate",
                                              "move",
                                              "persist",
                                              "pexpire",
                                              "pexpireat",
                                              "rpop",
                                              "spop",
                                              "srem",
                                              "swapdb",
                                              "unlink",
                                              "xack",
                                              "xdel",
                                              "xgroup|delconsumer",
                                              "xgroup|destroy",
                                              "xgroup|setid",
                                              "xtrim",
                                              "zmpop",
                                              "zpopmax",
                                              "zpopmin",
                                              "zrem",
                                              "zremrangebylex",
                                              "zremrangebyrank",
                                              "zremrangebyscore"};
  const command::Table table(commands::AllFamilies());
  std::vector<std::string_view> found;
  for (size_t i = 0; i < table.size(); ++i) {
    const command::Table::Entry& entry = table.at(i);
    if (entry.has(command::kWrite) && !entry.has(command::kGrows | command::kBookkeeping)) {
      found.push_back(entry.command->name);
    }
  }
  std::sort(found.begin(), found.end());
  EXPECT_THAT(found, testing::ElementsAreArray(keep));
}

TEST_F(GrowthTest, NamesAreShortOrRefused) {
  const std::string longer(20000, 'n');
  (void)Run({"SET", "a", "1"});
  (void)Run({"SADD", "s", "m", "n"});
  Fill(100000);
  EXPECT_THAT(Run({"RENAME", "a", longer}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"RENAMENX", "a", longer}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"SMOVE", "s", longer, "m"}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"RENAME", "a", "a little longer"}), "OK");
  EXPECT_EQ(Run({"RENAMENX", "a little longer", "b"}), "(integer) 1");
  EXPECT_EQ(Run({"SMOVE", "s", "t", "m"}), "(integer) 1");
}

TEST_F(GrowthTest, ConsumersOfAStreamGoOnWithinTheBudget) {
  for (int i = 1; i <= 200; ++i) (void)Run({"XADD", "s", std::to_string(i) + "-1", "k", "v"});
  Fill(100000);
  EXPECT_THAT(Run({"XADD", "s", "*", "k", "v"}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"XGROUP", "CREATE", "s", "g", "0"}), "OK");
  EXPECT_EQ(Run({"XGROUP", "CREATECONSUMER", "s", "g", "w"}), "(integer) 1");
  EXPECT_THAT(Run({"XREADGROUP", "GROUP", "g", "w", "COUNT", "200", "STREAMS", "s", ">"}),
              StartsWith("(error) OOM"));
  for (int i = 1; i <= 200; ++i) {
    EXPECT_THAT(Run({"XREADGROUP", "GROUP", "g", "w", "COUNT", "1", "STREAMS", "s", ">"}), HasSubstr("\"k\""))
        << i;
    EXPECT_EQ(Run({"XACK", "s", "g", std::to_string(i) + "-1"}), "(integer) 1");
  }
}

TEST_F(GrowthTest, WhatIsPendingMayChangeHands) {
  for (int i = 1; i <= 20; ++i) (void)Run({"XADD", "s", std::to_string(i) + "-1", "k", "v"});
  (void)Run({"XGROUP", "CREATE", "s", "g", "0"});
  (void)Run({"XREADGROUP", "GROUP", "g", "lost", "STREAMS", "s", ">"});
  Fill(100000);
  EXPECT_THAT(Run({"XCLAIM", "s", "g", "w", "0", "1-1", "2-1", "JUSTID"}), HasSubstr("\"2-1\""));
  EXPECT_THAT(Run({"XAUTOCLAIM", "s", "g", "w", "0", "0", "JUSTID"}), HasSubstr("\"20-1\""));
  EXPECT_EQ(Run({"XGROUP", "DELCONSUMER", "s", "g", "w"}), "(integer) 20");
}

TEST_F(GrowthTest, NamesOfGroupsAndConsumersCount) {
  const std::string longer(20000, 'n');
  (void)Run({"XADD", "s", "1-1", "k", "v"});
  (void)Run({"XGROUP", "CREATE", "s", "g", "0"});
  Fill(100000);
  EXPECT_THAT(Run({"XGROUP", "CREATE", "s", longer, "0"}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"XGROUP", "CREATECONSUMER", "s", "g", longer}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"XREADGROUP", "GROUP", "g", longer, "STREAMS", "s", ">"}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"XCLAIM", "s", "g", longer, "0", "1-1"}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"XAUTOCLAIM", "s", "g", longer, "0", "0"}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"XGROUP", "DESTROY", "s", "g"}), "(integer) 1");
}

TEST_F(GrowthTest, GroupsAreCopiedForTheirPrice) {
  for (int i = 1; i <= 300; ++i) (void)Run({"XADD", "s", std::to_string(i) + "-1", "k", "v"});
  (void)Run({"XGROUP", "CREATE", "s", "g", "0"});
  (void)Run({"XREADGROUP", "GROUP", "g", "w", "STREAMS", "s", ">"});
  (void)Run({"XTRIM", "s", "MAXLEN", "0"});
  (void)Run({"XGROUP", "CREATE", "alone", "g", "0", "MKSTREAM"});
  server_.store().set_disk({.used_bytes = 10000, .limit_bytes = 30000});
  EXPECT_THAT(Run({"COPY", "s", "t"}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"COPY", "alone", "t"}), "(integer) 1");
}

TEST_F(GrowthTest, LibrariesThatTakeTheirOwnPlaceAddWhatIsNew) {
  const auto library = [](size_t bytes) {
    return "#!lua name=l\nredis.register_function('f', function() return '" + std::string(bytes, 'x') +
           "' end)";
  };
  EXPECT_EQ(Run({"FUNCTION", "LOAD", library(5000)}), "\"l\"");
  server_.store().set_disk({.used_bytes = 10000, .limit_bytes = 14000});
  EXPECT_EQ(Run({"FUNCTION", "LOAD", "REPLACE", library(5000)}), "\"l\"");
  EXPECT_THAT(Run({"FUNCTION", "LOAD", "REPLACE", library(10000)}), StartsWith("(error) OOM"));
}

}  // namespace
}  // namespace holdfast::server::engine
