#include "storage/set.h"

#include <limits>
#include <vector>

#include "server/command/context.h"
#include "server/command/random_count.h"
#include "server/command/scan_options.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using command::RandomCount;
using command::ScanOptions;
using storage::EventClass;
using storage::Set;

Outcome SAdd(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto members = context.args.Rest();
  Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  const uint64_t added = set.Add(members);
  if (added > 0) context.keyspace.Notify(EventClass::kSet, "sadd", key);
  context.reply.Integer(static_cast<int64_t>(added));
  return Done{};
}

Outcome SRem(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto members = context.args.Rest();
  Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  const uint64_t removed = set.Remove(members);
  if (removed > 0) context.keyspace.NotifyRemoval(EventClass::kSet, "srem", key, set.size() == 0);
  context.reply.Integer(static_cast<int64_t>(removed));
  return Done{};
}

Outcome SCard(Context& context) {
  const Set set(context.keyspace, context.args.Bytes());
  if (set.wrong_type()) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(set.size()));
  return Done{};
}

Outcome SIsMember(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view member = context.args.Bytes();
  const Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  context.reply.Integer(set.Contains(member) ? 1 : 0);
  return Done{};
}

Outcome SMIsMember(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto members = context.args.Rest();
  const Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  context.reply.Array(members.size());
  for (const std::string_view member : members) context.reply.Integer(set.Contains(member) ? 1 : 0);
  return Done{};
}

Outcome SMembers(Context& context) {
  const Set set(context.keyspace, context.args.Bytes());
  if (set.wrong_type()) return kWrongType;
  context.reply.Set(set.size());
  set.elements().Visit([&](std::string_view member, std::string_view) {
    context.reply.Bulk(member);
    return true;
  });
  return Done{};
}

Outcome SMove(Context& context) {
  const std::string_view source = context.args.Bytes();
  const std::string_view destination = context.args.Bytes();
  const std::string_view member = context.args.Bytes();
  Set from(context.keyspace, source);
  Set to(context.keyspace, destination);
  const bool absent = from.size() == 0 && !from.wrong_type();
  if (!absent && (from.wrong_type() || to.wrong_type())) return kWrongType;
  const bool moved = from.Contains(member);
  if (moved && source != destination) {
    from.Remove({&member, 1});
    context.keyspace.NotifyRemoval(EventClass::kSet, "srem", source, from.size() == 0);
    if (to.Add({&member, 1}) > 0) context.keyspace.Notify(EventClass::kSet, "sadd", destination);
  }
  context.reply.Integer(moved ? 1 : 0);
  return Done{};
}

Outcome SPop(Context& context) {
  Args& args = context.args;
  if (args.remaining() > 2) return command::kSyntaxError;
  const std::string_view key = args.Bytes();
  const bool counted = !args.done();
  const int64_t count =
      counted ? args.Integer(0, std::numeric_limits<int64_t>::max(), command::kMustBePositive) : 1;
  if (auto error = args.Finish()) return *error;

  Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  const std::vector<std::string> popped = set.Pop(static_cast<uint64_t>(count));
  if (!popped.empty()) context.keyspace.NotifyRemoval(EventClass::kSet, "spop", key, set.size() == 0);
  if (counted) context.reply.Set(popped.size());
  if (!counted && popped.empty()) context.reply.Null();
  for (const std::string& member : popped) context.reply.Bulk(member);
  return Done{};
}

Outcome SRandMember(Context& context) {
  Args& args = context.args;
  if (args.remaining() > 2) return command::kSyntaxError;
  const std::string_view key = args.Bytes();
  const bool counted = !args.done();
  const RandomCount wanted = counted ? ReadRandomCount(args) : RandomCount{.count = 1};
  if (auto error = args.Finish()) return *error;

  const Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  if (set.size() > 0 && wanted.too_many()) return command::kOutOfRange;
  std::vector<std::string_view> chosen;
  const auto choose = [&](std::string_view member, std::string_view) {
    chosen.push_back(member);
    return true;
  };
  wanted.repeats ? set.elements().SampleWithRepeats(wanted.count, choose)
                 : set.elements().Sample(wanted.count, choose);
  if (counted) context.reply.Array(chosen.size());
  if (!counted && chosen.empty()) context.reply.Null();
  for (const std::string_view member : chosen) context.reply.Bulk(member);
  return Done{};
}

Outcome SScan(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const uint64_t cursor = command::ReadScanCursor(args);
  if (args.failed()) return *args.error();
  const Set set(context.keyspace, key);
  if (set.wrong_type()) return kWrongType;
  // Redis does not look at the options where there is nothing to scan.
  if (set.size() == 0) args.Rest();
  ScanOptions options;
  options.ReadAll(args);
  if (auto error = args.Finish()) return *error;

  std::vector<std::string_view> found;
  const uint64_t next =
      set.elements().Scan(cursor, options.count, [&](std::string_view member, std::string_view) {
        if (options.Matches(member)) found.push_back(member);
        return true;
      });
  command::WriteScan(context.reply, next, found);
  return Done{};
}

constexpr Command kSetCommands[] = {
    Command{.name = "sadd",
            .syntax = "key member [member ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members given",
            .summary = "Adds members to a set and tells how many are new.",
            .run = &SAdd,
            .keys = "RW insert"},
    Command{.name = "srem",
            .syntax = "key member [member ...]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members given",
            .summary = "Removes members, and the key with the last of them.",
            .run = &SRem,
            .keys = "RW delete"},
    Command{.name = "scard",
            .syntax = "key",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Counts the members.",
            .run = &SCard,
            .keys = "RO"},
    Command{.name = "sismember",
            .syntax = "key member",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Tells whether a member is there.",
            .run = &SIsMember,
            .keys = "RO"},
    Command{.name = "smismember",
            .syntax = "key member [member ...]",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "set",
            .since = "6.2.0",
            .complexity = "O(N), N being the members given",
            .summary = "Tells of several members whether they are there.",
            .run = &SMIsMember},
    Command{.name = "smembers",
            .syntax = "key",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the size of the set",
            .summary = "Reads all members.",
            .run = &SMembers},
    Command{.name = "smove",
            .syntax = "source destination member",
            .flags = Flag::kWrite | Flag::kFast | Flag::kBookkeeping,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Moves a member from one set to another.",
            .run = &SMove,
            .keys = "RW access delete, RW insert"},
    Command{.name = "spop",
            .syntax = "key [count]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members asked for; above a third of the set its size",
            .summary = "Removes random members and returns them.",
            .run = &SPop,
            .keys = "RW access delete"},
    Command{.name = "srandmember",
            .syntax = "key [count]",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "1.0.0",
            .complexity = "O(N), N being the members asked for; above a third of the set its size",
            .summary = "Chooses members at random.",
            .run = &SRandMember},
    Command{.name = "sscan",
            .syntax = "key cursor [MATCH pattern] [COUNT count]",
            .flags = Flag::kReadOnly,
            .group = "set",
            .since = "2.8.0",
            .complexity = "O(1) a call; O(N) for all calls until the cursor is 0 again",
            .summary = "Iterates over the members.",
            .run = &SScan},
};

}  // namespace

Family SetCommands() { return kSetCommands; }

}  // namespace holdfast::server::commands
