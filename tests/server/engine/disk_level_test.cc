// What the engine makes of the store's disk level: settings, INFO, the log, refusals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/harness/engine_harness.h"

namespace holdfast::server::engine {
namespace {

using harness::EngineHarness;
using storage::DiskFacts;
using storage::DiskLevel;
using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

DiskFacts Facts(DiskLevel level, uint64_t used = 950) {
  return {.level = level,
          .used_bytes = used,
          .quota_bytes = 1000,
          .limit_bytes = 1000,
          .warn_bytes = 800,
          .full_bytes = 900,
          .free_bytes = 12345,
          .file_system_bytes = 99999};
}

class DiskLevelTest : public testing::Test {
 protected:
  void Fill() {
    server_.store().set_admission(storage::Admission::kFull);
    server_.store().set_disk(Facts(DiskLevel::kFull));
  }
  void Drain() {
    server_.store().set_admission(storage::Admission::kOpen);
    server_.store().set_disk(Facts(DiskLevel::kNormal, 100));
  }
  std::string Info(std::string_view section) {
    const std::string_view sections[] = {section};
    return server_.engine().Info(sections);
  }

  EngineHarness server_;
};

TEST_F(DiskLevelTest, MaxdiskIsAPercentUnlessItIsSet) {
  EXPECT_EQ(server_.Run("CONFIG GET maxdisk"), "1) \"maxdisk\"\n2) \"90%\"");
  EXPECT_EQ(server_.store().quota().most_percent, 90U);
  EXPECT_EQ(server_.store().quota().full_percent, 90U);
  EXPECT_EQ(server_.store().quota().warn_percent, 80U);
}

TEST_F(DiskLevelTest, QuotaIsSetAtRunTime) {
  EXPECT_EQ(server_.Run("CONFIG SET maxdisk 2gb disk-warn-percent 70 disk-full-percent 85"), "OK");
  EXPECT_EQ(server_.store().quota().most_bytes, uint64_t{2} << 30);
  EXPECT_EQ(server_.store().quota().most_percent, 0U);
  EXPECT_EQ(server_.store().quota().warn_percent, 70U);
  EXPECT_EQ(server_.store().quota().full_percent, 85U);
  EXPECT_EQ(server_.Run("CONFIG SET maxdisk 25%"), "OK");
  EXPECT_EQ(server_.store().quota().most_bytes, 0U);
  EXPECT_EQ(server_.store().quota().most_percent, 25U);
  EXPECT_THAT(server_.Run("CONFIG SET maxdisk 101%"),
              HasSubstr("argument must be a memory or percent value"));
  EXPECT_THAT(server_.Run("CONFIG SET maxdisk much"),
              HasSubstr("argument must be a memory or percent value"));
  EXPECT_EQ(server_.Run("CONFIG GET maxdisk"), "1) \"maxdisk\"\n2) \"25%\"");
}

TEST_F(DiskLevelTest, ZeroIsNoQuota) {
  for (const char* zero : {"0", "0%"}) {
    EXPECT_EQ(server_.Run("CONFIG SET maxdisk 1gb"), "OK");
    EXPECT_EQ(server_.Run(std::string("CONFIG SET maxdisk ") + zero), "OK");
    EXPECT_EQ(server_.store().quota().most_bytes, 0U);
    EXPECT_EQ(server_.store().quota().most_percent, 0U);
  }
}

TEST_F(DiskLevelTest, ToolsSeeTheDiskAsMemory) {
  server_.store().set_disk(Facts(DiskLevel::kFull));
  EXPECT_THAT(Info("memory"), AllOf(HasSubstr("\r\nused_memory:950\r\n"), HasSubstr("\r\nmaxmemory:1000\r\n"),
                                    HasSubstr("\r\nused_memory_peak:950\r\n")));
  EXPECT_EQ(server_.Run("CONFIG GET maxmemory"), "1) \"maxmemory\"\n2) \"1000\"");
}

TEST_F(DiskLevelTest, InfoHasTheExactFigures) {
  server_.store().set_disk(Facts(DiskLevel::kFull));
  const std::string info = Info("holdfast");
  for (const char* line :
       {"# Holdfast\r\ndisk_level:full\r\n", "disk_used_bytes:950\r\n", "disk_quota_bytes:1000\r\n",
        "disk_limit_bytes:1000\r\n", "disk_reserve_bytes:100\r\n", "disk_reserve_used_bytes:50\r\n",
        "disk_free_bytes:12345\r\n", "refused_commands:0\r\n", "refused_disk_full:0\r\n"}) {
    EXPECT_THAT(info, HasSubstr(line));
  }
}

TEST_F(DiskLevelTest, EachChangeOfLevelIsLoggedOnce) {
  for (int i = 0; i < 3; ++i) server_.Advance(absl::Seconds(1));
  EXPECT_THAT(server_.log_lines(), SizeIs(0));
  server_.store().set_disk(Facts(DiskLevel::kWarn, 850));
  for (int i = 0; i < 3; ++i) server_.Advance(absl::Seconds(1));
  ASSERT_THAT(server_.log_lines(), SizeIs(1));
  EXPECT_THAT(server_.log_lines()[0], AllOf(HasSubstr("disk level warn"), HasSubstr("used 850B of 1000B")));
  server_.store().set_disk(Facts(DiskLevel::kFull));
  server_.Advance(absl::Seconds(1));
  server_.store().set_disk(Facts(DiskLevel::kNormal, 10));
  server_.Advance(absl::Seconds(1));
  ASSERT_THAT(server_.log_lines(), SizeIs(3));
  EXPECT_THAT(server_.log_lines()[1], HasSubstr("disk level full"));
  EXPECT_THAT(server_.log_lines()[2], HasSubstr("disk level normal"));
}

TEST_F(DiskLevelTest, LevelThatFlapsIsLoggedNowAndThen) {
  for (int i = 0; i < 60; ++i) {
    server_.store().set_disk(Facts(i % 2 == 0 ? DiskLevel::kFull : DiskLevel::kWarn, 890));
    server_.Advance(absl::Milliseconds(500));
  }
  EXPECT_THAT(server_.log_lines(), SizeIs(testing::AllOf(testing::Ge(4U), testing::Le(8U))));
  EXPECT_THAT(server_.log_lines().back(), ContainsRegex("; changed [0-9]+ times since the last such line"));
  // What it has come to is said before long, and once.
  server_.store().set_disk(Facts(DiskLevel::kNormal, 100));
  server_.Advance(absl::Seconds(10));
  EXPECT_THAT(server_.log_lines().back(), HasSubstr("disk level normal"));
  const size_t lines = server_.log_lines().size();
  server_.Advance(absl::Seconds(100));
  EXPECT_THAT(server_.log_lines(), SizeIs(lines));
}

TEST_F(DiskLevelTest, RefusalsAreCountedWhereverTheyHappen) {
  (void)server_.Run("queued", "MULTI");
  EXPECT_EQ(server_.Run("queued", "LPUSH q:multi a"), "QUEUED");
  Fill();
  EXPECT_THAT(server_.Run("LPUSH q:a x"), HasSubstr("OOM command not allowed when used disk > 'maxdisk'"));
  EXPECT_THAT(server_.Run("SET k v"), HasSubstr("OOM"));
  (void)server_.Run("MULTI");
  EXPECT_EQ(server_.Run("LPUSH q:a x"), "QUEUED");
  EXPECT_THAT(server_.Run("EXEC"), HasSubstr("OOM"));
  EXPECT_THAT(server_.Run("queued", "EXEC"), HasSubstr("OOM"));
  EXPECT_THAT(server_.Run("EVAL \"return redis.call('lpush', KEYS[1], 1)\" 1 q:script"), HasSubstr("OOM"));
  EXPECT_EQ(server_.Run("DEL q:a"), "(integer) 0");
  const std::string info = Info("holdfast");
  EXPECT_THAT(info, HasSubstr("\r\nrefused_commands:5\r\nrefused_disk_full:5\r\n"));
  EXPECT_THAT(info, HasSubstr("\r\nrefused_command_1:name=\"lpush\",count=4\r\n"));
  EXPECT_THAT(info, HasSubstr("\r\nrefused_queue_1:name=\"q:a\",count=2\r\n"));
  EXPECT_THAT(info, HasSubstr("name=\"q:multi\",count=1\r\n"));
  EXPECT_THAT(info, HasSubstr("name=\"q:script\",count=1\r\n"));
  EXPECT_THAT(info, HasSubstr("\r\nrefused_client_1:name=\"127.0.0.1\",count=5\r\n"));
  EXPECT_THAT(server_.Run("CLIENT INFO"), HasSubstr(" refused=4"));
  EXPECT_EQ(server_.Run("CONFIG RESETSTAT"), "OK");
  EXPECT_THAT(Info("holdfast"), AllOf(HasSubstr("refused_commands:0\r\n"), Not(HasSubstr("q:a"))));
}

TEST_F(DiskLevelTest, CommandsOfScriptsAreCountedForTheirSender) {
  server_.store().Fail(absl::DataLossError("EIO"));
  EXPECT_THAT(server_.Run("EVAL \"return redis.call('rpop', KEYS[1])\" 1 q:a"), HasSubstr("MISCONF"));
  EXPECT_THAT(Info("holdfast"),
              AllOf(HasSubstr("refused_sealed:1\r\n"), HasSubstr("name=\"rpop\",count=1\r\n")));
  EXPECT_THAT(server_.Run("CLIENT INFO"), HasSubstr(" refused=1"));
}

TEST_F(DiskLevelTest, CommandThatTheLogHasNoRoomForIsCounted) {
  server_.store().LimitEffects(0);
  EXPECT_THAT(server_.Run("LPUSH q a"), HasSubstr("OOM"));
  EXPECT_THAT(Info("holdfast"), HasSubstr("refused_no_log_space:1\r\n"));
}

TEST_F(DiskLevelTest, PopThatTheLogHasNoRoomForStaysBlocked) {
  EXPECT_EQ(server_.Run("RPUSH q a"), "(integer) 1");
  Fill();
  server_.Advance(absl::Seconds(1));
  server_.store().LimitEffects(0);
  EXPECT_THAT(server_.Run("LPOP q"), HasSubstr("OOM"));
  server_.Send("worker", {"BLPOP", "q", "0"});
  EXPECT_EQ(server_.Take("worker"), "");
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 1");
  server_.store().LimitEffects(SIZE_MAX);
  Drain();
  server_.Advance(absl::Seconds(1));
  EXPECT_EQ(server_.Take("worker"), "1) \"q\"\n2) \"a\"");
}

TEST_F(DiskLevelTest, WhoIsRefusedIsLoggedNowAndThen) {
  Fill();
  server_.Advance(absl::Seconds(1));
  (void)server_.Run("LPUSH q:a x");
  server_.Advance(absl::Seconds(1));
  ASSERT_THAT(server_.log_lines(), SizeIs(2));
  EXPECT_EQ(server_.log_lines()[1], "refused 1 command: \"lpush\" (1) to \"q:a\" (1) from \"127.0.0.1\" (1)");
  for (int i = 0; i < 9; ++i) {
    (void)server_.Run("LPUSH q:a x");
    server_.Advance(absl::Seconds(1));
  }
  EXPECT_THAT(server_.log_lines(), SizeIs(2));
  server_.Advance(absl::Seconds(2));
  ASSERT_THAT(server_.log_lines(), SizeIs(3));
  EXPECT_THAT(server_.log_lines()[2], HasSubstr("refused 9 commands"));
  server_.Advance(absl::Seconds(30));
  EXPECT_THAT(server_.log_lines(), SizeIs(3));
}

TEST_F(DiskLevelTest, TurnThatTheDiskRefusedLeavesNothingAndClosesItsClients) {
  EXPECT_EQ(server_.Run("LPUSH q a"), "(integer) 1");
  server_.Send("blocked", {"BRPOP", "other", "0"});
  server_.store().TakeBackNextTurn();
  server_.BeginTurn();
  server_.Send("writer", {"LPUSH", "other", "x"});
  server_.Send("reader", {"LLEN", "other"});
  server_.EndTurn();
  for (const char* name : {"writer", "reader", "blocked"}) {
    EXPECT_TRUE(server_.client(name).closed()) << name;
    EXPECT_EQ(server_.Take(name), "") << name;
  }
  EXPECT_EQ(server_.Run("EXISTS other"), "(integer) 0");
  EXPECT_EQ(server_.Run("LPUSH q b"), "(integer) 2");
  EXPECT_THAT(server_.log_lines(), Contains(HasSubstr("taken back")));
  EXPECT_THAT(Info("holdfast"), HasSubstr("turns_taken_back:1\r\n"));
}

TEST_F(DiskLevelTest, PoliciesOfEvictionAreToldToBeWithoutEffect) {
  EXPECT_EQ(server_.Run("CONFIG SET maxmemory-policy allkeys-lru"), "OK");
  EXPECT_EQ(server_.Run("CONFIG GET maxmemory-policy"), "1) \"maxmemory-policy\"\n2) \"allkeys-lru\"");
  EXPECT_EQ(server_.Run("CONFIG SET hz 20"), "OK");
  EXPECT_EQ(server_.Run("CONFIG SET maxmemory-policy noeviction"), "OK");
  ASSERT_THAT(server_.log_lines(), SizeIs(1));
  EXPECT_THAT(server_.log_lines()[0], HasSubstr("allkeys-lru has no effect"));
}

}  // namespace
}  // namespace holdfast::server::engine
