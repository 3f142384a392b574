#include "server/commands/command_facts.h"

#include <algorithm>
#include <iterator>

namespace holdfast::server::commands {
namespace {

constexpr CommandFacts kNone;

// In byte order of the names.
constexpr CommandFacts kFacts[] = {
    {.name = "acl|getuser",
     .history = "6.2.0 Added Pub/Sub channel patterns.\n"
                "7.0.0 Added selectors and changed the format of key and channel patterns from a list to "
                "their rule representation."},
    {.name = "acl|log", .history = "7.2.0 Added entry ID, timestamp created, and timestamp last updated."},
    {.name = "acl|setuser",
     .history = "6.2.0 Added Pub/Sub channel patterns.\n"
                "7.0.0 Added selectors and key based permissions."},
    {.name = "auth", .history = "6.0.0 Added ACL style (username and password)."},
    {.name = "bgsave", .history = "3.2.2 Added the `SCHEDULE` option."},
    {.name = "bitcount", .history = "7.0.0 Added the `BYTE|BIT` option."},
    {.name = "bitfield", .key_notes = "This command allows both access and modification of the key"},
    {.name = "bitpos", .history = "7.0.0 Added the `BYTE|BIT` option."},
    {.name = "blpop", .history = "6.0.0 `timeout` is interpreted as a double instead of an integer."},
    {.name = "brpop", .history = "6.0.0 `timeout` is interpreted as a double instead of an integer."},
    {.name = "brpoplpush",
     .history = "6.0.0 `timeout` is interpreted as a double instead of an integer.",
     .deprecated_since = "6.2.0",
     .replaced_by = "`BLMOVE` with the `RIGHT` and `LEFT` arguments"},
    {.name = "bzpopmax", .history = "6.0.0 `timeout` is interpreted as a double instead of an integer."},
    {.name = "bzpopmin", .history = "6.0.0 `timeout` is interpreted as a double instead of an integer."},
    {.name = "client|info", .tips = "nondeterministic_output"},
    {.name = "client|kill",
     .history =
         "2.8.12 Added new filter format.\n"
         "2.8.12 `ID` option.\n"
         "3.2.0 Added `master` type in for `TYPE` option.\n"
         "5.0.0 Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.\n"
         "6.2.0 `LADDR` option."},
    {.name = "client|list",
     .tips = "nondeterministic_output",
     .history =
         "2.8.12 Added unique client `id` field.\n"
         "5.0.0 Added optional `TYPE` filter.\n"
         "6.0.0 Added `user` field.\n"
         "6.2.0 Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.\n"
         "7.0.0 Added `resp`, `multi-mem`, `rbs` and `rbp` fields.\n"
         "7.0.3 Added `ssub` field."},
    {.name = "client|pause",
     .history = "6.2.0 `CLIENT PAUSE WRITE` mode added along with the `mode` option."},
    {.name = "client|setinfo", .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {.name = "cluster|bumpepoch", .tips = "nondeterministic_output"},
    {.name = "cluster|count-failure-reports", .tips = "nondeterministic_output"},
    {.name = "cluster|getkeysinslot", .tips = "nondeterministic_output"},
    {.name = "cluster|info", .tips = "nondeterministic_output"},
    {.name = "cluster|links", .tips = "nondeterministic_output"},
    {.name = "cluster|meet", .history = "4.0.0 Added the optional `cluster_bus_port` argument."},
    {.name = "cluster|myshardid", .tips = "nondeterministic_output"},
    {.name = "cluster|nodes", .tips = "nondeterministic_output"},
    {.name = "cluster|replicas", .tips = "nondeterministic_output"},
    {.name = "cluster|shards", .tips = "nondeterministic_output"},
    {.name = "cluster|slaves",
     .tips = "nondeterministic_output",
     .deprecated_since = "5.0.0",
     .replaced_by = "`CLUSTER REPLICAS`"},
    {.name = "cluster|slots",
     .tips = "nondeterministic_output",
     .history = "4.0.0 Added node IDs.\n"
                "7.0.0 Added additional networking metadata field.",
     .deprecated_since = "7.0.0",
     .replaced_by = "`CLUSTER SHARDS`"},
    {.name = "command", .tips = "nondeterministic_output_order"},
    {.name = "command|docs", .tips = "nondeterministic_output_order"},
    {.name = "command|info",
     .tips = "nondeterministic_output_order",
     .history = "7.0.0 Allowed to be called with no argument to get info on all commands."},
    {.name = "command|list", .tips = "nondeterministic_output_order"},
    {.name = "config|get",
     .history = "7.0.0 Added the ability to pass multiple pattern parameters in one call"},
    {.name = "config|set",
     .tips = "request_policy:all_nodes response_policy:all_succeeded",
     .history = "7.0.0 Added the ability to set multiple parameters in one call."},
    {.name = "dbsize", .tips = "request_policy:all_shards response_policy:agg_sum"},
    {.name = "debug", .internal = true},
    {.name = "del", .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {.name = "dump", .tips = "nondeterministic_output"},
    {.name = "eval",
     .key_notes = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"},
    {.name = "eval_ro",
     .key_notes = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"},
    {.name = "exists",
     .tips = "request_policy:multi_shard response_policy:agg_sum",
     .history = "3.0.3 Accepts multiple `key` arguments."},
    {.name = "expire", .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`."},
    {.name = "expireat", .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`."},
    {.name = "fcall",
     .key_notes = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"},
    {.name = "fcall_ro",
     .key_notes = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"},
    {.name = "flushall",
     .tips = "request_policy:all_shards response_policy:all_succeeded",
     .history = "4.0.0 Added the `ASYNC` flushing mode modifier.\n"
                "6.2.0 Added the `SYNC` flushing mode modifier."},
    {.name = "flushdb",
     .tips = "request_policy:all_shards response_policy:all_succeeded",
     .history = "4.0.0 Added the `ASYNC` flushing mode modifier.\n"
                "6.2.0 Added the `SYNC` flushing mode modifier."},
    {.name = "function|delete", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "function|flush", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "function|kill", .tips = "request_policy:all_shards response_policy:one_succeeded"},
    {.name = "function|list", .tips = "nondeterministic_output_order"},
    {.name = "function|load", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "function|restore", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "function|stats",
     .tips = "nondeterministic_output request_policy:all_shards response_policy:special"},
    {.name = "getex", .key_notes = "RW and UPDATE because it changes the TTL"},
    {.name = "getset", .deprecated_since = "6.2.0", .replaced_by = "`SET` with the `!GET` argument"},
    {.name = "hdel", .history = "2.4.0 Accepts multiple `field` arguments."},
    {.name = "hello",
     .history = "6.2.0 `protover` made optional; when called without arguments the command reports the "
                "current connection's context."},
    {.name = "hgetall", .tips = "nondeterministic_output_order"},
    {.name = "hkeys", .tips = "nondeterministic_output_order"},
    {.name = "hmset", .deprecated_since = "4.0.0", .replaced_by = "`HSET` with multiple field-value pairs"},
    {.name = "hrandfield", .tips = "nondeterministic_output"},
    {.name = "hscan", .tips = "nondeterministic_output"},
    {.name = "hset", .history = "4.0.0 Accepts multiple `field` and `value` arguments."},
    {.name = "hvals", .tips = "nondeterministic_output_order"},
    {.name = "info",
     .tips = "nondeterministic_output request_policy:all_shards response_policy:special",
     .history = "7.0.0 Added support for taking multiple section arguments."},
    {.name = "keys", .tips = "request_policy:all_shards nondeterministic_output_order"},
    {.name = "lastsave", .tips = "nondeterministic_output"},
    {.name = "latency|doctor",
     .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"},
    {.name = "latency|graph",
     .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"},
    {.name = "latency|histogram",
     .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"},
    {.name = "latency|history",
     .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"},
    {.name = "latency|latest",
     .tips = "nondeterministic_output request_policy:all_nodes response_policy:special"},
    {.name = "latency|reset", .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {.name = "lpop", .history = "6.2.0 Added the `count` argument."},
    {.name = "lpush", .history = "2.4.0 Accepts multiple `element` arguments."},
    {.name = "lpushx", .history = "4.0.0 Accepts multiple `element` arguments."},
    {.name = "memory|doctor",
     .tips = "nondeterministic_output request_policy:all_shards response_policy:special"},
    {.name = "memory|malloc-stats",
     .tips = "nondeterministic_output request_policy:all_shards response_policy:special"},
    {.name = "memory|purge", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "memory|stats",
     .tips = "nondeterministic_output request_policy:all_shards response_policy:special"},
    {.name = "mget", .tips = "request_policy:multi_shard"},
    {.name = "migrate",
     .tips = "nondeterministic_output",
     .history = "3.0.0 Added the `COPY` and `REPLACE` options.\n"
                "3.0.6 Added the `KEYS` option.\n"
                "4.0.7 Added the `AUTH` option.\n"
                "6.0.0 Added the `AUTH2` option."},
    {.name = "module|list", .tips = "nondeterministic_output_order"},
    {.name = "mset", .tips = "request_policy:multi_shard response_policy:all_succeeded"},
    {.name = "msetnx", .tips = "request_policy:multi_shard response_policy:agg_min"},
    {.name = "object|encoding", .tips = "nondeterministic_output"},
    {.name = "object|freq", .tips = "nondeterministic_output"},
    {.name = "object|idletime", .tips = "nondeterministic_output"},
    {.name = "object|refcount", .tips = "nondeterministic_output"},
    {.name = "pexpire", .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`."},
    {.name = "pexpireat", .history = "7.0.0 Added options: `NX`, `XX`, `GT` and `LT`."},
    {.name = "ping", .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {.name = "pttl", .tips = "nondeterministic_output", .history = "2.8.0 Added the -2 reply."},
    {.name = "quit", .deprecated_since = "7.2.0", .replaced_by = "just closing the connection"},
    {.name = "randomkey", .tips = "request_policy:all_shards nondeterministic_output"},
    {.name = "renamenx",
     .history =
         "3.2.0 The command no longer returns an error when source and destination names are the same."},
    {.name = "replconf", .internal = true},
    {.name = "restore",
     .history = "3.0.0 Added the `REPLACE` modifier.\n"
                "5.0.0 Added the `ABSTTL` modifier.\n"
                "5.0.0 Added the `IDLETIME` and `FREQ` options."},
    {.name = "restore-asking",
     .history = "3.0.0 Added the `REPLACE` modifier.\n"
                "5.0.0 Added the `ABSTTL` modifier.\n"
                "5.0.0 Added the `IDLETIME` and `FREQ` options.",
     .internal = true},
    {.name = "rpop", .history = "6.2.0 Added the `count` argument."},
    {.name = "rpoplpush",
     .deprecated_since = "6.2.0",
     .replaced_by = "`LMOVE` with the `RIGHT` and `LEFT` arguments"},
    {.name = "rpush", .history = "2.4.0 Accepts multiple `element` arguments."},
    {.name = "rpushx", .history = "4.0.0 Accepts multiple `element` arguments."},
    {.name = "sadd", .history = "2.4.0 Accepts multiple `member` arguments."},
    {.name = "scan",
     .tips = "nondeterministic_output request_policy:special",
     .history = "6.0.0 Added the `TYPE` subcommand."},
    {.name = "script|exists", .tips = "request_policy:all_shards response_policy:agg_logical_and"},
    {.name = "script|flush",
     .tips = "request_policy:all_nodes response_policy:all_succeeded",
     .history = "6.2.0 Added the `ASYNC` and `SYNC` flushing mode modifiers."},
    {.name = "script|kill", .tips = "request_policy:all_shards response_policy:one_succeeded"},
    {.name = "script|load", .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {.name = "sdiff", .tips = "nondeterministic_output_order"},
    {.name = "set",
     .key_notes = "RW and ACCESS due to the optional `GET` argument",
     .history = "2.6.12 Added the `EX`, `PX`, `NX` and `XX` options.\n"
                "6.0.0 Added the `KEEPTTL` option.\n"
                "6.2.0 Added the `GET`, `EXAT` and `PXAT` option.\n"
                "7.0.0 Allowed the `NX` and `GET` options to be used together."},
    {.name = "shutdown", .history = "7.0.0 Added the `NOW`, `FORCE` and `ABORT` modifiers."},
    {.name = "sinter", .tips = "nondeterministic_output_order"},
    {.name = "slaveof", .deprecated_since = "5.0.0", .replaced_by = "`REPLICAOF`"},
    {.name = "slowlog|get",
     .tips = "request_policy:all_nodes nondeterministic_output",
     .history = "4.0.0 Added client IP address, port and name to the reply."},
    {.name = "slowlog|len",
     .tips = "request_policy:all_nodes response_policy:agg_sum nondeterministic_output"},
    {.name = "slowlog|reset", .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {.name = "smembers", .tips = "nondeterministic_output_order"},
    {.name = "sort",
     .key_notes = "\nFor the optional BY/GET keyword. It is marked 'unknown' because the key names derive "
                  "from the content of the key we sort\nFor the optional STORE keyword. It is marked "
                  "'unknown' because the keyword can appear anywhere in the argument array"},
    {.name = "sort_ro",
     .key_notes = "\nFor the optional BY/GET keyword. It is marked 'unknown' because the key names derive "
                  "from the content of the key we sort"},
    {.name = "spop", .tips = "nondeterministic_output", .history = "3.2.0 Added the `count` argument."},
    {.name = "srandmember",
     .tips = "nondeterministic_output",
     .history = "2.6.0 Added the optional `count` argument."},
    {.name = "srem", .history = "2.4.0 Accepts multiple `member` arguments."},
    {.name = "sscan", .tips = "nondeterministic_output"},
    {.name = "substr", .deprecated_since = "2.0.0", .replaced_by = "`GETRANGE`"},
    {.name = "sunion", .tips = "nondeterministic_output_order"},
    {.name = "time", .tips = "nondeterministic_output"},
    {.name = "touch", .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {.name = "ttl", .tips = "nondeterministic_output", .history = "2.8.0 Added the -2 reply."},
    {.name = "unlink", .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {.name = "wait", .tips = "request_policy:all_shards response_policy:agg_min"},
    {.name = "waitaof", .tips = "request_policy:all_shards response_policy:agg_min"},
    {.name = "xadd",
     .tips = "nondeterministic_output",
     .key_notes = "UPDATE instead of INSERT because of the optional trimming feature",
     .history = "6.2.0 Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.\n"
                "7.0.0 Added support for the `<ms>-*` explicit ID form."},
    {.name = "xautoclaim",
     .tips = "nondeterministic_output",
     .history = "7.0.0 Added an element to the reply array, containing deleted entries the command cleared "
                "from the PEL"},
    {.name = "xclaim", .tips = "nondeterministic_output"},
    {.name = "xgroup|create", .history = "7.0.0 Added the `entries_read` named argument."},
    {.name = "xgroup|setid", .history = "7.0.0 Added the optional `entries_read` argument."},
    {.name = "xinfo|consumers",
     .tips = "nondeterministic_output",
     .history = "7.2.0 Added the `inactive` field."},
    {.name = "xinfo|groups", .history = "7.0.0 Added the `entries-read` and `lag` fields"},
    {.name = "xinfo|stream",
     .history = "6.0.0 Added the `FULL` modifier.\n"
                "7.0.0 Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, "
                "`entries-read` and `lag` fields\n"
                "7.2.0 Added the `active-time` field, and changed the meaning of `seen-time`."},
    {.name = "xpending",
     .tips = "nondeterministic_output",
     .history = "6.2.0 Added the `IDLE` option and exclusive range intervals."},
    {.name = "xrange", .history = "6.2.0 Added exclusive ranges."},
    {.name = "xrevrange", .history = "6.2.0 Added exclusive ranges."},
    {.name = "xsetid", .history = "7.0.0 Added the `entries_added` and `max_deleted_entry_id` arguments."},
    {.name = "xtrim",
     .tips = "nondeterministic_output",
     .history = "6.2.0 Added the `MINID` trimming strategy and the `LIMIT` option."},
    {.name = "zadd",
     .history = "2.4.0 Accepts multiple elements.\n"
                "3.0.2 Added the `XX`, `NX`, `CH` and `INCR` options.\n"
                "6.2.0 Added the `GT` and `LT` options."},
    {.name = "zrandmember", .tips = "nondeterministic_output"},
    {.name = "zrange", .history = "6.2.0 Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."},
    {.name = "zrangebylex", .deprecated_since = "6.2.0", .replaced_by = "`ZRANGE` with the `BYLEX` argument"},
    {.name = "zrangebyscore",
     .history = "2.0.0 Added the `WITHSCORES` modifier.",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `BYSCORE` argument"},
    {.name = "zrank", .history = "7.2.0 Added the optional `WITHSCORE` argument."},
    {.name = "zrem", .history = "2.4.0 Accepts multiple elements."},
    {.name = "zrevrange", .deprecated_since = "6.2.0", .replaced_by = "`ZRANGE` with the `REV` argument"},
    {.name = "zrevrangebylex",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `REV` and `BYLEX` arguments"},
    {.name = "zrevrangebyscore",
     .history = "2.1.6 `min` and `max` can be exclusive.",
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE` with the `REV` and `BYSCORE` arguments"},
    {.name = "zrevrank", .history = "7.2.0 Added the optional `WITHSCORE` argument."},
    {.name = "zscan", .tips = "nondeterministic_output"},
};

static_assert(std::is_sorted(std::begin(kFacts), std::end(kFacts),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

const CommandFacts& FactsOf(std::string_view name) {
  const auto* const found = std::lower_bound(
      std::begin(kFacts), std::end(kFacts), name,
      [](const CommandFacts& facts, std::string_view wanted) { return facts.name < wanted; });
  return found != std::end(kFacts) && found->name == name ? *found : kNone;
}

}  // namespace holdfast::server::commands
