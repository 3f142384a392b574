#include "server/engine/reserve.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/engine/full_disk_server.h"

namespace holdfast::server::engine {
namespace {

using storage::DiskLevel;
using testing::HasSubstr;
using testing::StartsWith;

class ReserveTest : public FullDiskServer {};

TEST_F(ReserveTest, ALongErrorMessageIsPaidFor) {
  (void)Run({"LPUSH", "q", Job("a"), Job("b")});
  Fill();
  (void)Run({"RPOP", "q"});
  EXPECT_EQ(Run({"ZADD", "retry", "1", Job("a", R"(,"error_message":")" + std::string(20000, 'e') + "\"")}),
            "(integer) 1");
  (void)Run({"RPOP", "q"});
  EXPECT_THAT(
      Run({"ZADD", "retry", "1", Job("b", R"(,"error_message":")" + std::string(100000, 'e') + "\"")}),
      StartsWith("(error) OOM"));
}

TEST_F(ReserveTest, PoppingAndPushingGainsNothing) {
  (void)Run({"LPUSH", "q", Job("a")});
  Fill();
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(Run({"RPOP", "q"}), HasSubstr("Mail"));
    EXPECT_EQ(Run({"LPUSH", "q", Job("a")}), "(integer) 1");
    EXPECT_THAT(Run({"LPUSH", "q", Job("a")}), StartsWith("(error) OOM"));
    EXPECT_THAT(Run({"LPUSH", "q", Job("new")}), StartsWith("(error) OOM"));
  }
  EXPECT_EQ(Run({"LLEN", "q"}), "(integer) 1");
}

TEST_F(ReserveTest, OneLoanDoesNotPayForNewJobs) {
  (void)Run({"LPUSH", "q", Job("a")});
  Fill();
  (void)Run({"RPOP", "q"});
  EXPECT_THAT(Run({"LPUSH", "q", Job("a"), Job("new")}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"LPUSH", "q", Job("a")}), "(integer) 1");
}

TEST_F(ReserveTest, BookkeepingHasItsBudget) {
  Fill(100000);
  EXPECT_EQ(Run({"INCR", "stat:processed"}), "(integer) 1");
  EXPECT_EQ(Run({"HSET", "heart", "info", std::string(5000, 'x')}), "(integer) 1");
  EXPECT_EQ(Run({"HSET", "heart", "info", std::string(5000, 'y')}), "(integer) 0");
  EXPECT_THAT(Run({"HSET", "heart2", "info", std::string(5000, 'x')}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"HSET", "heart2", "info", std::string(1000, 'x')}), "(integer) 1");
  // It is whole again when there was space.
  Drain();
  Fill(100000);
  EXPECT_EQ(Run({"HSET", "heart3", "info", std::string(5000, 'x')}), "(integer) 1");
}

TEST_F(ReserveTest, HeartbeatsThatComeAndGoNeedNoMore) {
  Fill(100000);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Run({"HSET", "work", "t", std::string(2000, 'x')}), "(integer) 1");
    EXPECT_EQ(Run({"DEL", "work"}), "(integer) 1");
  }
}

TEST_F(ReserveTest, LocksAndHistogramsAreBookkeeping) {
  Fill();
  EXPECT_EQ(Run({"SET", "process_cleanup", "1", "NX", "EX", "60"}), "OK");
  EXPECT_EQ(Run({"BITFIELD", "h|1", "OVERFLOW", "SAT", "INCRBY", "u16", "#1", "1"}), "1) (integer) 1");
  EXPECT_THAT(Run({"SET", "cache", std::string(1000, 'x'), "NX"}), StartsWith("(error) OOM"));
}

TEST_F(ReserveTest, SignalsToWorkersArrive) {
  const std::string key = "web-1:4711:0123456789ab-signals";
  Fill();
  EXPECT_EQ(RunAll({{"LPUSH", key, "TSTP"}, {"EXPIRE", key, "60"}}), "1) (integer) 1\n2) (integer) 1");
  EXPECT_EQ(RunAll({{"LPUSH", key, "TERM"}, {"EXPIRE", key, "60"}}), "1) (integer) 2\n2) (integer) 1");
  EXPECT_EQ(Run({"RPOP", key}), "\"TSTP\"");
  Fill(100 << 20, DiskLevel::kExhausted);
  EXPECT_EQ(RunAll({{"LPUSH", key, "TERM"}, {"EXPIRE", key, "60"}}), "1) (integer) 2\n2) (integer) 1");
}

