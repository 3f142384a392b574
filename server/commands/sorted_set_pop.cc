#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/commands/families.h"
#include "server/commands/sorted_set_words.h"
#include "storage/sorted_set.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using command::Wait;
using storage::Direction;
using storage::ScoredMember;
using storage::SortedSet;

constexpr int64_t kMaxCount = std::numeric_limits<int64_t>::max();

std::vector<ScoredMember> PopFrom(Context& context, SortedSet& set, std::string_view key, Direction from,
                                  uint64_t count) {
  std::vector<ScoredMember> elements = set.Pop(from, count);
  if (!elements.empty()) {
    context.keyspace.NotifyRemoval(storage::EventClass::kSortedSet,
                                   from == Direction::kForward ? "zpopmin" : "zpopmax", key, set.size() == 0);
  }
  return elements;
}

// What the first key that has elements gave.
struct Popped {
  std::string_view key;
  std::vector<ScoredMember> elements;
};

// Nullopt: all keys are empty. A key of another type in front of the first one with elements is an error.
std::optional<Popped> PopFirst(Context& context, std::span<const std::string_view> keys, Direction from,
                               uint64_t count, std::optional<CommandError>& error) {
  for (const std::string_view key : keys) {
    SortedSet set(context.keyspace, key);
    if (set.wrong_type()) {
      error = command::kWrongType;
      return std::nullopt;
    }
    if (set.size() > 0) return Popped{key, PopFrom(context, set, key, from, count)};
  }
  return std::nullopt;
}

Wait WaitFor(Context& context, std::span<const std::string_view> keys, absl::Duration timeout) {
  return {.keys = {keys.begin(), keys.end()},
          .type = storage::ValueType::kSortedSet,
          .deadline = context.now() + timeout,
          .on_timeout = Wait::Reply::kNullArray};
}

Outcome Pop(Context& context, Direction from) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const bool counted = !args.done();
  if (args.remaining() > 1) return command::kSyntaxError;
  const int64_t count = counted ? args.Integer(0, kMaxCount, command::kMustBePositive) : 1;
  if (auto error = args.Finish()) return *error;
  SortedSet set(context.keyspace, key);
  if (set.wrong_type()) return command::kWrongType;
  const std::vector<ScoredMember> elements = PopFrom(context, set, key, from, static_cast<uint64_t>(count));
  if (counted || elements.empty()) {
    WriteElements(context.reply, elements, Scores::kWith);
    return Done{};
  }
  // Without a count the reply is one flat pair in both protocols.
  context.reply.Array(2);
  context.reply.Bulk(elements[0].member);
  context.reply.Double(elements[0].score);
  return Done{};
}

Outcome ZPopMin(Context& context) { return Pop(context, Direction::kForward); }

Outcome ZPopMax(Context& context) { return Pop(context, Direction::kReverse); }

Outcome BlockingPop(Context& context, Direction from) {
  Args& args = context.args;
  const auto keys = args.Take(args.remaining() - 1);
  const absl::Duration timeout = args.Timeout();
  if (auto error = args.Finish()) return *error;
  std::optional<CommandError> error;
  const std::optional<Popped> popped = PopFirst(context, keys, from, 1, error);
  if (error) return *error;
  if (!popped) return WaitFor(context, keys, timeout);
  context.reply.Array(3);
  context.reply.Bulk(popped->key);
  context.reply.Bulk(popped->elements[0].member);
  context.reply.Double(popped->elements[0].score);
  return Done{};
}

Outcome BZPopMin(Context& context) { return BlockingPop(context, Direction::kForward); }

Outcome BZPopMax(Context& context) { return BlockingPop(context, Direction::kReverse); }

// numkeys key [key ...] <MIN | MAX> [COUNT count]
struct MultiPop {
  std::span<const std::string_view> keys;
  Direction from = Direction::kForward;
  uint64_t count = 1;

  void Read(Args& args) {
    const int64_t number = args.Integer(1, kMaxCount, command::kNumKeysNotPositive);
    if (args.failed()) return;
    keys = args.Take(static_cast<size_t>(number));
    if (args.Keyword("MAX")) {
      from = Direction::kReverse;
    } else if (!args.Keyword("MIN")) {
      args.Fail(command::kSyntaxError);
    }
    if (args.remaining() > 1 && args.Keyword("COUNT")) {
      count = static_cast<uint64_t>(args.Integer(1, kMaxCount, command::kCountNotPositive));
    }
  }

  // False: all keys are empty, nothing is written.
  bool Run(Context& context, std::optional<CommandError>& error) const {
    const std::optional<Popped> popped = PopFirst(context, keys, from, count, error);
    if (!popped) return false;
    context.reply.Array(2);
    context.reply.Bulk(popped->key);
    WritePairs(context.reply, popped->elements);
    return true;
  }
};

Outcome ZMPop(Context& context) {
  MultiPop pop;
  pop.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  std::optional<CommandError> error;
  if (!pop.Run(context, error) && !error) context.reply.NullArray();
  if (error) return *error;
  return Done{};
}

Outcome BZMPop(Context& context) {
  // Redis looks at the timeout last.
  Args timeout_word(context.args.Take(1), 0);
  MultiPop pop;
  pop.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  const absl::Duration timeout = timeout_word.Timeout();
  if (auto error = timeout_word.Finish()) return *error;
  std::optional<CommandError> error;
  if (pop.Run(context, error)) return Done{};
  if (error) return *error;
  return WaitFor(context, pop.keys, timeout);
}

constexpr uint32_t kPop = command::kWrite | command::kFast;
constexpr uint32_t kBlockingPop = command::kWrite | command::kFast | command::kBlocking;
constexpr std::string_view kGroup = "sorted-set";
constexpr std::string_view kPopCost =
    "O(log(N)*M) with N being the set's size and M the number of members popped.";
constexpr std::string_view kManyCost =
    "O(K)+O(log(N)*M) with K being the number of keys, N the set's size and M the number of members popped.";

constexpr Command kSortedSetPopCommands[] = {
    {"bzmpop", "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
     command::kWrite | command::kBlocking | command::kMovableKeys, kGroup, "7.0.0", kManyCost,
     "Pops members of the first key that has any, waiting for one if need be.", BZMPop, "RW access delete"},
    {"bzpopmax", "key [key ...] timeout", kBlockingPop, kGroup, "5.0.0", kPopCost,
     "Pops the member with the highest score of the first key that has any, waiting for one if need be.",
     BZPopMax, "RW access delete"},
    {"bzpopmin", "key [key ...] timeout", kBlockingPop, kGroup, "5.0.0", kPopCost,
     "Pops the member with the lowest score of the first key that has any, waiting for one if need be.",
     BZPopMin, "RW access delete"},
    {"zmpop", "numkeys key [key ...] <MIN | MAX> [COUNT count]", command::kWrite | command::kMovableKeys,
     kGroup, "7.0.0", kManyCost, "Pops members of the first key that has any.", ZMPop, "RW access delete"},
    {"zpopmax", "key [count]", kPop, kGroup, "5.0.0", kPopCost, "Pops the members with the highest scores.",
     ZPopMax, "RW access delete"},
    {"zpopmin", "key [count]", kPop, kGroup, "5.0.0", kPopCost, "Pops the members with the lowest scores.",
     ZPopMin, "RW access delete"},
};

}  // namespace

Family SortedSetPopCommands() { return kSortedSetPopCommands; }

}  // namespace holdfast::server::commands
