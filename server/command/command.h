#pragma once

#include <cstdint>
#include <string_view>

#include "server/command/outcome.h"

namespace holdfast::server::command {

struct Context;

using Handler = Outcome (*)(Context&);

// What the rest of the server must know of a command without knowing its name. Redis's flag names, where it
// has them (https://redis.io/commands/command/). A name comparison anywhere is a flag missing here.
enum Flag : uint32_t {
  kWrite = 1U << 0,     // may change data
  kReadOnly = 1U << 1,  // never changes data
  // Redis's denyoom, which COMMAND reports. When full what a command has grown by decides, flag or not
  // (engine/reserve.h).
  kGrows = 1U << 2,
  kAdmin = 1U << 3,         // for operators
  kPubSub = 1U << 4,        // about channels
  kNoScript = 1U << 5,      // refused in scripts
  kBlocking = 1U << 6,      // may return Wait
  kLoading = 1U << 7,       // Redis runs it while loading (reported only)
  kStale = 1U << 8,         // Redis runs it on a stale replica (reported only)
  kFast = 1U << 9,          // O(1) or O(log n)
  kNoAuth = 1U << 10,       // runs before authentication
  kNoMulti = 1U << 11,      // refused in MULTI
  kMovableKeys = 1U << 12,  // keys found by counting (numkeys)
  kAllowBusy = 1U << 13,    // runs while a script is over its time
  kImmediate =
      1U << 14,  // inside MULTI it runs instead of being queued (EXEC, DISCARD, WATCH, RESET, QUIT, MULTI)
  kSubscribed = 1U << 15,    // allowed to a RESP2 connection that has subscriptions
  kSkipSlowlog = 1U << 16,   // not in the slow log
  kNoMonitor = 1U << 17,     // arguments are secrets
  kScript = 1U << 18,        // runs a script, whose commands account for themselves
  kExecutes = 1U << 20,      // runs what MULTI has queued: refusing it discards the transaction
  kMayReplicate = 1U << 19,  // changes no data but tells others (PUBLISH): refused in read-only scripts
  // Writes little of a fixed size, or what consumers keep account with (what is pending in a group): what a
  // full disk has a budget for (engine/reserve.h).
  kBookkeeping = 1U << 21,
  kAsking = 1U << 22,          // in a cluster, as if ASKING came before it (reported only)
  kNoAsyncLoading = 1U << 23,  // Redis refuses it while a replica loads beside its old data (reported only)
  kPeeks = 1U << 24,           // that it looks at a key is no access to it (OBJECT IDLETIME)
};

// Constant data of one command; everything else derives from it: arity, key positions, MULTI, script and
// blocking rules, quota rule, COMMAND, COMMAND DOCS, metrics, and the table-driven test over every command.
struct Command {
  // Lower case; a subcommand is "client|setname" and its container is derived.
  std::string_view name;
  // As Redis's documentation writes it, without the name: "key [NX | XX] [GT | LT] score member [score member
  // ...]". Arguments named key, newkey, source, destination (also as "key [key ...]", counted by "numkeys")
  // are keys.
  std::string_view syntax;
  uint32_t flags;
  std::string_view
      group;  // "list", "string", "hash", "set", "sorted-set", "generic", "connection", "server", ...
  std::string_view since;  // the Redis version that brought it
  std::string_view complexity;
  std::string_view summary;
  Handler run;
  // What it does with its keys, in the notation of ParseKeyUses (key_use.h). Empty: "RO access" of a command
  // that only reads, "RW access update" of any other.
  std::string_view keys = {};
  // Its ACL categories that do not follow from the flags, separated by spaces. Empty: its group's.
  std::string_view categories = {};
};

}  // namespace holdfast::server::command
