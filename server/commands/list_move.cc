#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include "server/command/context.h"
#include "server/commands/families.h"
#include "storage/list.h"

// Verbs that hand elements on, and those that wait for them.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using command::Wait;
using storage::End;
using storage::EventClass;
using storage::List;

using Keys = std::span<const std::string_view>;

const CommandError kNumKeysNotPositive("ERR numkeys should be greater than 0");

End TakeEnd(Args& args) {
  if (args.Keyword("LEFT")) return End::kFront;
  if (!args.Keyword("RIGHT")) args.Fail(command::kSyntaxError);
  return End::kBack;
}

Wait WaitFor(const Context& context, Keys keys, absl::Duration timeout) {
  return {.keys = {keys.begin(), keys.end()},
          .type = storage::ValueType::kList,
          .deadline = context.now() + timeout,
          .on_timeout = Wait::Reply::kNullArray};
}

struct Route {
  std::string_view source;
  std::string_view destination;
  End from = End::kBack;
  End to = End::kFront;
};

Route TakeRoute(Args& args) {
  Route route;
  route.source = args.Bytes();
  route.destination = args.Bytes();
  return route;
}

Route TakeRouteWithEnds(Args& args) {
  Route route = TakeRoute(args);
  route.from = TakeEnd(args);
  route.to = TakeEnd(args);
  return route;
}

std::string_view PopEvent(End end) { return end == End::kFront ? "lpop" : "rpop"; }
std::string_view PushEvent(End end) { return end == End::kFront ? "lpush" : "rpush"; }

void Move(Context& context, const Route& route, List& source, List& destination) {
  context.reply.Bulk(List::Move(source, route.from, destination, route.to));
  context.keyspace.Notify(EventClass::kList, PushEvent(route.to), route.destination);
  context.keyspace.NotifyRemoval(EventClass::kList, PopEvent(route.from), route.source, source.empty());
}

// nullopt if the source is empty.
std::optional<Outcome> TryMove(Context& context, const Route& route) {
  List source(context.keyspace, route.source);
  if (source.wrong_type()) return kWrongType;
  if (source.empty()) return std::nullopt;
  if (route.source == route.destination) {
    Move(context, route, source, source);
    return Done{};
  }
  List destination(context.keyspace, route.destination);
  if (destination.wrong_type()) return kWrongType;
  Move(context, route, source, destination);
  return Done{};
}

Outcome MoveOrNull(Context& context, const Route& route) {
  if (auto error = context.args.Finish()) return *error;
  if (auto outcome = TryMove(context, route)) return *std::move(outcome);
  context.reply.Null();
  return Done{};
}

Outcome MoveOrWait(Context& context, const Route& route) {
  const absl::Duration timeout = context.args.Timeout();
  if (auto error = context.args.Finish()) return *error;
  if (auto outcome = TryMove(context, route)) return *std::move(outcome);
  Wait wait = WaitFor(context, {&route.source, 1}, timeout);
  wait.at_once = Wait::Reply::kNull;
  return wait;
}

Outcome LMove(Context& context) { return MoveOrNull(context, TakeRouteWithEnds(context.args)); }
Outcome RPopLPush(Context& context) { return MoveOrNull(context, TakeRoute(context.args)); }
Outcome BLMove(Context& context) { return MoveOrWait(context, TakeRouteWithEnds(context.args)); }
Outcome BRPopLPush(Context& context) { return MoveOrWait(context, TakeRoute(context.args)); }

// Lets `serve` reply from an end of the first list that has elements. nullopt if none has.
template <typename Serve>
std::optional<Outcome> ServeFirst(Context& context, Keys keys, End end, Serve serve) {
  for (const std::string_view key : keys) {
    List list(context.keyspace, key);
    if (list.wrong_type()) return kWrongType;
    if (list.empty()) continue;
    context.reply.Array(2);
    context.reply.Bulk(key);
    serve(list);
    context.keyspace.NotifyRemoval(EventClass::kList, PopEvent(end), key, list.empty());
    return Done{};
  }
  return std::nullopt;
}

template <End kEnd>
Outcome BlockingPop(Context& context) {
  const Keys keys = context.args.Take(context.args.remaining() - 1);
  const absl::Duration timeout = context.args.Timeout();
  if (auto error = context.args.Finish()) return *error;
  auto outcome = ServeFirst(context, keys, kEnd, [&](List& list) {
    list.HandOut(kEnd, 1, [&](std::string_view element) { context.reply.Bulk(element); });
  });
  return outcome ? *std::move(outcome) : WaitFor(context, keys, timeout);
}

