#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/engine_harness.h"

// Fields that expire, where a transcript cannot look: the clock inside scripts, the expirer at work, a full
// disk.
namespace holdfast::server::commands {
namespace {

using testing::HasSubstr;

class HashExpiryTest : public testing::Test {
 protected:
  // A script, in which redis.log takes six seconds.
  std::string Eval(const std::string& body) {
    server_.on_log = [this](const std::string& line) {
      if (line == "time passes") server_.env().Advance(absl::Seconds(6));
    };
    server_.Send(
        "main",
        {"EVAL", "local function wait() redis.log(redis.LOG_WARNING, 'time passes') end " + body, "0"});
    return server_.Take("main");
  }

  std::string Stats() { return server_.engine().Info({{"stats"}}); }

  // `count` fields of `key` that expire in `seconds`; one command.
  void SetMany(const std::string& key, int count, const std::string& seconds) {
    std::vector<std::string> set = {"HSET", key};
    std::vector<std::string> expire = {"HEXPIRE", key, seconds, "FIELDS", std::to_string(count)};
    for (int i = 0; i < count; ++i) {
      set.insert(set.end(), {"f" + std::to_string(i), "v"});
      expire.push_back("f" + std::to_string(i));
    }
    server_.Send("main", set);
    server_.Send("main", expire);
    (void)server_.Take("main");
  }

