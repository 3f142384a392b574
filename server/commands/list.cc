#include "storage/list.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "server/command/context.h"
#include "server/command/index_range.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::IndexRange;
using command::kWrongType;
using command::Outcome;
using storage::End;
using storage::EventClass;
using storage::List;

constexpr int64_t kMaxInteger = std::numeric_limits<int64_t>::max();

const CommandError kRankZero(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to "
    "start from the end of the list");
const CommandError kRankOutOfRange(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
const CommandError kCountNegative("ERR COUNT can't be negative");
const CommandError kMaxLenNegative("ERR MAXLEN can't be negative");

Outcome ReplySize(Context& context, const List& list) {
  context.reply.Integer(static_cast<int64_t>(list.size()));
  return Done{};
}

enum class IfAbsent { kCreate, kSkip };

template <End kEnd, IfAbsent kIfAbsent>
Outcome Push(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto elements = context.args.Rest();
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (kIfAbsent == IfAbsent::kCreate || !list.empty()) {
    list.Push(kEnd, elements);
    context.keyspace.Notify(EventClass::kList, kEnd == End::kFront ? "lpush" : "rpush", key);
  }
  return ReplySize(context, list);
}

template <End kEnd>
Outcome Pop(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  if (args.remaining() > 1) return command::WrongArity(context.command.name);
  const bool counted = !args.done();
  const int64_t count = counted ? args.Integer(0, kMaxInteger, command::kMustBePositive) : 1;
  if (auto error = args.Finish()) return *error;

  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (list.empty()) {
    counted ? context.reply.NullArray() : context.reply.Null();
    return Done{};
  }
  const uint64_t popped = std::min(static_cast<uint64_t>(count), list.size());
  if (counted) context.reply.Array(popped);
  list.HandOut(kEnd, popped, [&](std::string_view element) { context.reply.Bulk(element); });
  if (popped > 0) {
    context.keyspace.NotifyRemoval(EventClass::kList, kEnd == End::kFront ? "lpop" : "rpop", key,
                                   list.empty());
  }
  return Done{};
}

Outcome LLen(Context& context) {
  const std::string_view key = context.args.Bytes();
  const List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  return ReplySize(context, list);
}

Outcome LIndex(Context& context) {
  const std::string_view key = context.args.Bytes();
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (list.empty()) {
    context.reply.Null();
    return Done{};
  }
  const int64_t index = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  const auto resolved = command::ResolveIndex(index, list.size());
  resolved ? context.reply.Bulk(list.At(*resolved)) : context.reply.Null();
  return Done{};
}

Outcome LSet(Context& context) {
  const std::string_view key = context.args.Bytes();
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (list.empty()) return command::kNoSuchKey;
  const int64_t index = context.args.Integer();
  const std::string_view element = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  const auto resolved = command::ResolveIndex(index, list.size());
  if (!resolved) return command::kIndexOutOfRange;
  list.Set(*resolved, element);
  context.keyspace.Notify(EventClass::kList, "lset", key);
  context.reply.Ok();
  return Done{};
}

Outcome LRange(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t start = context.args.Integer();
  const int64_t stop = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  const IndexRange range = command::ResolveRange(start, stop, list.size());
  context.reply.Array(range.count);
  list.Range(range.first, range.count, [&](std::string_view element) { context.reply.Bulk(element); });
  return Done{};
}

Outcome LTrim(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t start = context.args.Integer();
  const int64_t stop = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (!list.empty()) {
    const IndexRange range = command::ResolveRange(start, stop, list.size());
    list.Trim(range.first, range.count);
    context.keyspace.NotifyRemoval(EventClass::kList, "ltrim", key, list.empty());
  }
  context.reply.Ok();
  return Done{};
}

Outcome LRem(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t count = context.args.Integer();
  const std::string_view element = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  const uint64_t removed = list.RemoveMatching(count, element);
  if (removed > 0) context.keyspace.NotifyRemoval(EventClass::kList, "lrem", key, list.empty());
  context.reply.Integer(static_cast<int64_t>(removed));
  return Done{};
}

Outcome LInsert(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const bool before = args.Keyword("BEFORE");
  if (!before && !args.Keyword("AFTER")) return command::kSyntaxError;
  const std::string_view pivot = args.Bytes();
  const std::string_view element = args.Bytes();
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;
  if (!list.empty() && !list.Insert(before ? End::kFront : End::kBack, pivot, element)) {
    context.reply.Integer(-1);
    return Done{};
  }
  if (!list.empty()) context.keyspace.Notify(EventClass::kList, "linsert", key);
  return ReplySize(context, list);
}

struct PositionOptions {
  storage::ListSearch search;
  bool counted = false;
};

PositionOptions TakePositionOptions(Args& args) {
  PositionOptions options;
  while (!args.done() && !args.failed()) {
    if (args.Keyword("RANK")) {
      options.search.rank = args.Integer();
      if (options.search.rank == 0) args.Fail(kRankZero);
      if (options.search.rank < -kMaxInteger) args.Fail(kRankOutOfRange);
    } else if (args.Keyword("COUNT")) {
      options.search.matches = static_cast<uint64_t>(args.Integer(0, kMaxInteger, kCountNegative));
      options.counted = true;
    } else if (args.Keyword("MAXLEN")) {
      options.search.looks = static_cast<uint64_t>(args.Integer(0, kMaxInteger, kMaxLenNegative));
    } else {
      args.Fail(command::kSyntaxError);
    }
  }
  return options;
}

Outcome LPos(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view element = context.args.Bytes();
  const PositionOptions options = TakePositionOptions(context.args);
  if (auto error = context.args.Finish()) return *error;
  List list(context.keyspace, key);
  if (list.wrong_type()) return kWrongType;

  std::vector<uint64_t> indexes;
  list.Find(element, options.search, [&](uint64_t index) { indexes.push_back(index); });
  if (options.counted) {
    context.reply.Array(indexes.size());
  } else if (indexes.empty()) {
    context.reply.Null();
  }
  for (const uint64_t index : indexes) context.reply.Integer(static_cast<int64_t>(index));
  return Done{};
}

constexpr std::array kListCommands = {
    Command{.name = "lpush",
            .syntax = "key element [element ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(1) for each element",
            .summary = "Puts elements at the left end of a list, one after the other.",
            .run = &Push<End::kFront, IfAbsent::kCreate>,
            .keys = "RW insert"},
    Command{.name = "rpush",
            .syntax = "key element [element ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(1) for each element",
            .summary = "Puts elements at the right end of a list, one after the other.",
            .run = &Push<End::kBack, IfAbsent::kCreate>,
            .keys = "RW insert"},
    Command{.name = "lpushx",
            .syntax = "key element [element ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "list",
            .since = "2.2.0",
            .complexity = "O(1) for each element",
            .summary = "Puts elements at the left end of a list, if the list exists.",
            .run = &Push<End::kFront, IfAbsent::kSkip>,
            .keys = "RW insert"},
    Command{.name = "rpushx",
            .syntax = "key element [element ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "list",
            .since = "2.2.0",
            .complexity = "O(1) for each element",
            .summary = "Puts elements at the right end of a list, if the list exists.",
            .run = &Push<End::kBack, IfAbsent::kSkip>,
            .keys = "RW insert"},
    Command{.name = "lpop",
            .syntax = "key [count]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(N), N being the elements taken",
            .summary = "Takes elements from the left end of a list.",
            .run = &Pop<End::kFront>,
            .keys = "RW access delete"},
    Command{.name = "rpop",
            .syntax = "key [count]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(N), N being the elements taken",
            .summary = "Takes elements from the right end of a list.",
            .run = &Pop<End::kBack>,
            .keys = "RW access delete"},
    Command{.name = "llen",
            .syntax = "key",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Tells how many elements a list has.",
            .run = &LLen,
            .keys = "RO"},
    Command{.name = "lindex",
            .syntax = "key index",
            .flags = Flag::kReadOnly,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(log N); in a list with holes the distance from the nearer end",
            .summary = "Reads the element at an index.",
            .run = &LIndex},
    Command{.name = "lset",
            .syntax = "key index element",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(log N); in a list with holes the distance from the nearer end",
            .summary = "Replaces the element at an index.",
            .run = &LSet,
            .keys = "RW update"},
    Command{.name = "lrange",
            .syntax = "key start stop",
            .flags = Flag::kReadOnly,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(log N + M), M being the elements read; in a list with holes also the distance "
                          "from the nearer end",
            .summary = "Reads a run of elements.",
            .run = &LRange},
    Command{.name = "ltrim",
            .syntax = "key start stop",
            .flags = Flag::kWrite,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(N), N being the elements cut off",
            .summary = "Keeps a run of elements and removes all others.",
            .run = &LTrim,
            .keys = "RW delete"},
    Command{.name = "lrem",
            .syntax = "key count element",
            .flags = Flag::kWrite,
            .group = "list",
            .since = "1.0.0",
            .complexity = "O(N) up to the last element removed",
            .summary = "Removes elements that equal a value.",
            .run = &LRem,
            .keys = "RW delete"},
    Command{.name = "linsert",
            .syntax = "key <BEFORE | AFTER> pivot element",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "list",
            .since = "2.2.0",
            .complexity = "O(N), N being the distance from the left end and to the nearer end",
            .summary = "Puts an element next to the first one that equals a pivot.",
            .run = &LInsert,
            .keys = "RW insert"},
    Command{.name = "lpos",
            .syntax = "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
            .flags = Flag::kReadOnly,
            .group = "list",
            .since = "6.0.6",
            .complexity = "O(N), N being the elements looked at",
            .summary = "Finds the indexes of elements that equal a value.",
            .run = &LPos},
};

}  // namespace

Family ListCommands() { return kListCommands; }

}  // namespace holdfast::server::commands
