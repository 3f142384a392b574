#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// CONFIG takes and refuses what Redis does, says so in the same words, and reports the same back.
namespace holdfast::differential {
namespace {

using resp::Reply;
using Words = std::vector<std::string>;
using Reasons = std::map<std::string, std::string, std::less<>>;

// What each parameter is set to, besides the words that the oracle lists for it.
const Words& Values() {
  static const auto& values = *new Words{"",
                                         "-1",
                                         "0",
                                         "1",
                                         "5",
                                         "99",
                                         "100",
                                         "101",
                                         "501",
                                         "1000",
                                         "1001",
                                         "65536",
                                         "01",
                                         "+1",
                                         " 1",
                                         "1.5",
                                         "2147483647",
                                         "2147483648",
                                         "4294967295",
                                         "4294967296",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "18446744073709551616",
                                         "-2147483649",
                                         "word",
                                         "a b",
                                         "1k",
                                         "1kb",
                                         "1MB",
                                         "2gb",
                                         "1tb",
                                         "b",
                                         "-1kb",
                                         "1.5mb",
                                         "50%",
                                         "0%",
                                         "101%",
                                         "-5%",
                                         "yes",
                                         "NO",
                                         "maybe",
                                         "3600 1",
                                         "900 1 300 10",
                                         "0 1",
                                         "1 x",
                                         "1  2",
                                         "1 2 3",
                                         "-2001 0 0",
                                         "now force",
                                         "save nosave",
                                         "default now",
                                         "{port} x",
                                         "{title}",
                                         "{bad}",
                                         "{{x",
                                         "normal 1kb 2 3",
                                         "replica 1 1 1",
                                         "normal 0 0 -1",
                                         "other 1 2 3",
                                         "normal 1 2",
                                         "50 99.90",
                                         "101 2",
                                         "KEA",
                                         "relative",
                                         "a-b.c",
                                         "a_b"};
  return values;
}

// Never set: the oracle would be elsewhere, or ask for a password. What they do is told by tests of their
// own.
const Reasons& NotSet() {
  static const auto& reasons =
      *new Reasons{{"port", "opens another door"},
                   {"maxclients", "hangs the oracle where it raises the limit of files"},
                   {"bind", "opens other doors"},
                   {"tls-port", "needs certificates"},
                   {"requirepass", "closes the door"}};
  return reasons;
}

// Where the oracle starts with something else.
const Reasons& OtherPresets() {
  static const auto& reasons = *new Reasons{
      {"appendfsync", "each write is synced"},
      {"appendonly", "each write is logged"},
      {"bind", "the oracle is told its address"},
      {"dir", "the oracle is told its folder"},
      {"enable-debug-command", "DEBUG has only harmless parts"},
      {"logfile", "the oracle is told where"},
      {"port", "the oracle is told its port"},
      {"supervised", "systemd is noticed"},
  };
  return reasons;
}

// By "parameter", or "parameter value".
const Reasons& KnownDifferences() {
  static const auto& reasons = *new Reasons{
      {"activedefrag yes", "accepted, as by a Redis with its own allocator; Debian's has another"},
      {"loglevel", "7.2 knows the level nothing"},
      {"maxmemory", "tells of the disk whatever is set"},
      {"maxmemory-clients 9223372036854775808", "Redis takes it for a negative number, a percentage"},
      {"maxmemory-clients 18446744073709551615", "the same"},
      {"maxmemory-clients 18446744073709551616", "the same"},
      {"proto-max-bulk-len", "a value has at most 512 MB"},
      {"tls-cluster yes", "the oracle has no certificate"},
      {"tls-replication yes", "the oracle has no certificate"},
  };
  return reasons;
}

std::map<std::string, std::string> Pairs(const Reply& reply) {
  std::map<std::string, std::string> pairs;
  for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    pairs[reply.elements[i].text] = reply.elements[i + 1].text;
  }
  return pairs;
}

// What a server said to CONFIG SET, and what CONFIG GET says then.
struct Told {
  std::string reply;
  std::string value;
};

class ParametersDifferentialTest : public testing::Test {
 protected:
  void SetUp() override {
    oracle_ = harness::Oracle::New();
    ASSERT_NE(oracle_, nullptr) << "no redis-check-rdb (package redis-tools)";
    redis_ = std::make_unique<harness::OracleClient>(oracle_->port());
    theirs_ = Pairs(redis_->Ask({"CONFIG", "GET", "*"}));
    ours_ = Pairs(AskUs({"CONFIG", "GET", "*"}));
    ASSERT_GT(theirs_.size(), 150U);
  }

  Reply AskUs(const Words& words) {
    server_.Send("main", words);
    std::vector<Reply> replies = server_.client("main").Take();
    return replies.empty() ? Reply{} : std::move(replies.front());
  }

