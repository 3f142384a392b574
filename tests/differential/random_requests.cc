#include "tests/differential/random_requests.h"

#include <array>
#include <cctype>
#include <string_view>

namespace holdfast::differential {
namespace {

// Lower-case letters behind '$' stand for a kind of word (see Word).
constexpr std::string_view kBlocking[] = {
    "BRPOP $l 0",
    "BLPOP $l 0",
    "BLMOVE $l $l LEFT RIGHT 0",
    "BRPOPLPUSH $l $l 0",
    "BLMPOP 0 1 $l LEFT",
    "BLMPOP 0 1 $l RIGHT COUNT 2",
    "BZPOPMIN $z 0",
    "BZPOPMAX $z 0",
    "BZMPOP 0 1 $z MAX",
    "BZMPOP 0 1 $z MIN COUNT 2",
};

constexpr std::string_view kFeeding[] = {
    "LPUSH $l $v",
    "LPUSH $l $v $v $v",
    "RPUSH $l $v $v",
    "LPUSHX $l $v",
    "LPOP $l",
    "RPOP $l 2",
    "LMOVE $l $l LEFT LEFT",
    "RPOPLPUSH $l $l",
    "LMPOP 2 $l $l RIGHT",
    "LINSERT $l BEFORE $v $v",
    "LREM $l 0 $v",
    "LTRIM $l 1 -1",
    "DEL $l $z",
    "UNLINK $l",
    "RENAME $l $l",
    "COPY $l $l REPLACE",
    "ZADD $z $s $m",
    "ZADD $z $s $m $s $m",
    "ZADD $z NX $s $m",
    "ZADD $z XX $s $m",
    "ZINCRBY $z $s $m",
    "ZPOPMIN $z",
    "ZPOPMAX $z 2",
    "ZREM $z $m",
    "ZUNIONSTORE $z 2 $z $z",
    "ZRANGESTORE $z $z 0 1",
    "RENAME $z $z",
    "MULTI",
    "MULTI",
    "EXEC",
    "EXEC",
    "EXEC",
    "DISCARD",
    "FLUSHALL",
    "SWAPDB 0 0",
};

constexpr std::string_view kListKeys[] = {"l1", "l2", "l3"};
constexpr std::string_view kScoreKeys[] = {"z1", "z2", "z3"};
constexpr std::string_view kValues[] = {"a", "b", "c", "10", "", "long value with spaces", "-1"};
constexpr std::string_view kMembers[] = {"m1", "m2", "m3", "m4", "5", "6"};
constexpr std::string_view kScores[] = {"0", "1", "2", "-1", "0.5", "1e3", "inf", "-inf", "nan", "x"};

}  // namespace

std::string RandomRequests::Word(char kind) {
  const auto one_of = [this](const auto& words) { return std::string(words[Below(std::size(words))]); };
  switch (kind) {
    case 'l':
      return one_of(kListKeys);
    case 'z':
      return one_of(kScoreKeys);
    case 'v':
      return one_of(kValues);
    case 'm':
      return one_of(kMembers);
    default:
      return one_of(kScores);
  }
}

std::vector<std::string> RandomRequests::Fill(std::string_view pattern) {
  std::vector<std::string> words;
  while (!pattern.empty()) {
    const size_t end = std::min(pattern.find(' '), pattern.size());
    std::string word;
    for (size_t i = 0; i < end; ++i) {
      if (pattern[i] == '$') {
        word += Word(pattern[++i]);
      } else {
        word += pattern[i];
      }
    }
    words.push_back(std::move(word));
    pattern.remove_prefix(std::min(pattern.size(), end + 1));
  }
  return words;
}

std::vector<std::string> RandomRequests::NextFeeding() { return Fill(kFeeding[Below(std::size(kFeeding))]); }

std::vector<std::string> RandomRequests::NextBlocking() {
  return Fill(kBlocking[Below(std::size(kBlocking))]);
}

}  // namespace holdfast::differential
