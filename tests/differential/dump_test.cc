#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"
#include "storage/dump/payload.h"
#include "storage/dump/value.h"
#include "tests/differential/agreement.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"
#include "tests/storage/dump/damage.h"
#include "tests/storage/dump/sample_bodies.h"

// What one server dumps the other one restores, and has the same value then.
namespace holdfast::differential {
namespace {

using resp::Reply;
using Words = std::vector<std::string>;
using Requests = std::vector<Words>;

// So that Redis packs values in all the ways it has.
const Requests kSettings = {
    {"CONFIG", "SET", "rdbcompression", "yes", "hash-max-listpack-entries", "128",
     "zset-max-listpack-entries", "128", "set-max-intset-entries", "512", "list-max-listpack-size", "-2",
     "stream-node-max-entries", "100"},
    {"CONFIG", "SET", "rdbcompression", "no", "hash-max-listpack-entries", "2", "zset-max-listpack-entries",
     "2", "set-max-intset-entries", "2", "list-max-listpack-size", "3", "stream-node-max-entries", "3"},
};

// How a value of each type is asked for; $ is the key.
const std::map<std::string, Requests>& Readings() {
  static const auto& readings = *new std::map<std::string, Requests>{
      {"string", {{"GET", "$"}}},
      {"list", {{"LRANGE", "$", "0", "-1"}}},
      {"set", {{"SMEMBERS", "$"}}},
      {"hash", {{"HGETALL", "$"}}},
      {"zset", {{"ZRANGE", "$", "0", "-1", "WITHSCORES"}}},
      {"stream",
       {{"XRANGE", "$", "-", "+"},
        {"XPENDING", "$", "group"},
        {"XPENDING", "$", "group", "-", "+", "1000"},
        {"XPENDING", "$", "group", "-", "+", "1000", "two"},
        {"XREVRANGE", "$", "+", "-", "COUNT", "1"}}},
  };
  return readings;
}

Words About(const std::string& key, Words words) {
  std::replace(words.begin(), words.end(), std::string("$"), key);
  return words;
}

class DumpDifferentialTest : public testing::Test {
 protected:
  void SetUp() override {
    harness::Oracle* oracle = harness::Oracle::Get();
    ASSERT_NE(oracle, nullptr) << "no redis-check-rdb (package redis-tools)";
    redis_ = std::make_unique<harness::OracleClient>(oracle->port());
    (void)AskThem({"FLUSHALL"});
    // Otherwise Redis believes what has the right checksum.
    (void)AskThem({"CONFIG", "SET", "sanitize-dump-payload", "yes"});
  }

  Reply AskUs(const Words& words) {
    server_.Send("main", words);
    std::vector<Reply> replies = server_.client("main").Take();
    return replies.empty() ? Reply{} : std::move(replies.front());
  }
  Reply AskThem(const Words& words) { return redis_->Ask(words); }

  // Whether two of their keys hold the same, in the same way.
  void ExpectSame(const std::string& one, const std::string& other) {
    const std::string type = AskThem({"TYPE", one}).text;
    Requests readings = Readings().at(type);
    readings.push_back({"OBJECT", "ENCODING", "$"});
    if (type == "stream") readings.push_back({"XINFO", "STREAM", "$", "FULL", "COUNT", "0"});
    for (const Words& reading : readings) {
      // The time that passes is in XPENDING; XINFO tells the times themselves.
      const bool unordered = type == "set" || type == "hash";
      if (reading[0] == "XPENDING") continue;
      const Reply first = AskThem(About(one, reading));
      const Reply second = AskThem(About(other, reading));
      EXPECT_TRUE(Agree(unordered ? AgreementOn(reading) : Agreement::kExact, first, second))
          << resp::FormatReply(first) << "\n--- and\n"
          << resp::FormatReply(second);
    }
  }

  // Where our key and theirs differ; empty if they do not.
  std::string Difference(const std::string& ours, const std::string& theirs) {
    const std::string type = AskThem({"TYPE", theirs}).text;
    if (AskUs({"TYPE", ours}).text != type) return "it is no " + type;
    for (const Words& reading : Readings().at(type)) {
      const Reply our_reply = AskUs(About(ours, reading));
      const Reply their_reply = AskThem(About(theirs, reading));
      if (Agree(AgreementOn(reading), our_reply, their_reply)) continue;
      return reading[0] + "\n" + resp::FormatReply(our_reply) + "\n--- and\n" +
             resp::FormatReply(their_reply);
    }
    return "";
  }