  // Sets it to each value in turn, from the value that it had.
  std::vector<Told> TellThem(const std::string& name, const Words& values) {
    for (const std::string& value : values) {
      redis_->Send({"CONFIG", "SET", name, value});
      redis_->Send({"CONFIG", "GET", name});
      redis_->Send({"CONFIG", "SET", name, theirs_[name]});
    }
    const std::vector<Reply> replies = redis_->Take(values.size() * 3);
    std::vector<Told> told;
    for (size_t i = 0; i + 2 < replies.size(); i += 3) {
      told.push_back({resp::FormatReply(replies[i]), Pairs(replies[i + 1])[name]});
    }
    return told;
  }
  std::vector<Told> TellUs(const std::string& name, const Words& values) {
    std::vector<Told> told;
    for (const std::string& value : values) {
      const std::string reply = resp::FormatReply(AskUs({"CONFIG", "SET", name, value}));
      told.push_back({reply, Pairs(AskUs({"CONFIG", "GET", name}))[name]});
      (void)AskUs({"CONFIG", "SET", name, ours_[name]});
    }
    return told;
  }

  // The values above, and the words that the oracle names when it refuses one.
  Words ValuesFor(const std::string& name) {
    constexpr std::string_view kChoices = "one of the following: ";
    Words values = Values();
    const std::string text = redis_->Ask({"CONFIG", "SET", name, "no such word"}).text;
    (void)redis_->Ask({"CONFIG", "SET", name, theirs_[name]});
    for (size_t at = text.find(kChoices); at != std::string::npos && at < text.size();) {
      at += at == text.find(kChoices) ? kChoices.size() : 2;
      const size_t end = std::min(text.find(", ", at), text.size());
      values.push_back(text.substr(at, end - at));
      at = end;
    }
    return values;
  }

  // Both are as they were, or both report the same.
  bool Agree(const std::string& name, const Told& ours, const Told& theirs) {
    const bool unchanged = ours.value == ours_[name] && theirs.value == theirs_[name];
    return ours.reply == theirs.reply && (unchanged || ours.value == theirs.value);
  }

  std::unique_ptr<harness::Oracle> oracle_;
  std::unique_ptr<harness::OracleClient> redis_;
  harness::EngineHarness server_;
  std::map<std::string, std::string> ours_;
  std::map<std::string, std::string> theirs_;
};

TEST_F(ParametersDifferentialTest, EachOfTheirsIsOursWithTheSamePreset) {
  for (const auto& [name, value] : theirs_) {
    ASSERT_TRUE(ours_.contains(name)) << name;
    EXPECT_EQ(ours_[name] != value, OtherPresets().contains(name)) << name << ": " << ours_[name];
  }
}

TEST_F(ParametersDifferentialTest, ValuesAreTakenAndRefusedAlike) {
  std::map<std::string, bool> met;
  for (const auto& [name, reason] : KnownDifferences()) met[name] = false;
  for (const auto& [name, preset] : theirs_) {
    if (NotSet().contains(name)) continue;
    const Words values = ValuesFor(name);
    const std::vector<Told> theirs = TellThem(name, values);
    const std::vector<Told> ours = TellUs(name, values);
    ASSERT_EQ(theirs.size(), values.size()) << name;
    for (size_t i = 0; i < values.size(); ++i) {
      if (Agree(name, ours[i], theirs[i])) continue;
      const std::string one = name + " " + values[i];
      const std::string& known = KnownDifferences().contains(one) ? one : name;
      EXPECT_TRUE(KnownDifferences().contains(known))
          << one << "\nours:   " << ours[i].reply << ", " << ours[i].value << "\ntheirs: " << theirs[i].reply
          << ", " << theirs[i].value;
      met[known] = true;
    }
  }
  for (const auto& [name, seen] : met) EXPECT_TRUE(seen) << name << " is no difference any more";
}

TEST_F(ParametersDifferentialTest, SeveralAtOnceAreCheckedInTheSameOrder) {
  const Words requests[] = {
      {"slave-priority", "5", "replica-priority", "6"},
      {"hash-max-listpack-entries", "511", "hash-max-ziplist-entries", "510"},
      {"hz", "5", "HZ", "6"},
      {"slaveof", "x", "replicaof", "y"},
      {"hz", "x", "maxclients", "y"},
      {"nosuch", "1", "dir", "/tmp"},
      {"dir", "/tmp", "nosuch", "1"},
      {"hz", "7", "rdbchecksum", "yes"},
      {"dbfilename", "a", "dbfilename", "b"},
  };
  for (const Words& words : requests) {
    Words request = {"CONFIG", "SET"};
    request.insert(request.end(), words.begin(), words.end());
    EXPECT_EQ(resp::FormatReply(AskUs(request)), resp::FormatReply(redis_->Ask(request))) << words[0];
    const Words look = {"CONFIG", "GET", "*-priority", "*ziplist*", "HZ", "hz", "hash-max-listpack-entries"};
    EXPECT_EQ(Pairs(AskUs(look)), Pairs(redis_->Ask(look))) << words[0];
  }
}

}  // namespace
}  // namespace holdfast::differential
