#include "server/engine/queue_limits.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/engine/full_disk_server.h"

namespace holdfast::server::engine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string NormalForm(std::string_view text) {
  std::string why;
  const auto limits = QueueLimits::Parse(text, why);
  return limits ? limits->text() : "refused: " + why;
}

TEST(QueueLimitsTest, AreReadWithTheirUnits) {
  EXPECT_EQ(NormalForm(""), "");
  EXPECT_EQ(NormalForm("  queue:a   MAX-JOBS 10 max-bytes 1kb q* max-bytes 2mb "),
            "queue:a max-jobs 10 max-bytes 1024 q* max-bytes 2097152");
  EXPECT_EQ(NormalForm(NormalForm("a max-jobs 1k")), "a max-jobs 1000");
}

TEST(QueueLimitsTest, SayWhatIsWrong) {
  EXPECT_EQ(NormalForm("queue:a"), "refused: the pattern 'queue:a' has neither max-jobs nor max-bytes");
  EXPECT_EQ(NormalForm("queue:a max-jobs many"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs many'");
  EXPECT_EQ(NormalForm("max-jobs 10"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs 10'");
  EXPECT_EQ(NormalForm("a max-jobs"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs '");
  EXPECT_EQ(NormalForm("a max-jobs -1"),
            "refused: a limit is <pattern> [max-jobs N] [max-bytes N]; see 'max-jobs -1'");
}

TEST(QueueLimitsTest, TheFirstThatMatchesCounts) {
  std::string why;
  const auto limits = QueueLimits::Parse("queue:bulk max-jobs 2 queue:* max-jobs 3", why);
  ASSERT_TRUE(limits.has_value()) << why;
  ASSERT_NE(limits->Find("queue:bulk"), nullptr);
  EXPECT_EQ(limits->Find("queue:bulk")->jobs, 2U);
  EXPECT_EQ(limits->Find("queue:other")->jobs, 3U);
  EXPECT_EQ(limits->Find("schedule"), nullptr);
}

constexpr const char* kOverTwo =
    "(error) OOM command not allowed when the queue 'queue:a' holds 2 jobs of at most 2 ('queue-limit'). Let "
    "consumers drain it, or raise the limit.";

// A queue that is at its limit of two.
class LimitedQueue : public FullDiskServer {
 protected:
  LimitedQueue() {
    EXPECT_EQ(Run({"CONFIG", "SET", "queue-limit", "queue:* max-jobs 2"}), "OK");
    EXPECT_EQ(Run({"LPUSH", "queue:a", Job("1"), Job("2")}), "(integer) 2");
  }
};

TEST_F(LimitedQueue, WhateverMakesItGrowIsRefused) {
  EXPECT_EQ(Run({"LPUSH", "queue:a", "x"}), kOverTwo);
  EXPECT_EQ(Run({"LINSERT", "queue:a", "BEFORE", Job("1"), "x"}), kOverTwo);
  EXPECT_EQ(RunAll({{"RPUSH", "queue:a", "x"}}), kOverTwo);
  EXPECT_EQ(Run({"EVAL", "return redis.call('RPUSH', 'queue:a', 'x')", "0"}), kOverTwo);
  (void)Run({"RPUSH", "staging", "x", "y", "z"});
  const std::string over =
      "(error) OOM command not allowed when the queue 'queue:b' holds 0 jobs of at most 2";
  EXPECT_THAT(Run({"COPY", "staging", "queue:b"}), StartsWith(over));
  EXPECT_THAT(Run({"RENAME", "staging", "queue:b"}), StartsWith(over));
  EXPECT_THAT(Run({"RENAMENX", "staging", "queue:b"}), StartsWith(over));
  EXPECT_THAT(Run({"SORT", "staging", "ALPHA", "STORE", "queue:b"}), StartsWith(over));
  (void)Run({"ZADD", "many", "1", "x", "2", "y", "3", "z"});
  EXPECT_THAT(Run({"ZRANGESTORE", "queue:b", "many", "0", "-1"}), StartsWith(over));
  EXPECT_THAT(Run({"ZUNIONSTORE", "queue:b", "1", "many"}), StartsWith(over));
  (void)Run({"XADD", "queue:s", "1-1", "k", "v"});
  (void)Run({"XADD", "queue:s", "2-1", "k", "v"});
  EXPECT_THAT(Run({"XADD", "queue:s", "3-1", "k", "v"}), HasSubstr("'queue:s' holds 2 jobs"));
  EXPECT_EQ(Run({"XADD", "queue:s", "MAXLEN", "2", "3-1", "k", "v"}), "\"3-1\"");
  // What replaces as much as there was adds nothing.
  EXPECT_EQ(RunAll({{"DEL", "queue:a"}, {"RPUSH", "queue:a", "x", "y"}}), "1) (integer) 1\n2) (integer) 2");
}

TEST_F(LimitedQueue, LimitsThatATransactionSetsCountFromTheNextOneOn) {
  EXPECT_EQ(Run({"CONFIG", "SET", "queue-limit", ""}), "OK");
  EXPECT_THAT(RunAll({{"RPUSH", "queue:a", "3"},
                      {"LMOVE", "queue:a", "queue:b", "LEFT", "RIGHT"},
                      {"CONFIG", "SET", "queue-limit", "queue:* max-jobs 2"}}),
              HasSubstr("OK"));
  EXPECT_EQ(Run({"LPUSH", "queue:a", "4"}), kOverTwo);
}

TEST_F(LimitedQueue, WhatHasExpiredMakesNoRoomForOthers) {
  EXPECT_EQ(Run({"CONFIG", "SET", "queue-limit", ""}), "OK");
  EXPECT_EQ(RunAll({{"RPUSH", "queue:e", "1", "2", "3"}, {"PEXPIRE", "queue:e", "500"}}),
            "1) (integer) 3\n2) (integer) 1");
  EXPECT_EQ(Run({"CONFIG", "SET", "queue-limit", "queue:* max-jobs 2"}), "OK");
  server_.Advance(absl::Seconds(5));
  EXPECT_THAT(Run({"RPUSH", "queue:e", "x", "y", "z"}), HasSubstr("'queue:e' holds 0 jobs of at most 2"));
}

TEST_F(LimitedQueue, WhatIsNoQueueHasNoLimit) {
  EXPECT_EQ(Run({"HSET", "queue:h", "a", "1", "b", "2", "c", "3"}), "(integer) 3");
  EXPECT_EQ(Run({"SADD", "queue:set", "a", "b", "c"}), "(integer) 3");
}

TEST_F(LimitedQueue, WhatComesBackIsNeverRefused) {
  EXPECT_THAT(Run({"RPOP", "queue:a"}), HasSubstr("\\\"1\\\""));
  EXPECT_EQ(Run({"LPUSH", "queue:a", Job("3")}), "(integer) 2");
  EXPECT_EQ(Run({"RPUSH", "queue:a", Job("1", R"(,"retry_count":0)")}), "(integer) 3");
  EXPECT_EQ(Run({"RPUSH", "queue:a", Job("forgotten", R"(,"failed_at":1.5)")}), "(integer) 4");
  // A move is a pop and a push: a worker takes a job into a list of its own, or a keeper brings one back.
  (void)Run({"RPUSH", "working", Job("5"), Job("6"), Job("7")});
  EXPECT_THAT(Run({"LMOVE", "working", "queue:a", "LEFT", "RIGHT"}), HasSubstr("Mail"));
  EXPECT_THAT(Run({"RPOPLPUSH", "working", "queue:a"}), HasSubstr("Mail"));
  EXPECT_THAT(Run({"BLMOVE", "working", "queue:a", "LEFT", "RIGHT", "0"}), HasSubstr("Mail"));
  EXPECT_THAT(Run({"LMOVE", "queue:a", "queue:a", "LEFT", "RIGHT"}), HasSubstr("Mail"));
  EXPECT_EQ(Run({"LLEN", "queue:a"}), "(integer) 7");
}

TEST_F(LimitedQueue, BytesAreLimitedLikeJobs) {
  EXPECT_EQ(Run({"CONFIG", "SET", "queue-limit", "queue:* max-bytes 300"}), "OK");
  EXPECT_THAT(Run({"LPUSH", "queue:a", std::string(150, 'x')}),
              HasSubstr("bytes with this one of at most 300"));
  EXPECT_THAT(Run({"LSET", "queue:a", "0", std::string(300, 'x')}), HasSubstr("bytes with this one"));
  EXPECT_EQ(Run({"LSET", "queue:a", "0", "x"}), "OK");
}

}  // namespace
}  // namespace holdfast::server::engine
