#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/harness/engine_harness.h"
#include "tests/harness/oracle.h"

// Which commands are an access to a key, here and in the oracle.
namespace holdfast::server::commands {
namespace {

using resp::Reply;

// On a key "k" that `made` makes, and that was not used for some time when `request` comes.
struct Access {
  std::string_view made;
  std::string_view request;
  bool touches = true;
  std::string_view key = "k";  // the one that is asked about then; "other" is a string and "there" a set
};

void PrintTo(const Access& access, std::ostream* out) { *out << access.request; }

constexpr Access kAccesses[] = {
    // Looks at the key itself.
    {"SET k hello", "OBJECT ENCODING k", false},
    {"SET k hello", "OBJECT REFCOUNT k", false},
    {"SET k hello", "OBJECT FREQ k", false},
    {"SET k hello", "OBJECT IDLETIME k", false},
    {"SET k hello", "MEMORY USAGE k", false},
    {"SET k hello", "EXISTS k", false},
    {"SET k hello", "TYPE k", false},
    {"SET k hello", "TTL k", false},
    {"SET k hello", "PTTL k", false},
    {"SET k hello", "EXPIRETIME k", false},
    {"SET k hello", "PEXPIRETIME k", false},
    {"SET k hello", "SCAN 0 COUNT 1000", false},
    {"SET k hello", "SCAN 0 COUNT 1000 TYPE string", false},
    {"SET k hello", "KEYS *", false},
    {"SET k hello", "RANDOMKEY", false},
    {"SET k hello", "WATCH k", false},
    {"SET k hello", "DBSIZE", false},
    // Reads.
    {"SET k hello", "TOUCH k"},
    {"SET k hello", "DUMP k"},
    {"SET k hello", "GET k"},
    {"SET k hello", "MGET other k"},
    {"SET k hello", "STRLEN k"},
    {"SET k hello", "GETRANGE k 0 0"},
    {"SET k hello", "GETBIT k 0"},
    {"SET k hello", "BITCOUNT k"},
    {"SET k hello", "BITFIELD_RO k GET u8 0"},
    {"SET k hello", "LCS k other"},
    {"SET k hello", "LLEN k"},  // of another type
    {"RPUSH k 1 2 3", "LLEN k"},
    {"RPUSH k 1 2 3", "LRANGE k 0 -1"},
    {"RPUSH k 1 2 3", "LINDEX k 1"},
    {"RPUSH k 1 2 3", "LPOS k 2"},
    {"RPUSH k 1 2 3", "SORT k"},
    {"HSET k f 1", "HGET k f"},
    {"HSET k f 1", "HLEN k"},
    {"HSET k f 1", "HSCAN k 0"},
    {"HSET k f 1", "HRANDFIELD k"},
    {"SADD k 1 2", "SCARD k"},
    {"SADD k 1 2", "SISMEMBER k 1"},
    {"SADD k 1 2", "SINTER there k"},
    {"SADD k 1 2", "SSCAN k 0"},
    {"ZADD k 1 a", "ZSCORE k a"},
    {"ZADD k 1 a", "ZRANGE k 0 -1"},
    {"XADD k 1-1 a b", "XLEN k"},
    {"XADD k 1-1 a b", "XRANGE k - +"},
    {"XADD k 1-1 a b", "XREAD STREAMS k 0"},
    {"XADD k 1-1 a b", "XINFO STREAM k"},
    {"SET k hello", "SORT there BY nosort GET k", false},  // a word without *: no key
    {"SET k hello", "SORT there BY nosort GET w_*", true, "w_5"},
    // Writes, some of which change nothing.
    {"SET k hello", "SET k 1 KEEPTTL"},
    {"SET k hello", "SET k 1 NX"},
    {"SET k hello", "SETNX k 1"},
    {"SET k hello", "MSETNX k 1"},
    {"SET k hello", "GETEX k"},
    {"SET k hello", "APPEND k x"},
    {"SET k hello", "INCR k"},
    {"SET k hello", "EXPIRE k 1000"},
    {"SET k hello", "EXPIRE k 1000 XX"},
    {"SET k hello", "PERSIST k"},
    {"RPUSH k 1 2 3", "LPUSHX k 1"},
    {"RPUSH k 1 2 3", "LPOP k 0"},
    {"RPUSH k 1 2 3", "LSET k 9 x"},
    {"RPUSH k 1 2 3", "BLPOP k 0"},
    {"HSET k f 1", "HSETNX k f 1"},
    {"SADD k 1 2", "SADD k 1"},
    {"SADD k 1 2", "SREM k 9"},
    {"SADD k 1 2", "SINTERSTORE result k"},
    {"ZADD k 1 a", "ZADD k 1 a"},
    {"ZADD k 1 a", "ZUNIONSTORE result 1 k"},
    {"XADD k 1-1 a b", "XTRIM k MAXLEN 100"},
    // Keys that change their place, or do not.
    {"SET k hello", "COPY k copied"},
    {"SET k hello", "COPY k copied", true, "copied"},
    {"SET k hello", "COPY other k"},
    {"SET k hello", "COPY other k REPLACE"},
    {"SET k hello", "RENAME k k"},
    {"SET k hello", "RENAME k renamed", true, "renamed"},
    {"SET k hello", "RENAME other k"},
    {"SET k hello", "RENAMENX other k"},
    {"SET k hello", "RENAMENX k other"},
    {"SET k hello", "RESTORE k 0 nothing"},  // the name is taken
    // In a script it is the commands that count.
    {"SET k hello", "EVAL return(1) 1 k", false},
    {"SET k hello", "EVAL return(redis.call('get',KEYS[1])) 1 k"},
    {"SET k hello", "EVAL return(redis.call('ttl',KEYS[1])) 1 k", false},
};

// Says what was last used a thousand seconds ago, and asks: nobody has to wait.
template <typename Ask>
bool Touches(const Access& access, Ask ask) {
  const auto run = [&](std::string_view line) {
    return ask(std::vector<std::string>(absl::StrSplit(std::string(line), ' ')));
  };
  run("FLUSHALL");
  run(access.made);
  run("SET other string");
  run("SADD there 5");
  run("SET w_5 weight");
  for (const std::string key : {"k", "other", "w_5"}) {
    const Reply payload = ask({"DUMP", key});
    const Reply restored = ask({"RESTORE", key, "0", payload.text, "REPLACE", "IDLETIME", "1000"});
    EXPECT_EQ(restored.text, "OK") << key;
  }
  EXPECT_GE(run("OBJECT IDLETIME k").integer, 1000);
  run(access.request);
  const Reply idle = ask({"OBJECT", "IDLETIME", std::string(access.key)});
  EXPECT_EQ(idle.type, Reply::Type::kInteger) << resp::FormatReply(idle);
  return idle.integer < 500;
}

class IdleTimeTest : public testing::TestWithParam<Access> {
 protected:
  harness::EngineHarness server_;
};

TEST_P(IdleTimeTest, IsWhatTheAccessMakesOfIt) {
  EXPECT_EQ(GetParam().touches, Touches(GetParam(), [&](const std::vector<std::string>& words) {
              server_.Send("main", words);
              return server_.client("main").Take().at(0);
            }));
}

TEST_P(IdleTimeTest, IsTheOracles) {
  harness::Oracle* oracle = harness::Oracle::Get();
  ASSERT_NE(oracle, nullptr) << "no redis-check-rdb (package redis-tools)";
  harness::OracleClient client(oracle->port());
  EXPECT_EQ(GetParam().touches,
            Touches(GetParam(), [&](const std::vector<std::string>& words) { return client.Ask(words); }));
}

INSTANTIATE_TEST_SUITE_P(Accesses, IdleTimeTest, testing::ValuesIn(kAccesses));

}  // namespace
}  // namespace holdfast::server::commands