  harness::EngineHarness server_;
};

TEST_F(HashExpiryTest, TimeStandsStillInAScript) {
  (void)server_.Run("HSET h a 1 b 2");
  (void)server_.Run("HEXPIRE h 5 FIELDS 1 a");
  EXPECT_EQ(
      Eval("local before = redis.call('HPTTL', 'h', 'FIELDS', 1, 'a')[1] wait() "
           "return {before, redis.call('HPTTL', 'h', 'FIELDS', 1, 'a')[1], redis.call('HGET', 'h', 'a'), "
           "redis.call('HLEN', 'h')}"),
      "1) (integer) 5000\n2) (integer) 5000\n3) \"1\"\n4) (integer) 2");
  EXPECT_EQ(server_.Run("HGETALL h"), "1) \"b\"\n2) \"2\"");
}

TEST_F(HashExpiryTest, WhatAScriptLetsExpireExpiresFromItsBeginningOn) {
  (void)server_.Run("HSET h a 1 b 2");
  EXPECT_EQ(Eval("wait() return redis.call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'a')"), "1) (integer) 1");
  EXPECT_EQ(server_.Run("HPTTL h FIELDS 1 a"), "1) (integer) 4000");
}

TEST_F(HashExpiryTest, AScriptThatFailsKeepsTheTimesItSet) {
  (void)server_.Run("HSET h a 1");
  EXPECT_THAT(Eval("redis.call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'a') return redis.call('HEXPIRE', 'h', 'x')"),
              HasSubstr("(error)"));
  EXPECT_EQ(server_.Run("HTTL h FIELDS 1 a"), "1) (integer) 10");
}

TEST_F(HashExpiryTest, TimeStandsStillInATransaction) {
  (void)server_.Run("HSET h a 1");
  (void)server_.Run("HEXPIRE h 5 FIELDS 1 a");
  (void)server_.Run("MULTI");
  EXPECT_EQ(Eval("wait() return 1"), "QUEUED");
  (void)server_.Run("HGET h a");
  EXPECT_EQ(server_.Run("EXEC"), "1) (integer) 1\n2) \"1\"");
  EXPECT_EQ(server_.Run("HGET h a"), "(nil)");
}

TEST_F(HashExpiryTest, AReadOnlyScriptMayAskForTimesAndNotSetThem) {
  (void)server_.Run("HSET h a 1");
  EXPECT_EQ(server_.Run("EVAL_RO \"return redis.call('HTTL', KEYS[1], 'FIELDS', 1, 'a')\" 1 h"),
            "1) (integer) -1");
  EXPECT_THAT(server_.Run("EVAL_RO \"return redis.call('HPERSIST', KEYS[1], 'FIELDS', 1, 'a')\" 1 h"),
              HasSubstr("(error) ERR Write commands are not allowed from read-only scripts"));
}

TEST_F(HashExpiryTest, FieldsGoThoughNobodyAsksForThem) {
  SetMany("some", 1000, "5");
  (void)server_.Run("HSET some stays 1");
  SetMany("all", 1000, "5");
  server_.Advance(absl::Seconds(6));
  EXPECT_EQ(server_.Run("DBSIZE"), "(integer) 1");
  EXPECT_EQ(server_.Run("HGETALL some"), "1) \"stays\"\n2) \"1\"");
  EXPECT_THAT(Stats(), HasSubstr("expired_subkeys:2000\r\n"));
  EXPECT_THAT(Stats(), HasSubstr("expired_keys:0\r\n"));
  // Nothing is left of the times: another one of the same name keeps its field.
  (void)server_.Run("HSET some f0 again");
  server_.Advance(absl::Seconds(6));
  EXPECT_EQ(server_.Run("HGET some f0"), "\"again\"");
}

TEST_F(HashExpiryTest, FieldsWaitWhileTheLogCannotTakeADeletion) {
  (void)server_.Run("HSET h a 1 b 2");
  (void)server_.Run("HEXPIRE h 5 FIELDS 1 a");
  server_.store().LimitEffects(0);
  server_.Advance(absl::Seconds(6));
  EXPECT_EQ(server_.Run("HGET h a"), "(nil)");
  EXPECT_EQ(server_.Run("HLEN h"), "(integer) 1");
  EXPECT_THAT(Stats(), HasSubstr("expired_subkeys:0\r\n"));
  EXPECT_THAT(server_.Run("HEXPIRE h 5 FIELDS 1 b"), HasSubstr("(error) OOM"));
  server_.store().LimitEffects(SIZE_MAX);
  server_.Advance(absl::Seconds(1));
  EXPECT_THAT(Stats(), HasSubstr("expired_subkeys:1\r\n"));
  EXPECT_EQ(server_.Run("HTTL h FIELDS 1 b"), "1) (integer) -1");
}

TEST_F(HashExpiryTest, AReadOfWhatIsPastMakesNoEffect) {
  (void)server_.Run("DEBUG SET-ACTIVE-EXPIRE 0");
  (void)server_.Run("HSET h a 1 b 2");
  (void)server_.Run("HEXPIRE h 5 FIELDS 1 a");
  server_.Advance(absl::Seconds(6));
  const uint64_t turn = server_.store().stats().turn;
  for (const char* line :
       {"HGET h a", "HLEN h", "HGETALL h", "HSCAN h 0", "HRANDFIELD h 3", "HTTL h FIELDS 1 a"}) {
    (void)server_.Run(line);
  }
  EXPECT_EQ(server_.store().stats().turn, turn);
  (void)server_.Run("HDEL h b");
  EXPECT_GT(server_.store().stats().turn, turn);
}

// HRANDFIELD among fields of which many are past their time: all that are left, and no other.
TEST_F(HashExpiryTest, RandomFieldsAreThoseThatAreLeft) {
  (void)server_.Run("DEBUG SET-ACTIVE-EXPIRE 0");
  SetMany("h", 300, "5");
  (void)server_.Run("HPERSIST h FIELDS 2 f7 f8");
  server_.Advance(absl::Seconds(6));
  EXPECT_EQ(server_.Run("HLEN h"), "(integer) 2");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(server_.Run("HRANDFIELD h"), testing::AnyOf("\"f7\"", "\"f8\""));
  }
  EXPECT_THAT(server_.Run("HRANDFIELD h 10"), testing::AnyOf("1) \"f7\"\n2) \"f8\"", "1) \"f8\"\n2) \"f7\""));
}

TEST_F(HashExpiryTest, TheDigestTellsWhetherAFieldExpires) {
  (void)server_.Run("HSET h a 1 b " + std::string(100, 'x'));
  const std::string before = server_.Run("DEBUG DIGEST");
  (void)server_.Run("HEXPIRE h 5 FIELDS 1 a");
  EXPECT_NE(server_.Run("DEBUG DIGEST"), before);
  (void)server_.Run("HPERSIST h FIELDS 1 a");
  EXPECT_EQ(server_.Run("DEBUG DIGEST"), before);
}

}  // namespace
}  // namespace holdfast::server::commands
