#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/command/words.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// INFO: clients gate on some of its fields.
namespace holdfast::server::engine {
namespace {

using harness::EngineHarness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Info(EngineHarness& server, const std::vector<std::string_view>& sections = {}) {
  return server.engine().Info(sections);
}

TEST(InfoTest, BeginsAsClientsExpect) {
  EngineHarness server;
  EXPECT_THAT(Info(server), StartsWith("# Server\r\nredis_version:7.2.4\r\nholdfast_version:"));
}

TEST(InfoTest, HasWhatSidekiqReads) {
  EngineHarness server;
  const std::string info = Info(server);
  for (const std::string field :
       {"uptime_in_days:", "connected_clients:", "used_memory_human:", "used_memory_peak_human:",
        "maxclients:", "total_system_memory_human:", "maxmemory:", "maxmemory_policy:noeviction\r\n",
        "role:master\r\n", "blocked_clients:0\r\n", "loading:0\r\n", "cluster_enabled:0\r\n",
        "used_cpu_sys:"}) {
    EXPECT_THAT(info, HasSubstr("\r\n" + field));
  }
}

// All that Redis 7.0 has, but for what tells of single commands and databases.
TEST(InfoTest, HasTheFieldsOfRedis) {
  const auto names = [](std::string_view text) {
    std::set<std::string> found;
    for (const std::string_view line : command::SplitWords(text, '\n')) {
      const size_t colon = line.find(':');
      const bool single = line.starts_with("cmdstat_") || line.starts_with("latency_percentiles_") ||
                          line.starts_with("errorstat_") || line.starts_with("db");
      if (colon != line.npos && !single) found.emplace(line.substr(0, colon));
    }
    return found;
  };
  harness::Oracle* oracle = harness::Oracle::Get();
  ASSERT_NE(oracle, nullptr) << "no redis-check-rdb (package redis-tools)";
  harness::OracleClient redis(oracle->port());
  EngineHarness server;
  const std::set<std::string> ours = names(Info(server, {"everything"}));
  for (const std::string& name : names(redis.Ask({"INFO", "everything"}).text)) {
    EXPECT_TRUE(ours.contains(name)) << name;
  }
}

TEST(InfoTest, NamesTheDoors) {
  EngineHarness server;
  EXPECT_THAT(Info(server, {"server"}),
              HasSubstr("listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=6379\r\n"));
}

TEST(InfoTest, SectionsAreChosenByName) {
  EngineHarness server;
  EXPECT_THAT(Info(server, {"REPLICATION"}), StartsWith("# Replication\r\nrole:master\r\n"));
  EXPECT_THAT(Info(server, {"cpu", "server"}), StartsWith("# Server\r\n"));
  EXPECT_THAT(Info(server), Not(HasSubstr("# Commandstats")));
  EXPECT_THAT(Info(server, {"all"}), HasSubstr("# Commandstats"));
  EXPECT_EQ(Info(server, {"nosuch"}), "");
}

TEST(InfoTest, CountsCallsFailuresAndRefusals) {
  EngineHarness server;
  (void)server.Run("SET k v");
  (void)server.Run("LPUSH k x");
  (void)server.Run("GET");
  const std::string stats = Info(server, {"commandstats"});
  EXPECT_THAT(stats, HasSubstr("cmdstat_set:calls=1,"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_lpush:calls=1,"));
  EXPECT_THAT(stats, HasSubstr("failed_calls=1"));
  const std::string errors = Info(server, {"errorstats"});
  EXPECT_THAT(errors, HasSubstr("errorstat_WRONGTYPE:count=1"));
  EXPECT_THAT(errors, HasSubstr("errorstat_ERR:count=1"));
  (void)server.Run("CONFIG RESETSTAT");
  EXPECT_THAT(Info(server, {"errorstats"}), Not(HasSubstr("WRONGTYPE")));
}

TEST(InfoTest, CountsErrorsOfScripts) {
  EngineHarness server;
  EXPECT_EQ(server.Run("EVAL \"return redis.error_reply('MYERR no')\" 0"), "(error) MYERR no");
  EXPECT_THAT(Info(server, {"errorstats"}), HasSubstr("errorstat_MYERR:count=1\r\n"));
  EXPECT_THAT(Info(server, {"commandstats"}), HasSubstr("failed_calls=1"));
}

TEST(InfoTest, ShowsDatabasesAndBlockedClients) {
  EngineHarness server;
  (void)server.Run("SET k v EX 100");
  (void)server.Run("SELECT 3");
  (void)server.Run("SET k v");
  server.Send("worker", {"BRPOP", "q", "0"});
  EXPECT_THAT(Info(server, {"keyspace"}), HasSubstr("db0:keys=1,expires=1,"));
  EXPECT_THAT(Info(server, {"keyspace"}), HasSubstr("db3:keys=1,expires=0,"));
  EXPECT_THAT(Info(server, {"clients"}), HasSubstr("blocked_clients:1\r\n"));
}

TEST(ExpirerTest, DeletesDueKeysThatNobodyAsksFor) {
  EngineHarness server;
  for (int i = 0; i < 1000; ++i) (void)server.Run("SET k" + std::to_string(i) + " v PX 500");
  EXPECT_EQ(server.Run("DBSIZE"), "(integer) 1000");
  server.Advance(absl::Seconds(2));
  EXPECT_EQ(server.Run("DBSIZE"), "(integer) 0");
  EXPECT_THAT(Info(server, {"stats"}), HasSubstr("expired_keys:1000\r\n"));
}

TEST(ExpirerTest, WaitsWhileTheLogCannotTakeADeletion) {
  EngineHarness server;
  (void)server.Run("SET k v PX 500");
  server.store().LimitEffects(0);
  server.Advance(absl::Seconds(2));
  EXPECT_EQ(server.Run("GET k"), "(nil)");
  EXPECT_EQ(server.Run("DBSIZE"), "(integer) 1");
  server.store().LimitEffects(SIZE_MAX);
  server.Advance(absl::Seconds(1));
  EXPECT_EQ(server.Run("DBSIZE"), "(integer) 0");
}

TEST(TurnTest, IsBoundedByCountAndBytes) {
  EngineHarness server;
  server.BeginTurn();
  EXPECT_FALSE(server.engine().TurnIsFull());
  server.Send("main", {"SET", "k", std::string(2 << 20, 'x')});
  EXPECT_TRUE(server.engine().TurnIsFull());
  server.EndTurn();
  server.BeginTurn();
  server.Send("main", {"PING"});
  EXPECT_FALSE(server.engine().TurnIsFull());
  for (int i = 0; i < 5000; ++i) server.Send("main", {"PING"});
  EXPECT_TRUE(server.engine().TurnIsFull());
  server.EndTurn();
}

}  // namespace
}  // namespace holdfast::server::engine
