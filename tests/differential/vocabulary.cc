#include "tests/differential/vocabulary.h"

#include <array>
#include <span>

namespace holdfast::differential {
namespace {

using server::command::Argument;
using server::command::Table;
using Words = std::span<const std::string_view>;

// A pool for the arguments of that name; of one command alone where it names one.
struct Pool {
  std::string_view command;
  std::string_view argument;
  Words usual;
  Words odd;
};

using namespace std::string_view_literals;

constexpr std::string_view kBinary = "\xff\x00\r\n"sv;
constexpr std::string_view kLong =
    "a text of more than sixty-four bytes, so that no small encoding holds it any more";

constexpr std::string_view kStringKeys[] = {"s1", "s2", "s3"};
constexpr std::string_view kListKeys[] = {"l1", "l2", "l3"};
constexpr std::string_view kHashKeys[] = {"h1", "h2", "h3"};
constexpr std::string_view kSetKeys[] = {"t1", "t2", "t3"};
constexpr std::string_view kSortedSetKeys[] = {"z1", "z2", "z3"};
constexpr std::string_view kStreamKeys[] = {"x1", "x2"};
constexpr std::string_view kOtherKeys[] = {"nosuch", "", kBinary, "b1"};

constexpr std::string_view kIntegers[] = {"0", "1", "2", "3", "5", "10", "-1", "-2", "-5"};
constexpr std::string_view kOddIntegers[] = {"9223372036854775807",
                                             "-9223372036854775808",
                                             "9223372036854775808",
                                             "4294967296",
                                             "2147483648",
                                             "-100",
                                             "",
                                             "abc",
                                             " 1",
                                             "1 ",
                                             "+1",
                                             "01",
                                             "-0",
                                             "1.5",
                                             "1e2",
                                             "0x10",
                                             "18446744073709551615",
                                             "-"};
constexpr std::string_view kDoubles[] = {"0",     "1",   "2",   "3",    "-1",  "0.5",
                                         "-2.25", "1e3", "100", "+inf", "-inf"};
constexpr std::string_view kOddDoubles[] = {"inf",
                                            "nan",
                                            "-nan",
                                            "infinity",
                                            "-Infinity",
                                            "INF",
                                            "1e400",
                                            "-1e400",
                                            "1e-400",
                                            " 1",
                                            "1 ",
                                            "",
                                            "abc",
                                            "1e",
                                            "0x1p3",
                                            "0x10",
                                            ".5",
                                            "5.",
                                            "+1",
                                            "-0",
                                            "-0.0",
                                            "1e17",
                                            "123456789012345678901",
                                            "1e308",
                                            "1.5e300",
                                            "3.0",
                                            "9007199254740993",
                                            "0.1",
                                            "3.14159",
                                            "(1",
                                            "1_0",
                                            "1e-10",
                                            "-1e-5",
                                            "0.00001",
                                            "1e21",
                                            "123456789.125"};
constexpr std::string_view kValues[] = {"a", "b", "hello", "10", "-3", "3.5", "foobar", "abcabc"};
constexpr std::string_view kOddValues[] = {"",      kBinary, kLong,        "9223372036854775807",
                                           "1e400", " 1",    "0.1",        "-9223372036854775808",
                                           "inf",   "nan",   "\"quoted\\", "h\xc3\xa9"};
constexpr std::string_view kMembers[] = {"m1", "m2", "m3", "m4", "5", "6", "7", "a", "b"};
constexpr std::string_view kOddMembers[] = {"", kBinary, kLong, "9223372036854775807", "-5", "05", "M1"};
constexpr std::string_view kPatterns[] = {"*", "s*", "?1", "m*", "[a-m]*", "[^m]*", "*1", "h?", "x", "[1-9]"};
constexpr std::string_view kOddPatterns[] = {"",     "\\*", "[",  "[a",   "[^", "***",
                                             "*?*?", "\\",  "[]", "s[1-", "?"};

constexpr std::string_view kSeconds[] = {"1000", "100000", "0", "-1", "5000"};
constexpr std::string_view kOddSeconds[] = {"9223372036854775807",
                                            "-9223372036854775808",
                                            "9223372036854775",
                                            "9223372036854776",
                                            "",
                                            "abc",
                                            " 1000",
                                            "1000.5",
                                            "-100000000000",
                                            "9223370000000000",
                                            "1000 ",
                                            "18446744073709551616"};
constexpr std::string_view kMilliseconds[] = {"1000000", "50000000", "0", "-1"};
constexpr std::string_view kOddMilliseconds[] = {"9223372036854775807",
                                                 "-9223372036854775808",
                                                 "9223370000000000000",
                                                 "",
                                                 "abc",
                                                 "1e9",
                                                 "10000000.5",
                                                 " 1000000"};
constexpr std::string_view kUnixSeconds[] = {"1", "1000", "9999999999", "99999999999", "0", "-1"};
constexpr std::string_view kUnixMilliseconds[] = {"1", "1000", "9999999999999", "99999999999999", "0", "-1"};
constexpr std::string_view kTimeouts[] = {"0"};
// What does not fit into 64 bits of milliseconds is another error in 7.2.
constexpr std::string_view kOddTimeouts[] = {"-1", "abc",  "",   "nan", "-0.5", "0.0",
                                             "00", "-inf", " 0", "0x0", "-0"};

constexpr std::string_view kByteOffsets[] = {"0", "1", "2", "5", "20"};
constexpr std::string_view kOddByteOffsets[] = {
    "-1", "536870912", "9223372036854775807", "-9223372036854775808", "4294967296", "abc", "", "1.5", "1000"};
constexpr std::string_view kBitOffsets[] = {"0", "1", "7", "8", "13", "100"};
constexpr std::string_view kOddBitOffsets[] = {"-1",  "4294967296", "9223372036854775807",  "abc",        "",
                                               "1.5", "10000",      "-9223372036854775808", "42949672960"};
constexpr std::string_view kFieldOffsets[] = {"0", "1", "7", "8", "#0", "#1", "#2", "100"};
constexpr std::string_view kOddFieldOffsets[] = {"-1",
                                                 "#-1",
                                                 "#",
                                                 "#x",
                                                 "4294967296",
                                                 "#4294967296",
                                                 "abc",
                                                 "",
                                                 "+1",
                                                 "9223372036854775807",
                                                 "#9223372036854775807",
                                                 "##1"};
constexpr std::string_view kEncodings[] = {"u8",  "i8", "u4", "i16", "u16", "i64",
                                           "u63", "u1", "i1", "i5",  "u32"};
constexpr std::string_view kOddEncodings[] = {"u64", "i65", "u0",  "i0", "x8", "u",
                                              "",    "8",   "u-1", "U8", "I8", "u08"};
constexpr std::string_view kFieldValues[] = {"0",   "1",   "-1",   "127",  "128",
                                             "255", "256", "-128", "-129", "65535"};
constexpr std::string_view kBits[] = {"0", "1"};
constexpr std::string_view kOddBits[] = {"2", "-1", "abc", "", "01", " 1", "1.0"};
constexpr std::string_view kCounts[] = {"0", "1", "2", "3", "10", "100"};
constexpr std::string_view kOddCounts[] = {"-1",
                                           "-5",
                                           "9223372036854775807",
                                           "",
                                           "abc",
                                           "1.5",
                                           "-9223372036854775808",
                                           "9223372036854775808",
                                           "4294967296",
                                           "4611686018427387904"};
constexpr std::string_view kRanks[] = {"1", "-1", "2", "-2", "10"};
// The lowest number has an error of its own in 7.2.
constexpr std::string_view kOddRanks[] = {"0",  "9223372036854775807", "-9223372036854775807", "abc", "",
                                          "1.5"};
// A negative count may be answered with that many elements.
constexpr std::string_view kRandomCounts[] = {"0", "1", "2", "5", "100", "-1", "-3"};
constexpr std::string_view kOddRandomCounts[] = {
    "", "abc", "1.5", "9223372036854775808", "-9223372036854775808", "4611686018427387904"};
constexpr std::string_view kScoreBounds[] = {"-inf", "+inf", "0",   "1",     "(1", "2",
                                             "(0.5", "-1",   "inf", "(-inf", "100"};
constexpr std::string_view kOddScoreBounds[] = {"(",  "((1",   "nan",    "(nan",   "abc",   "",
                                                " 1", "1e400", "1e-400", "( 1",    "[1",    "-",
                                                "+",  "0x10",  "1 ",     "(1e400", "-1e400"};
constexpr std::string_view kNameBounds[] = {"-", "+", "[m1", "(m1", "[m3", "(m4", "[a", "(z", "[5", "["};
constexpr std::string_view kOddNameBounds[] = {"m1", "", "--", "++", "-a", "(", "[\xff", "inf"};
constexpr std::string_view kDatabases[] = {"0", "0", "0", "1", "2"};
constexpr std::string_view kOddDatabases[] = {"-1",         "16", "15", "abc", "", "9223372036854775807",
                                              "4294967296", "1.5"};
constexpr std::string_view kCursors[] = {"0"};
constexpr std::string_view kOddCursors[] = {"abc", "", "-1", "1.5", " 0", "00"};
constexpr std::string_view kTypes[] = {"string", "list", "hash", "set", "zset", "stream", "STRING", "nosuch"};
constexpr std::string_view kChannels[] = {"c1", "c2", "c3"};
constexpr std::string_view kOddChannels[] = {kBinary, "*", "c 1"};
constexpr std::string_view kVersions[] = {"2", "3"};
constexpr std::string_view kOddVersions[] = {"1", "4", "abc", "", "-1", "9223372036854775808"};
constexpr std::string_view kClientIds[] = {"$id:main", "$id:w1", "$id:w2", "999999"};
constexpr std::string_view kOddClientIds[] = {"0", "-1", "abc", "", "9223372036854775808"};
constexpr std::string_view kNames[] = {"n1", "worker", ""};
constexpr std::string_view kOddNames[] = {"a b", "a\n", "\xff", "default"};
constexpr std::string_view kCommands[] = {"get", "SET", "zadd", "client|list", "nosuch", "xread", "config"};
constexpr std::string_view kChannelPatterns[] = {"*", "c*", "__key*__:*", "__keyspace@0__:*", "[^c]*", "?1"};
constexpr std::string_view kDigests[] = {"e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
                                         "ffffffffffffffffffffffffffffffffffffffff",
                                         "E0E1F9FABFC9D4800C877A703B823AC0578FF8DB", "abc", ""};
constexpr std::string_view kScripts[] = {"return 1", "return redis.call('GET',KEYS[1])", "return {",
                                         "return"};
constexpr std::string_view kReplicas[] = {"0", "-1"};
constexpr std::string_view kStreamIds[] = {"1-1", "1-2", "2-1", "2-2", "3-0", "5", "7-*", "0-1", "9-9"};
constexpr std::string_view kOddStreamIds[] = {"0-0",
                                              "0",
                                              "-",
                                              "+",
                                              "$",
                                              ">",
                                              "abc",
                                              "",
                                              "1-",
                                              "-1",
                                              "1-1-1",
                                              "(1-1",
                                              "(",
                                              "18446744073709551615-18446744073709551615",
                                              "18446744073709551616-1",
                                              "1-abc",
                                              "(2",
                                              "5-0"};
constexpr std::string_view kGroups[] = {"g1", "g2", "g3"};
constexpr std::string_view kConsumers[] = {"c1", "c2", "c3"};
constexpr std::string_view kIdles[] = {"0", "0", "100000000", "-1"};
constexpr std::string_view kSortPatterns[] = {"s*", "nosuch*", "h*->m1", "#",   "nosuch",
                                              "*",  "h*->",    "->m1",   "*->*"};
constexpr std::string_view kParameters[] = {"hash-max-listpack-entries", "slowlog-max-len",
                                            "notify-keyspace-events"};
constexpr std::string_view kParameterValues[] = {"128", "64", "KEg$lshztd", "Kl$", "Ehsz", ""};
constexpr std::string_view kOddParameterValues[] = {"abc", "-1", ""};
// DUMPs of a Redis 7.0.15: the string "10", lists, sets and others, and one whose checksum is wrong.
constexpr std::string_view kPayloads[] = {
    "\x00\xc0\x0a\x0a\x00\x6e\x9f\x57\x45\x0e\xae\x63\xbb"sv,
    "\x12\x01\x02\x0d\x0d\x00\x00\x00\x02\x00\x81\x61\x02\x81\x62\x02\xff\x0a\x00\x68\xeb\x0a\x89\x13\x41\xbb\xb1"sv,
    "\x02\x03\x01\x62\xc0\x01\x01\x61\x0a\x00\x69\xf4\x02\xe5\xf7\x60\x83\x1a"sv,
    "\x0b\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x02\x00\x0a\x00\x6f\x79\x38\xb1\x34\xeb\x20\x2e"sv,
    "\x11\x14\x14\x00\x00\x00\x04\x00\x81\x61\x02\x01\x01\x81\x62\x02\x83\x32\x2e\x35\x04\xff\x0a\x00\xd4\x4c\x6e\xa4\xf6\x44\xd9\xd7"sv,
    "\x10\x0d\x0d\x00\x00\x00\x02\x00\x81\x66\x02\x81\x76\x02\xff\x0a\x00\x20\xf1\x3d\x44\x23\x54\x08\x9d"sv,
};
constexpr std::string_view kOddPayloads[] = {"\x00\xc0\x0a\x0a\x00\x6e\x9f\x57\x45\x0e\xae\x63\xbc"sv, "",
                                             "abc", "\x00\xc0\x0a"sv};

// One library only: Redis lists several in no order. The payload is a DUMP of a Redis 7.0.15.
constexpr std::string_view kLibraries[] = {"lib1"};
constexpr std::string_view kOddLibraries[] = {"LIB1", "lib2", "", "l*"};
constexpr std::string_view kLibraryCodes[] = {
    "#!lua name=lib1\nredis.register_function('f1', function(keys, args) return redis.call('SET', keys[1], "
    "args[1]) end)",
    "#!lua name=lib1\nredis.register_function{function_name='f2', callback=function() return 2 end, "
    "flags={'no-writes'}}",
};
constexpr std::string_view kOddLibraryCodes[] = {"#!lua name=lib2\nreturn 1", "#!lua name=lib1\nreturn {", "",
                                                 "#!lua name=lib1\nredis.register_function('f1')"};
constexpr std::string_view kFunctions[] = {"f1", "f2", "F1"};
constexpr std::string_view kLibraryPayloads[] = {
    "\xf5\xc3\x40\x69\x40\x72\x1f\x23\x21\x6c\x75\x61\x20\x6e\x61\x6d\x65\x3d\x6c\x69\x62\x31\x0a\x72\x65\x64\x69\x73\x2e\x72\x65\x67\x69\x73\x74\x65\x72\x5f\x66\x07\x75\x6e\x63\x74\x69\x6f\x6e\x7b\xc0\x08\x00\x5f\x60\x2a\x0e\x27\x66\x32\x27\x2c\x20\x63\x61\x6c\x6c\x62\x61\x63\x6b\x3d\xc0\x1c\x1f\x28\x29\x20\x72\x65\x74\x75\x72\x6e\x20\x32\x20\x65\x6e\x64\x2c\x20\x66\x6c\x61\x67\x73\x3d\x7b\x27\x6e\x6f\x2d\x77\x72\x69\x74\x04\x65\x73\x27\x7d\x7d\x0a\x00\xec\x8b\x00\x18\x9f\x06\xa5\x55"sv};

constexpr Pool kPools[] = {
    {"getbit", "offset", kBitOffsets, kOddBitOffsets},
    {"setbit", "offset", kBitOffsets, kOddBitOffsets},
    {"setbit", "value", kBits, kOddBits},
    {"bitpos", "bit", kBits, kOddBits},
    {"setrange", "offset", kByteOffsets, kOddByteOffsets},
    {"bitfield", "offset", kFieldOffsets, kOddFieldOffsets},
    {"bitfield_ro", "offset", kFieldOffsets, kOddFieldOffsets},
    {"bitfield", "value", kFieldValues, kOddIntegers},
    {"bitfield", "increment", kFieldValues, kOddIntegers},
    {"incrbyfloat", "increment", kDoubles, kOddDoubles},
    {"hincrbyfloat", "increment", kDoubles, kOddDoubles},
    {"zincrby", "increment", kDoubles, kOddDoubles},
    {"hrandfield", "count", kRandomCounts, kOddRandomCounts},
    {"srandmember", "count", kRandomCounts, kOddRandomCounts},
    {"zrandmember", "count", kRandomCounts, kOddRandomCounts},
    {"lpos", "rank", kRanks, kOddRanks},
    {"lrem", "count", kIntegers, kOddIntegers},
    {"zrange", "start", kIntegers, kOddIntegers},
    {"zrange", "stop", kIntegers, kOddIntegers},
    {"zrangestore", "min", kIntegers, kOddIntegers},
    {"zrangestore", "max", kIntegers, kOddIntegers},
    {"zrangebylex", "min", kNameBounds, kOddNameBounds},
    {"zrangebylex", "max", kNameBounds, kOddNameBounds},
    {"zrevrangebylex", "min", kNameBounds, kOddNameBounds},
    {"zrevrangebylex", "max", kNameBounds, kOddNameBounds},
    {"zlexcount", "min", kNameBounds, kOddNameBounds},
    {"zlexcount", "max", kNameBounds, kOddNameBounds},
    {"zremrangebylex", "min", kNameBounds, kOddNameBounds},
    {"zremrangebylex", "max", kNameBounds, kOddNameBounds},
    {"wait", "numreplicas", kReplicas, kOddIntegers},
    {"config|get", "parameter", kParameters, kPatterns},
    {"config|set", "parameter", kParameters, kParameters},
    {"config|set", "value", kParameterValues, kOddParameterValues},
    {"psubscribe", "pattern", kChannelPatterns, kOddPatterns},
    {"restore", "ttl", kMilliseconds, kOddMilliseconds},
    {"sort", "pattern", kSortPatterns, kPatterns},
    {"sort_ro", "pattern", kSortPatterns, kPatterns},
    {"function|restore", "serialized-value", kLibraryPayloads, kOddPayloads},
    {"function|delete", "library-name", kLibraries, kOddLibraries},
    {"function|list", "library-name-pattern", kLibraries, kOddLibraries},
    {"function|load", "function-code", kLibraryCodes, kOddLibraryCodes},
    {"", "function", kFunctions, kNames},
    {"script|exists", "sha1", kDigests, kDigests},
    {"", "encoding", kEncodings, kOddEncodings},
    {"", "min", kScoreBounds, kOddScoreBounds},
    {"", "max", kScoreBounds, kOddScoreBounds},
    {"", "score", kDoubles, kOddDoubles},
    {"", "weight", kDoubles, kOddDoubles},
    {"", "timeout", kTimeouts, kOddTimeouts},
    {"", "count", kCounts, kOddCounts},
    {"", "limit", kCounts, kOddCounts},
    {"", "num-matches", kCounts, kOddCounts},
    {"", "len", kCounts, kOddCounts},
    {"", "cursor", kCursors, kOddCursors},
    {"", "seconds", kSeconds, kOddSeconds},
    {"", "milliseconds", kMilliseconds, kOddMilliseconds},
    {"", "unix-time-seconds", kUnixSeconds, kOddSeconds},
    {"", "unix-time-milliseconds", kUnixMilliseconds, kOddMilliseconds},
    {"", "element", kMembers, kOddMembers},
    {"", "pivot", kMembers, kOddMembers},
    {"", "member", kMembers, kOddMembers},
    {"", "field", kMembers, kOddMembers},
    {"", "type", kTypes, kOddValues},
    {"", "destination-db", kDatabases, kOddDatabases},
    {"", "db", kDatabases, kOddDatabases},
    {"", "index1", kDatabases, kOddDatabases},
    {"", "index2", kDatabases, kOddDatabases},
    {"select", "index", kDatabases, kOddDatabases},
    {"", "channel", kChannels, kOddChannels},
    {"", "shardchannel", kChannels, kOddChannels},
    {"", "protover", kVersions, kOddVersions},
    {"", "client-id", kClientIds, kOddClientIds},
    {"", "connection-name", kNames, kOddNames},
    {"", "clientname", kNames, kOddNames},
    {"", "username", kNames, kOddNames},
    {"", "command-name", kCommands, kCommands},
    {"", "sha1", kDigests, kDigests},
    {"", "script", kScripts, kScripts},
    {"", "pattern", kPatterns, kOddPatterns},
    {"", "id", kStreamIds, kOddStreamIds},
    {"", "last-id", kStreamIds, kOddStreamIds},
    {"", "lastid", kStreamIds, kOddStreamIds},
    {"", "max-deleted-id", kStreamIds, kOddStreamIds},
    {"", "group", kGroups, kOddNames},
    {"", "groupname", kGroups, kOddNames},
    {"", "consumer", kConsumers, kOddNames},
    {"", "consumername", kConsumers, kOddNames},
    {"", "min-idle-time", kIdles, kOddIntegers},
    {"", "serialized-value", kPayloads, kOddPayloads},
};

const Pool* Find(std::string_view command, std::string_view argument) {
  for (const Pool& pool : kPools) {
    if (pool.argument == argument && (pool.command.empty() || pool.command == command)) return &pool;
  }
  return nullptr;
}

// XRANGE's and XTRIM's words have names that other commands' words have too.
bool TakesStreamId(const Table::Entry& entry, std::string_view argument) {
  return entry.command->group == "stream" &&
         (argument == "start" || argument == "end" || argument == "min" || argument == "max");
}

bool IsNumber(const Argument& argument) {
  return argument.type == Argument::Type::kInteger || argument.type == Argument::Type::kUnixTime;
}

}  // namespace

std::string Vocabulary::Word(const Table::Entry& entry, const Argument& argument, bool odd) {
  if (argument.type == Argument::Type::kKey) return odd ? AnyKey() : Key(entry);
  if (TakesStreamId(entry, argument.name)) return dice_.OneOf(odd ? Words(kOddStreamIds) : Words(kStreamIds));
  if (const Pool* pool = Find(entry.command->name, argument.name)) {
    return dice_.OneOf(odd ? pool->odd : pool->usual);
  }
  if (argument.type == Argument::Type::kDouble)
    return dice_.OneOf(odd ? Words(kOddDoubles) : Words(kDoubles));
  const bool number = IsNumber(argument);
  if (odd) return dice_.OneOf(number ? Words(kOddIntegers) : Words(kOddValues));
  return dice_.OneOf(number ? Words(kIntegers) : Words(kValues));
}

std::string Vocabulary::OddWord() {
  constexpr std::string_view kAnywhere[] = {
      "",    "abc",   "-1",    "9223372036854775807", kBinary, "nan", "NX",   "XX",
      "GET", "LIMIT", "COUNT", "WITHSCORES",          "*",     "0",   "MATCH"};
  return dice_.OneOf(kAnywhere);
}

std::string Vocabulary::AnyKey() {
  constexpr Words kAll[] = {kStringKeys,    kListKeys,   kHashKeys, kSetKeys,
                            kSortedSetKeys, kStreamKeys, kOtherKeys};
  return dice_.OneOf(kAll[dice_.Below(std::size(kAll))]);
}

std::string Vocabulary::Key(const Table::Entry& entry) {
  const std::string_view group = entry.command->group;
  if (entry.command->name == "sort" || entry.command->name == "sort_ro") {
    return dice_.OneOf(dice_.OnceIn(3)   ? Words(kListKeys)
                       : dice_.OnceIn(2) ? Words(kSetKeys)
                                         : Words(kSortedSetKeys));
  }
  if (group == "string" || group == "bitmap") return dice_.OneOf(kStringKeys);
  if (group == "list") return dice_.OneOf(kListKeys);
  if (group == "hash") return dice_.OneOf(kHashKeys);
  if (group == "set") return dice_.OneOf(kSetKeys);
  if (group == "sorted-set") return dice_.OneOf(kSortedSetKeys);
  if (group == "stream") return dice_.OneOf(kStreamKeys);
  return AnyKey();
}

std::string Vocabulary::ScoreBound() {
  return dice_.OneOf(dice_.OnceIn(8) ? Words(kOddScoreBounds) : Words(kScoreBounds));
}

std::string Vocabulary::NameBound() {
  return dice_.OneOf(dice_.OnceIn(8) ? Words(kOddNameBounds) : Words(kNameBounds));
}

}  // namespace holdfast::differential
