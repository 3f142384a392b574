#include "server/command/context.h"
#include "server/command/services.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

// The reply of a command whose service answers with nothing but success or an error.
Outcome OkUnlessError(Context& context, Outcome outcome) {
  if (outcome.error() == nullptr) context.reply.Ok();
  return outcome;
}

Outcome Multi(Context& context) {
  return OkUnlessError(context, context.services.transactions().Begin(context.client));
}

Outcome Exec(Context& context) { return context.services.transactions().Execute(context); }

Outcome Discard(Context& context) {
  return OkUnlessError(context, context.services.transactions().Discard(context.client));
}

Outcome Watch(Context& context) {
  return OkUnlessError(context, context.services.transactions().Watch(context.client, context.args.Rest()));
}

Outcome Unwatch(Context& context) {
  context.services.transactions().Unwatch(context.client);
  context.reply.Ok();
  return Done{};
}

constexpr Command kCommands[] = {
    {.name = "multi",
     .syntax = "",
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kImmediate,
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Starts a transaction.",
     .run = &Multi},
    {.name = "exec",
     .syntax = "",
     .flags = kNoScript | kLoading | kStale | kSkipSlowlog | kImmediate | kExecutes,
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "Depends on commands in the transaction",
     .summary = "Executes all commands in a transaction.",
     .run = &Exec},
    {.name = "discard",
     .syntax = "",
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kImmediate,
     .group = "transactions",
     .since = "2.0.0",
     .complexity = "O(N), when N is the number of queued commands",
     .summary = "Discards a transaction.",
     .run = &Discard},
    {.name = "watch",
     .syntax = "key [key ...]",
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kImmediate,
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(1) for every key.",
     .summary = "Monitors changes to keys to determine the execution of a transaction.",
     .run = &Watch,
     .keys = "RO"},
    {.name = "unwatch",
     .syntax = "",
     .flags = kNoScript | kLoading | kStale | kFast | kAllowBusy,
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Forgets about watched keys of a transaction.",
     .run = &Unwatch},
};

}  // namespace

Family TransactionCommands() { return kCommands; }

}  // namespace holdfast::server::commands