struct MultiPop {
  Keys keys;
  End end = End::kFront;
  uint64_t count = 1;
};

MultiPop TakeMultiPop(Args& args) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  MultiPop pop;
  pop.keys = args.Take(static_cast<size_t>(args.Integer(1, kMax, kNumKeysNotPositive)));
  pop.end = TakeEnd(args);
  if (args.Keyword("COUNT"))
    pop.count = static_cast<uint64_t>(args.Integer(1, kMax, command::kCountNotPositive));
  return pop;
}

std::optional<Outcome> TryMultiPop(Context& context, const MultiPop& pop) {
  return ServeFirst(context, pop.keys, pop.end, [&](List& list) {
    const uint64_t popped = std::min(pop.count, list.size());
    context.reply.Array(popped);
    list.HandOut(pop.end, popped, [&](std::string_view element) { context.reply.Bulk(element); });
  });
}

Outcome LMPop(Context& context) {
  const MultiPop pop = TakeMultiPop(context.args);
  if (auto error = context.args.Finish()) return *error;
  if (auto outcome = TryMultiPop(context, pop)) return *std::move(outcome);
  context.reply.NullArray();
  return Done{};
}

Outcome BLMPop(Context& context) {
  // Redis complains about everything else before it looks at the timeout.
  Args timeout_word(context.args.Take(1), 0);
  const MultiPop pop = TakeMultiPop(context.args);
  if (auto error = context.args.Finish()) return *error;
  const absl::Duration timeout = timeout_word.Timeout();
  if (auto error = timeout_word.Finish()) return *error;
  if (auto outcome = TryMultiPop(context, pop)) return *std::move(outcome);
  return WaitFor(context, pop.keys, timeout);
}

constexpr std::array kListMoveCommands = {
    Command{.name = "lmove",
            .syntax = "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "list",
            .since = "6.2.0",
            .complexity = "O(1)",
            .summary = "Takes an element from one end of a list and puts it at an end of another.",
            .run = &LMove,
            .keys = "RW access delete, RW insert"},
    Command{.name = "rpoplpush",
            .syntax = "source destination",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "list",
            .since = "1.2.0",
            .complexity = "O(1)",
            .summary = "Takes the rightmost element of a list and puts it at the left end of another.",
            .run = &RPopLPush,
            .keys = "RW access delete, RW insert"},
    Command{.name = "blmove",
            .syntax = "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kBlocking,
            .group = "list",
            .since = "6.2.0",
            .complexity = "O(1)",
            .summary = "As LMOVE, but waits for an element if the source is empty.",
            .run = &BLMove,
            .keys = "RW access delete, RW insert"},
    Command{.name = "brpoplpush",
            .syntax = "source destination timeout",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kBlocking,
            .group = "list",
            .since = "2.2.0",
            .complexity = "O(1)",
            .summary = "As RPOPLPUSH, but waits for an element if the source is empty.",
            .run = &BRPopLPush,
            .keys = "RW access delete, RW insert"},
    Command{.name = "blpop",
            .syntax = "key [key ...] timeout",
            .flags = Flag::kWrite | Flag::kBlocking,
            .group = "list",
            .since = "2.0.0",
            .complexity = "O(N), N being the keys",
            .summary = "Takes the leftmost element of the first list that has one, or waits for it.",
            .run = &BlockingPop<End::kFront>,
            .keys = "RW access delete"},
    Command{.name = "brpop",
            .syntax = "key [key ...] timeout",
            .flags = Flag::kWrite | Flag::kBlocking,
            .group = "list",
            .since = "2.0.0",
            .complexity = "O(N), N being the keys",
            .summary = "Takes the rightmost element of the first list that has one, or waits for it.",
            .run = &BlockingPop<End::kBack>,
            .keys = "RW access delete"},
    Command{.name = "lmpop",
            .syntax = "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
            .flags = Flag::kWrite | Flag::kMovableKeys,
            .group = "list",
            .since = "7.0.0",
            .complexity = "O(N + M), N being the keys and M the elements taken",
            .summary = "Takes elements from an end of the first list that has any.",
            .run = &LMPop,
            .keys = "RW access delete"},
    Command{.name = "blmpop",
            .syntax = "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
            .flags = Flag::kWrite | Flag::kBlocking | Flag::kMovableKeys,
            .group = "list",
            .since = "7.0.0",
            .complexity = "O(N + M), N being the keys and M the elements taken",
            .summary = "As LMPOP, but waits for an element if all lists are empty.",
            .run = &BLMPop,
            .keys = "RW access delete"},
};

}  // namespace

Family ListMoveCommands() { return kListMoveCommands; }

}  // namespace holdfast::server::commands