  // From them to us and back.
  void GoThere(const std::string& key) {
    const Reply theirs = AskThem({"DUMP", key});
    ASSERT_EQ(AskUs({"RESTORE", key, "0", theirs.text, "REPLACE"}).text, "OK") << key;
    EXPECT_EQ(Difference(key, key), "") << key;
    const Reply ours = AskUs({"DUMP", key});
    ASSERT_EQ(AskThem({"RESTORE", "back", "0", ours.text, "REPLACE"}).text, "OK") << key;
    ExpectSame("back", key);
  }

  // The same with what was made here.
  void GoHere(const std::string& key) {
    const Reply ours = AskUs({"DUMP", key});
    ASSERT_EQ(AskThem({"RESTORE", key, "0", ours.text, "REPLACE"}).text, "OK") << key;
    EXPECT_EQ(Difference(key, key), "") << key;
    const Reply theirs = AskThem({"DUMP", key});
    ASSERT_EQ(AskUs({"RESTORE", "back", "0", theirs.text, "REPLACE"}).text, "OK") << key;
    EXPECT_EQ(Difference("back", key), "") << key;
  }

  std::unique_ptr<harness::OracleClient> redis_;
  harness::EngineHarness server_;
};

// Words of all lengths and kinds.
std::string RandomWord(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return std::to_string(static_cast<int64_t>(random()) >> random() % 64);
    case 1:
      return std::to_string(random() % 100);
    case 2:
      return std::string(random() % 300, static_cast<char>('a' + random() % 26));
    case 3: {
      std::string bytes;
      for (uint64_t i = random() % 80; i > 0; --i) bytes += static_cast<char>(random());
      return bytes;
    }
    case 4:
      return "word " + std::to_string(random() % 1000);
    default:
      return random() % 40 == 0 ? std::string(random() % 20'000, 'x')
                                : std::to_string(random() % 1000) + ".5";
  }
}

std::string RandomScore(std::mt19937_64& random) {
  constexpr std::string_view kScores[] = {"0",      "inf", "-inf", "1e300",
                                          "5e-324", "0.1", "-1.5", "9007199254740993"};
  return random() % 2 == 0 ? std::string(kScores[random() % std::size(kScores)])
                           : std::to_string(static_cast<int64_t>(random() % 2000) - 1000);
}

size_t RandomSize(std::mt19937_64& random) {
  constexpr size_t kSizes[] = {1, 2, 3, 5, 100, 128, 129, 300, 600};
  return kSizes[random() % std::size(kSizes)];
}

// The requests that make a random stream with a group.
Requests StreamRequests(const std::string& key, std::mt19937_64& random) {
  Requests requests;
  const size_t size = RandomSize(random);
  uint64_t ms = random() % 3;
  for (size_t i = 1; i <= size; ++i) {
    ms += random() % 3;
    Words words = {"XADD", key, std::to_string(ms) + "-" + std::to_string(i)};
    for (uint64_t fields = 1 + (random() % 5 == 0 ? random() % 4 : 0); fields > 0; --fields) {
      words.push_back(fields == 1 ? "field" : RandomWord(random));
      words.push_back(RandomWord(random));
    }
    requests.push_back(words);
    if (random() % 8 == 0) requests.push_back({"XDEL", key, words[2]});
  }
  requests.push_back({"XGROUP", "CREATE", key, "group", "0"});
  requests.push_back({"XGROUP", "CREATE", key, "known", "$", "ENTRIESREAD", "7"});
  requests.push_back({"XGROUP", "CREATECONSUMER", key, "known", "nothing yet"});
  for (const std::string consumer : {"one", "two", "3"}) {
    requests.push_back({"XREADGROUP", "GROUP", "group", consumer, "COUNT", std::to_string(1 + random() % 40),
                        "STREAMS", key, ">"});
  }
  requests.push_back({"XTRIM", key, "MAXLEN", "~", std::to_string(random() % 500)});
  if (random() % 3 == 0) requests.push_back({"XTRIM", key, "MAXLEN", std::to_string(random() % 3)});
  return requests;
}

// The requests that make a random value of a type.
Requests RequestsFor(const std::string& type, const std::string& key, std::mt19937_64& random) {
  if (type == "stream") return StreamRequests(key, random);
  if (type == "string") return {{"SET", key, RandomWord(random)}};
  static const std::map<std::string, std::string> verbs = {
      {"list", "RPUSH"}, {"set", "SADD"}, {"integers", "SADD"}, {"hash", "HSET"}, {"zset", "ZADD"}};
  Words words = {verbs.at(type), key};
  for (size_t i = RandomSize(random); i > 0; --i) {
    if (type == "zset") words.push_back(RandomScore(random));
    words.push_back(type == "integers" ? std::to_string(static_cast<int64_t>(random()) >> random() % 64)
                                       : RandomWord(random));
    if (type == "hash") words.push_back(RandomWord(random));
  }
  return {words};
}

constexpr std::string_view kTypes[] = {"string", "list", "set", "integers", "hash", "zset", "stream"};

TEST_F(DumpDifferentialTest, ValuesGoThereAndBack) {
  std::mt19937_64 random(1);
  for (const Words& settings : kSettings) {
    ASSERT_EQ(AskThem(settings).text, "OK");
    for (const std::string_view type : kTypes) {
      for (int i = 0; i < 25; ++i) {
        const std::string key = std::string(type) + std::to_string(i);
        (void)AskThem({"DEL", key});
        for (const Words& request : RequestsFor(std::string(type), key, random)) (void)AskThem(request);
        ASSERT_NO_FATAL_FAILURE(GoThere(key));
      }
    }
  }
}

TEST_F(DumpDifferentialTest, ValuesComeHereAndBack) {
  std::mt19937_64 random(2);
  for (const std::string_view type : kTypes) {
    for (int i = 0; i < 25; ++i) {
      const std::string key = std::string(type) + std::to_string(i);
      for (const Words& request : RequestsFor(std::string(type), key, random)) (void)AskUs(request);
      ASSERT_NO_FATAL_FAILURE(GoHere(key));
    }
  }
}

// Sound or not, the same ones are read, and as the same values: what we take they take.
class ForgedPayloadTest : public DumpDifferentialTest {
 protected:
  // The oracle does not know 7.2's forms.
  static bool IsKnown(const std::string& body) {
    return !body.empty() && static_cast<storage::dump::Form>(body[0]) < storage::dump::Form::kSetListpack;
  }

