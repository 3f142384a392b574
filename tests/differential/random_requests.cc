#include "tests/differential/random_requests.h"

#include <array>
#include <cctype>
#include <string_view>

namespace holdfast::differential {
namespace {

// Lower-case letters behind '$' stand for a kind of word (see Word); a '~' in front: the reply has no order.
constexpr std::string_view kTemplates[] = {
    "SET $k $v",
    "SET $k $v NX",
    "SET $k $v XX GET",
    "SET $k $i KEEPTTL",
    "GET $k",
    "GETSET $k $v",
    "GETDEL $k",
    "APPEND $k $v",
    "STRLEN $k",
    "INCR $k",
    "DECR $k",
    "INCRBY $k $i",
    "DECRBY $k $i",
    "INCRBYFLOAT $k $h",
    "SETNX $k $v",
    "MSET $k $v $k $v",
    "MSETNX $k $v $k $v",
    "MGET $k $k $k",
    "SETRANGE $k $i $v",
    "GETRANGE $k $i $i",
    "SUBSTR $k $i $i",
    "SETBIT $k $p 1",
    "SETBIT $k $p 0",
    "GETBIT $k $p",
    "BITCOUNT $k",
    "BITCOUNT $k $i $i",
    "BITPOS $k 1",
    "BITPOS $k 0 $i",
    "BITFIELD $k OVERFLOW SAT INCRBY u16 #$p $i",
    "BITFIELD $k GET u8 $p",
    "BITFIELD $k SET i8 $p $i",
    "BITFIELD $k OVERFLOW FAIL INCRBY u4 0 9",
    "LPUSH $k $v",
    "LPUSH $k $v $v $v",
    "RPUSH $k $v $v",
    "LPUSHX $k $v",
    "RPUSHX $k $v",
    "LPOP $k",
    "RPOP $k",
    "LPOP $k $i",
    "RPOP $k $p",
    "LLEN $k",
    "LRANGE $k $i $i",
    "LRANGE $k 0 -1",
    "LINDEX $k $i",
    "LSET $k $i $v",
    "LINSERT $k BEFORE $v $v",
    "LINSERT $k AFTER $v $v",
    "LREM $k $i $v",
    "LTRIM $k $i $i",
    "LMOVE $k $k LEFT RIGHT",
    "LMOVE $k $k RIGHT LEFT",
    "RPOPLPUSH $k $k",
    "LMPOP 2 $k $k LEFT",
    "LMPOP 1 $k RIGHT COUNT 2",
    "LPOS $k $v",
    "LPOS $k $v RANK -1",
    "LPOS $k $v COUNT 0",
    "SADD $k $m",
    "SADD $k $m $m $m",
    "SADD $k $i $i",
    "SREM $k $m $m",
    "SCARD $k",
    "SISMEMBER $k $m",
    "SMISMEMBER $k $m $m",
    "~SMEMBERS $k",
    "SMOVE $k $k $m",
    "~SINTER $k $k",
    "~SUNION $k $k",
    "~SDIFF $k $k",
    "SINTERSTORE $k $k $k",
    "SUNIONSTORE $k $k $k",
    "SDIFFSTORE $k $k $k",
    "SINTERCARD 2 $k $k",
    "SINTERCARD 1 $k LIMIT $p",
    "HSET $k $m $v",
    "HSET $k $m $v $m $v",
    "HMSET $k $m $v",
    "HSETNX $k $m $v",
    "HGET $k $m",
    "HMGET $k $m $m",
    "HDEL $k $m $m",
    "HLEN $k",
    "HEXISTS $k $m",
    "HINCRBY $k $m $i",
    "HINCRBYFLOAT $k $m $h",
    "HSTRLEN $k $m",
    "~HKEYS $k",
    "~HVALS $k",
    "ZADD $k $s $m",
    "ZADD $k $s $m $s $m $s $m",
    "ZADD $k NX $s $m",
    "ZADD $k XX CH $s $m",
    "ZADD $k GT CH $s $m",
    "ZADD $k LT $s $m",
    "ZADD $k INCR $s $m",
    "ZADD $k NX XX $s $m",
    "ZREM $k $m $m",
    "ZCARD $k",
    "ZSCORE $k $m",
    "ZMSCORE $k $m $m",
    "ZINCRBY $k $s $m",
    "ZRANK $k $m",
    "ZREVRANK $k $m",
    "ZRANGE $k $i $i",
    "ZRANGE $k 0 -1 WITHSCORES",
    "ZRANGE $k $i $i REV",
    "ZRANGE $k $b $b BYSCORE",
    "ZRANGE $k $b $b BYSCORE REV LIMIT $i $i",
    "ZADD $y 0 $m 0 $m",
    "ZRANGE $y [$m (z BYLEX",
    "ZREVRANGE $k $i $i WITHSCORES",
    "ZRANGEBYSCORE $k $b $b",
    "ZRANGEBYSCORE $k -inf +inf WITHSCORES LIMIT $i $i",
    "ZREVRANGEBYSCORE $k $b $b",
    "ZRANGEBYLEX $y - +",
    "ZRANGEBYLEX $y [$m [$m",
    "ZLEXCOUNT $y - [$m",
    "ZCOUNT $k $b $b",
    "ZPOPMIN $k",
    "ZPOPMAX $k $p",
    "ZPOPMIN $k $i",
    "ZMPOP 2 $k $k MIN",
    "ZREMRANGEBYSCORE $k $b $b",
    "ZREMRANGEBYRANK $k $i $i",
    "ZREMRANGEBYLEX $y [$m (z",
    "ZRANGESTORE $k $k $i $i",
    "ZUNIONSTORE $k 2 $k $k",
    "ZINTERSTORE $k 2 $k $k WEIGHTS 2 $p",
    "ZDIFFSTORE $k 2 $k $k",
    "ZUNION 2 $k $k WITHSCORES",
    "ZINTER 2 $k $k AGGREGATE MAX",
    "ZDIFF 2 $k $k",
    "ZINTERCARD 2 $k $k",
    "DEL $k",
    "DEL $k $k",
    "UNLINK $k",
    "EXISTS $k $k",
    "TYPE $k",
    "RENAME $k $k",
    "RENAMENX $k $k",
    "COPY $k $k",
    "COPY $k $k REPLACE",
    "PERSIST $k",
    "EXPIRE $k 1000",
    "EXPIRE $k 1000 NX",
    "EXPIREAT $k 99999999999 GT",
    "EXPIREAT $k 99999999998 GT",
    "EXPIRE $k $i LT",
    "EXPIRETIME nosuch",
    "DBSIZE",
    "~KEYS *",
    "~KEYS k?",
    "TOUCH $k $k",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH $k",
    "UNWATCH",
    "MOVE $k 0",
};

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

constexpr std::string_view kKeys[] = {"k1", "k2", "k3", "k4", "k5"};
constexpr std::string_view kListKeys[] = {"l1", "l2", "l3"};
constexpr std::string_view kScoreKeys[] = {"z1", "z2", "z3"};
constexpr std::string_view kNameKeys[] = {"y1", "y2"};
constexpr std::string_view kValues[] = {"a", "b", "c", "10", "", "long value with spaces", "-1"};
constexpr std::string_view kMembers[] = {"m1", "m2", "m3", "m4", "5", "6"};
constexpr std::string_view kIntegers[] = {
    "0", "1", "2", "3", "-1", "-2", "-100", "100", "9223372036854775807", "x"};
constexpr std::string_view kPositions[] = {"0", "1", "2", "7", "15", "100"};
constexpr std::string_view kScores[] = {"0", "1", "2", "-1", "0.5", "1e3", "inf", "-inf", "nan", "x"};
constexpr std::string_view kHalves[] = {"1", "0.5", "-2.25", "1e2", "x"};
constexpr std::string_view kBounds[] = {"0", "1", "(1", "-inf", "+inf", "(2", "0.5", "x"};

}  // namespace

std::string RandomRequests::Word(char kind) {
  const auto one_of = [this](const auto& words) { return std::string(words[Below(std::size(words))]); };
  switch (kind) {
    case 'k':
      return one_of(kKeys);
    case 'l':
      return one_of(kListKeys);
    case 'z':
      return one_of(kScoreKeys);
    case 'y':  // sorted sets whose members all have one score: only these have an order of names
      return one_of(kNameKeys);
    case 'v':
      return one_of(kValues);
    case 'm':
      return one_of(kMembers);
    case 'i':
      return one_of(kIntegers);
    case 'p':
      return one_of(kPositions);
    case 's':
      return one_of(kScores);
    case 'h':
      return one_of(kHalves);
    default:
      return one_of(kBounds);
  }
}

RandomRequest RandomRequests::Fill(std::string_view pattern) {
  RandomRequest request;
  request.unordered = pattern[0] == '~';
  if (request.unordered) pattern.remove_prefix(1);
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
    request.words.push_back(std::move(word));
    pattern.remove_prefix(std::min(pattern.size(), end + 1));
  }
  return request;
}

RandomRequest RandomRequests::Next() {
  RandomRequest request = Fill(kTemplates[Below(std::size(kTemplates))]);
  // Now and then a word is missing or one too many.
  if (Below(50) == 0 && request.words.size() > 1) request.words.pop_back();
  // ZRANK and ZREVRANK take more words since 7.2.
  const bool grew = request.words[0].ends_with("RANK");
  if (!grew && Below(50) == 0) request.words.push_back(Word('v'));
  return request;
}

RandomRequest RandomRequests::NextFeeding() { return Fill(kFeeding[Below(std::size(kFeeding))]); }

RandomRequest RandomRequests::NextBlocking() { return Fill(kBlocking[Below(std::size(kBlocking))]); }

}  // namespace holdfast::differential
