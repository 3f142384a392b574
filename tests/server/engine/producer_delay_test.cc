#include "server/engine/producer_delay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/engine_harness.h"

namespace holdfast::server::engine {
namespace {

using harness::EngineHarness;
using storage::DiskFacts;
using storage::DiskLevel;

DiskFacts At(uint64_t used, DiskLevel level) {
  return {.level = level, .used_bytes = used, .limit_bytes = 1000, .warn_bytes = 800, .full_bytes = 900};
}

// Half way between warn and full, with room for much.
DiskFacts LargeDisk() {
  return {.level = DiskLevel::kWarn,
          .used_bytes = 850 << 20,
          .limit_bytes = 1000 << 20,
          .warn_bytes = 800 << 20,
          .full_bytes = 900 << 20};
}

TEST(ProducerDelayTest, RisesLinearlyBetweenWarnAndFull) {
  const absl::Duration most = absl::Milliseconds(100);
  EXPECT_EQ(ProducerDelay(At(500, DiskLevel::kNormal), most), absl::ZeroDuration());
  EXPECT_EQ(ProducerDelay(At(799, DiskLevel::kNormal), most), absl::ZeroDuration());
  EXPECT_EQ(ProducerDelay(At(800, DiskLevel::kWarn), most), absl::ZeroDuration());
  EXPECT_EQ(ProducerDelay(At(825, DiskLevel::kWarn), most), absl::Milliseconds(25));
  EXPECT_EQ(ProducerDelay(At(875, DiskLevel::kWarn), most), absl::Milliseconds(75));
  EXPECT_EQ(ProducerDelay(At(990, DiskLevel::kFull), most), most);
  EXPECT_EQ(ProducerDelay(At(790, DiskLevel::kWarn), most), absl::ZeroDuration());
}

// Half way between warn and full.
class SlowedProducers : public testing::Test {
 protected:
  SlowedProducers() {
    EXPECT_EQ(server_.Run("CONFIG SET producer-delay 800"), "OK");
    server_.store().set_disk(At(850, DiskLevel::kWarn));
  }