  // Whether we took it.
  bool Forge(const std::string& body) {
    std::string payload = body;
    storage::dump::Seal(payload);
    const Words request = {"RESTORE", "forged", "0", payload, "REPLACE"};
    const Reply ours = AskUs(request);
    const Reply theirs = AskThem(request);
    if (ours.is_error()) {
      EXPECT_EQ(ours.text, "ERR Bad data format");
      return false;
    }
    EXPECT_EQ(theirs.text, "OK") << resp::Quoted(body);
    if (AskThem({"TYPE", "forged"}).text == "zset") PutInOrder();
    EXPECT_EQ(Difference("forged", "forged"), "") << resp::Quoted(body);
    return true;
  }

  // Redis believes that a small sorted set is in order.
  void PutInOrder() {
    const Reply elements = AskThem({"ZRANGE", "forged", "0", "-1", "WITHSCORES"});
    (void)AskThem({"DEL", "forged"});
    for (size_t i = 0; i + 1 < elements.elements.size(); i += 2) {
      (void)AskThem({"ZADD", "forged", elements.elements[i + 1].text, elements.elements[i].text});
    }
  }
};

TEST_F(ForgedPayloadTest, AllFormsMeanTheSame) {
  for (const std::string& body : storage::dump::SampleBodies()) {
    if (IsKnown(body)) {
      EXPECT_TRUE(Forge(body)) << resp::Quoted(body);
    }
  }
}

TEST_F(ForgedPayloadTest, WhatWeTakeOfDamagedOnesTheyTake) {
  constexpr int kBodies = 6000;
  std::mt19937_64 random(3);
  std::vector<std::string> bodies;
  for (const std::string& body : storage::dump::SampleBodies()) {
    if (IsKnown(body)) bodies.push_back(body);
  }
  int taken = 0;
  for (int i = 0; i < kBodies && !HasFailure(); ++i) {
    const std::string body = storage::dump::Damaged(bodies[random() % bodies.size()], random);
    if (IsKnown(body) && Forge(body)) ++taken;
  }
  EXPECT_GT(taken, kBodies / 50);
}

}  // namespace
}  // namespace holdfast::differential