TEST_F(ReserveTest, SignalsAreNoDoorForProducers) {
  Fill();
  const auto push = [this](const std::string& key, const std::string& word, const std::string& seconds) {
    return RunAll({{"LPUSH", key, word}, {"EXPIRE", key, seconds}});
  };
  EXPECT_THAT(Run({"LPUSH", "q", "TERM"}), StartsWith("(error) OOM"));
  EXPECT_THAT(push("q", "a word that is too long", "60"), StartsWith("(error) OOM"));
  EXPECT_THAT(push("q", "TERM", "3600"), StartsWith("(error) OOM"));
  EXPECT_THAT(push(std::string(300, 'q'), "TERM", "60"), StartsWith("(error) OOM"));
  EXPECT_THAT(RunAll({{"LPUSH", "q", "TERM"}, {"EXPIRE", "q", "60"}, {"SET", "cache", "x"}}),
              StartsWith("(error) OOM"));
  int taken = 0;
  for (; taken < 100 && !push("q", "TERM", "60").starts_with("(error)"); ++taken) {
  }
  EXPECT_EQ(taken, 8);
  for (int i = 0; i < 10000; ++i) taken += push("q" + std::to_string(i), "TERM", "60")[0] == '(' ? 0 : 1;
  EXPECT_LT(taken, (64 << 10) / 64);
}

TEST_F(ReserveTest, EqualJobsAllComeBack) {
  (void)Run({"LPUSH", "q", "same", "same", "same"});
  Fill();
  (void)Run({"RPOP", "q", "3"});
  EXPECT_EQ(Run({"LPUSH", "q", "same"}), "(integer) 1");
  EXPECT_EQ(Run({"LPUSH", "q", "same", "same"}), "(integer) 3");
  EXPECT_THAT(Run({"LPUSH", "q", "same"}), StartsWith("(error) OOM"));
}

TEST_F(ReserveTest, AllowancesAreBoundedByTheReserve) {
  (void)Run({"LPUSH", "q", "id"});
  Fill(300000);
  int accepted = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string reply = RunAll({{"LMOVE", "q", "q", "LEFT", "RIGHT"},
                                      {"SET", "cache:" + std::to_string(i), std::string(50000, 'x')}});
    if (!reply.starts_with("(error)")) ++accepted;
  }
  EXPECT_LE(accepted, 6);
  EXPECT_EQ(Run({"RPOP", "q"}), "\"id\"");
  EXPECT_EQ(Run({"LPUSH", "q", "id"}), "(integer) 1");
}

TEST_F(ReserveTest, OneCommandMayNotExceedWhatIsLeft) {
  server_.store().set_disk({.level = DiskLevel::kNormal, .used_bytes = 10000, .limit_bytes = 50000});
  EXPECT_THAT(Run({"LPUSH", "q", std::string(100000, 'x')}), StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"LPUSH", "q", std::string(10000, 'x')}), "(integer) 1");
}

TEST_F(ReserveTest, WhenTheReserveIsUsedUpOnlyLoansAreHonoured) {
  (void)Run({"LPUSH", "q", Job("a")});
  Fill(100 << 20, DiskLevel::kExhausted);
  (void)Run({"RPOP", "q"});
  EXPECT_EQ(Run({"INCR", "stat:processed"}), "(integer) 1");
  EXPECT_THAT(Run({"SET", "cache", "x"}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"ZADD", "retry", "1", Job("forgotten", R"(,"retry_count":0)")}),
              StartsWith("(error) OOM"));
  EXPECT_EQ(Run({"ZADD", "retry", "1", Job("a", R"(,"retry_count":0)")}), "(integer) 1");
  EXPECT_EQ(Run({"DEL", "retry"}), "(integer) 1");
}