  EngineHarness server_;
};

TEST_F(SlowedProducers, RepliesToThoseWhoGrowDataComeLater) {
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  EXPECT_LE(server_.engine().TimeToNextTick(), absl::Milliseconds(100));
  server_.Advance(absl::Milliseconds(300));
  EXPECT_EQ(server_.Take("producer"), "");
  server_.Advance(absl::Milliseconds(100));
  EXPECT_EQ(server_.Take("producer"), "(integer) 1");
}

TEST_F(SlowedProducers, NextRequestsWaitAndOthersDoNot) {
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  EXPECT_EQ(server_.Run("producer", "PING"), "");
  EXPECT_EQ(server_.Run("worker", "RPOP q"), "\"a\"");
  EXPECT_EQ(server_.Run("worker", "DEL q"), "(integer) 0");
  EXPECT_EQ(server_.Run("worker", "LLEN q"), "(integer) 0");
  server_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(server_.Take("producer"), "(integer) 1\nPONG");
}

TEST_F(SlowedProducers, MovesAreNotSlowed) {
  server_.store().set_disk({});
  EXPECT_EQ(server_.Run("producer", "LPUSH q a b"), "(integer) 2");
  server_.store().set_disk(At(850, DiskLevel::kWarn));
  EXPECT_EQ(server_.Run("worker", "RPOPLPUSH q working"), "\"a\"");
  EXPECT_EQ(server_.Run("worker", "BLMOVE q working RIGHT LEFT 0"), "\"b\"");
}

TEST_F(SlowedProducers, WhoIsServedByAPushIsNotSlowed) {
  server_.Send("worker", {"BRPOP", "q", "0"});
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  EXPECT_EQ(server_.Take("worker"), "1) \"q\"\n2) \"a\"");
}

TEST_F(SlowedProducers, TransactionsAndScriptsThatGrowAreSlowed) {
  EXPECT_EQ(server_.Run("a", "MULTI"), "OK");
  EXPECT_EQ(server_.Run("a", "LPUSH q x"), "QUEUED");
  EXPECT_EQ(server_.Run("a", "EXEC"), "");
  EXPECT_EQ(server_.Run("b", "EVAL \"return redis.call('lpush', 'q', 'y')\" 0"), "");
  EXPECT_EQ(server_.Run("c", "EVAL \"return redis.call('rpop', 'q')\" 0"), "\"x\"");
  server_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(server_.Take("a"), "1) (integer) 1");
  EXPECT_EQ(server_.Take("b"), "(integer) 2");
}

TEST_F(SlowedProducers, CommandsThatChangedNothingAreNotSlowed) {
  EXPECT_EQ(server_.Run("LPUSHX q a"), "(integer) 0");
}

TEST_F(SlowedProducers, PipelineIsDelayedOnce) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 50");
  server_.Advance(absl::Milliseconds(400));
  EXPECT_THAT(server_.Take("producer"), testing::EndsWith("(integer) 50"));
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
}

TEST_F(SlowedProducers, FloodIsDelayedAgainAndAgain) {
  server_.store().set_disk(LargeDisk());
  const std::string job(100 << 10, 'j');
  for (int i = 0; i < 25; ++i) server_.Send("producer", {"LPUSH", "q", job});
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 11");
  server_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 22");
  server_.Advance(absl::Milliseconds(800));
  EXPECT_THAT(server_.Take("producer"), testing::EndsWith("(integer) 25"));
}

TEST_F(SlowedProducers, RepliesThatAreHeldBackAreBounded) {
  server_.store().set_disk({});
  EXPECT_EQ(server_.Run("SET large " + std::string(100 << 10, 'x')), "OK");
  server_.store().set_disk(LargeDisk());
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(server_.Run("producer", "GET large"), "");
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 1");
}

TEST_F(SlowedProducers, WhoWaitsInAPipelineGoesOnWaiting) {
  EXPECT_EQ(server_.Run("worker", "LPUSH other a"), "");
  EXPECT_EQ(server_.Run("worker", "BRPOP q 0"), "");
  EXPECT_EQ(server_.Run("worker", "PING"), "");
  server_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(server_.Take("worker"), "(integer) 1");
  EXPECT_EQ(server_.Run("producer", "LPUSH q b"), "");
  EXPECT_EQ(server_.Take("worker"), "1) \"q\"\n2) \"b\"\nPONG");
}

TEST_F(SlowedProducers, ClosedClientIsForgotten) {
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  const std::string_view section[] = {"holdfast"};
  EXPECT_THAT(server_.engine().Info(section), testing::HasSubstr("delayed_clients:1"));
  server_.Disconnect("producer");
  EXPECT_THAT(server_.engine().Info(section), testing::HasSubstr("delayed_clients:0"));
  server_.Advance(absl::Seconds(1));
  EXPECT_EQ(server_.Run("LLEN q"), "(integer) 1");
}

TEST_F(SlowedProducers, HeldRepliesWaitForTheirRecordToo) {
  server_.store().HoldDurability();
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  server_.Advance(absl::Seconds(1));
  EXPECT_EQ(server_.Take("producer"), "");
  server_.store().Sync();
  EXPECT_EQ(server_.Take("producer"), "(integer) 1");
}

TEST_F(SlowedProducers, StopSendsWhatIsHeldBack) {
  EXPECT_EQ(server_.Run("producer", "LPUSH q a"), "");
  server_.engine().SendDelayed();
  EXPECT_EQ(server_.Take("producer"), "(integer) 1");
}

TEST(ProducerDelay, IsOffUnlessItIsSet) {
  EngineHarness server;
  server.store().set_disk(At(899, DiskLevel::kWarn));
  EXPECT_EQ(server.Run("LPUSH q a"), "(integer) 1");
}

}  // namespace
}  // namespace holdfast::server::engine
