#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/glob.h"
#include "server/command/scan_options.h"
#include "server/command/type_name.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "storage/key_moves.h"
#include "storage/keyspace.h"

// Verbs about a database as a whole.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::Entry;
using storage::Keyspace;
using storage::Transaction;

const CommandError kFirstDb("ERR invalid first DB index");
const CommandError kSecondDb("ERR invalid second DB index");

constexpr uint64_t kCursorBits = 52;  // scan_cursor.h

void WriteKeys(Context& context, const std::vector<std::string_view>& keys) {
  context.reply.Array(keys.size());
  for (const std::string_view key : keys) context.reply.Bulk(key);
}

bool ReadType(Args& args, std::optional<std::string_view>& type) {
  if (args.failed() || !args.Keyword("TYPE")) return false;
  type = args.Bytes();
  return true;
}

Outcome Scan(Context& context) {
  Args& args = context.args;
  uint64_t cursor = command::ReadScanCursor(args);
  command::ScanOptions options;
  std::optional<std::string_view> type;
  while (options.Read(args) || ReadType(args, type)) {
  }
  if (auto error = args.Finish()) return *error;
  std::vector<std::string_view> keys;
  cursor = context.keyspace.Scan(cursor, options.count, [&](std::string_view key, const Entry& entry) {
    if (type && !command::EqualsIgnoreCase(*type, command::TypeName(entry.type))) return;
    if (options.Matches(key)) keys.push_back(key);
  });
  command::WriteScan(context.reply, cursor, keys);
  return Done{};
}

Outcome Keys(Context& context) {
  const std::string_view pattern = context.args.Bytes();
  std::vector<std::string_view> keys;
  context.keyspace.Scan(0, std::numeric_limits<size_t>::max(), [&](std::string_view key, const Entry&) {
    if (pattern == "*" || command::GlobMatches(pattern, key)) keys.push_back(key);
  });
  WriteKeys(context, keys);
  return Done{};
}

// The first live key at or after a place in hash order.
std::optional<std::string_view> FirstKeyFrom(const Keyspace& keyspace, uint64_t cursor) {
  std::optional<std::string_view> first;
  do {
    cursor = keyspace.Scan(cursor, 1, [&](std::string_view key, const Entry&) {
      if (!first) first = key;
    });
  } while (!first && cursor != 0);
  return first;
}

Outcome RandomKey(Context& context) {
  const uint64_t place = context.transaction().Random() >> (64 - kCursorBits);
  std::optional<std::string_view> key = FirstKeyFrom(context.keyspace, place);
  if (!key) key = FirstKeyFrom(context.keyspace, 0);
  if (key) {
    context.reply.Bulk(*key);
  } else {
    context.reply.Null();
  }
  return Done{};
}

Outcome DbSize(Context& context) {
  context.reply.Integer(static_cast<int64_t>(context.keyspace.size()));
  return Done{};
}

// Emptying is always O(1) here, so both words mean the same.
std::optional<CommandError> ReadFlushMode(Args& args) {
  if (!args.Keyword("ASYNC")) args.Keyword("SYNC");
  return args.Finish();
}

Outcome FlushDb(Context& context) {
  if (auto error = ReadFlushMode(context.args)) return *error;
  context.keyspace.Clear();
  context.reply.Ok();
  return Done{};
}

Outcome FlushAll(Context& context) {
  if (auto error = ReadFlushMode(context.args)) return *error;
  for (int number = 0; number < Transaction::kMaxDatabases; ++number) {
    Keyspace(context.transaction(), number).Clear();
  }
  context.reply.Ok();
  return Done{};
}

Outcome SwapDb(Context& context) {
  const int64_t first = context.args.Integer(INT32_MIN, INT32_MAX, kFirstDb);
  const int64_t second = context.args.Integer(INT32_MIN, INT32_MAX, kSecondDb);
  if (auto error = context.args.Finish()) return *error;
  for (const int64_t number : {first, second}) {
    if (number < 0 || number >= Transaction::kMaxDatabases) return command::kDatabaseOutOfRange;
  }
  storage::SwapDatabases(context.transaction(), static_cast<int>(first), static_cast<int>(second));
  context.reply.Ok();
  return Done{};
}

constexpr uint32_t kReadFast = command::kReadOnly | command::kFast;
constexpr uint32_t kWriteFast = command::kWrite | command::kFast;
constexpr std::string_view kGeneric = "generic";
constexpr std::string_view kServer = "server";
constexpr std::string_view kFlushCost = "O(1); the keys are deleted later.";

constexpr Command kScanCommands[] = {
    {"dbsize", "", kReadFast, kServer, "1.0.0", "O(1)", "Returns how many keys the database has.", DbSize, "",
     "keyspace"},
    {"flushall", "[ASYNC | SYNC]", command::kWrite, kServer, "1.0.0", kFlushCost,
     "Deletes every key of every database.", FlushAll, "", "keyspace dangerous"},
    {"flushdb", "[ASYNC | SYNC]", command::kWrite, kServer, "1.0.0", kFlushCost,
     "Deletes every key of the database.", FlushDb, "", "keyspace dangerous"},
    {"keys", "pattern", command::kReadOnly, kGeneric, "1.0.0",
     "O(N) with N being the number of keys in the database.", "Returns all keys that match a pattern.", Keys,
     "", "keyspace dangerous"},
    {"randomkey", "", command::kReadOnly, kGeneric, "1.0.0", "O(1)", "Returns some key.", RandomKey},
    {"scan", "cursor [MATCH pattern] [COUNT count] [TYPE type]", command::kReadOnly, kGeneric, "2.8.0",
     "O(1) for every call. O(N) for a whole iteration.", "Iterates over the database's keys.", Scan},
    {"swapdb", "index1 index2", kWriteFast, kServer, "4.0.0", "O(1)",
     "Lets two databases change their numbers.", SwapDb, "", "keyspace dangerous"},
};

}  // namespace

Family ScanCommands() { return kScanCommands; }

}  // namespace holdfast::server::commands