TEST_F(ReserveTest, ATurnThatIsTakenBackTakesItsLoansAlong) {
  (void)Run({"LPUSH", "q", Job("a")});
  server_.store().TakeBackNextTurn();
  (void)Run({"RPOP", "q"});
  Fill();
  EXPECT_THAT(server_.Run("other", "LLEN q"), "(integer) 1");
  server_.Send("other", {"LPUSH", "q", Job("a")});
  EXPECT_THAT(server_.Take("other"), StartsWith("(error) OOM"));
}

TEST_F(ReserveTest, WhoIsRefusedIsNotHeard) {
  server_.Send("listener", {"SUBSCRIBE", "c"});
  (void)server_.Take("listener");
  Fill();
  EXPECT_THAT(Run({"EVAL", "redis.call('PUBLISH','c','x') return redis.call('SET','k','v')", "0"}),
              StartsWith("(error) OOM"));
  EXPECT_EQ(server_.Take("listener"), "");
  EXPECT_EQ(Run({"EVAL", "return redis.call('PUBLISH','c','x')", "0"}), "(integer) 1");
  EXPECT_THAT(server_.Take("listener"), HasSubstr("message"));
}

TEST_F(ReserveTest, WhoIsRefusedBelowFullIsNotHeardEither) {
  server_.Send("listener", {"SUBSCRIBE", "c"});
  (void)server_.Take("listener");
  server_.store().set_disk({.level = DiskLevel::kNormal, .used_bytes = 10000, .limit_bytes = 50000});
  const std::string large(100000, 'x');
  EXPECT_THAT(RunAll({{"PUBLISH", "c", "x"}, {"SET", "k", large}}), StartsWith("(error) OOM"));
  EXPECT_THAT(Run({"EVAL", "redis.call('PUBLISH','c','x') redis.call('SET','k',ARGV[1])", "0", large}),
              StartsWith("(error) OOM"));
  EXPECT_EQ(server_.Take("listener"), "");
  EXPECT_EQ(RunAll({{"PUBLISH", "c", "y"}}), "1) (integer) 1");
  EXPECT_THAT(server_.Take("listener"), HasSubstr("\"y\""));
}

TEST_F(ReserveTest, WhatIsTakenBackIsNeitherChargedNorCounted) {
  server_.store().LimitEffects(0);
  Fill(100000);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Run({"HSET", "heart", "info", std::string(5000, 'x')}), StartsWith("(error) OOM"));
  }
  server_.store().LimitEffects(SIZE_MAX);
  EXPECT_EQ(Run({"HSET", "heart", "info", std::string(5000, 'x')}), "(integer) 1");
}

TEST_F(ReserveTest, ScriptThatFailsAfterItsWritesIsNotRefused) {
  server_.on_log = [this](const std::string&) { server_.env().Advance(absl::Seconds(6)); };
  server_.on_poll = [this] { server_.Send("other", {"SHUTDOWN", "NOSAVE"}); };
  Fill();
  server_.BeginTurn();
  server_.Send("main",
               {"EVAL", "redis.log(3, 'time passes') redis.call('SET', 'k', 'v') while true do end", "0"});
  server_.EndTurn();
  EXPECT_THAT(server_.Take("main"), HasSubstr("because the server shuts down"));
  const std::string_view section[] = {"holdfast"};
  EXPECT_THAT(server_.engine().Info(section), HasSubstr("refused_commands:0"));
}

TEST_F(ReserveTest, ProducersAreSlowedAndThoseWhoBringBackAreNot) {
  EXPECT_EQ(server_.Run("CONFIG SET producer-delay 100"), "OK");
  (void)Run({"LPUSH", "q", Job("a")});
  server_.store().set_disk({.level = DiskLevel::kWarn,
                            .used_bytes = 890,
                            .limit_bytes = 1000,
                            .warn_bytes = 800,
                            .full_bytes = 900});
  server_.Advance(absl::Seconds(1));
  (void)Run({"RPOP", "q"});
  EXPECT_EQ(Run({"RPUSH", "q", Job("a")}), "(integer) 1");
  EXPECT_EQ(Run({"INCR", "stat:processed"}), "(integer) 1");
  EXPECT_EQ(Run({"RPUSH", "q", Job("b")}), "");
  server_.Advance(absl::Seconds(1));
  EXPECT_EQ(server_.Take("main"), "(integer) 2");
}

}  // namespace
}  // namespace holdfast::server::engine
