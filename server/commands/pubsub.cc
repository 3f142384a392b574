#include <optional>

#include "server/command/context.h"
#include "server/command/help.h"
#include "server/command/services.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;
using Kind = PubSub::Kind;

// What a kind's confirmations are called.
struct Words {
  std::string_view subscribe;
  std::string_view unsubscribe;
};

constexpr Words WordsOf(Kind kind) {
  switch (kind) {
    case Kind::kChannel:
      break;
    case Kind::kPattern:
      return {"psubscribe", "punsubscribe"};
    case Kind::kShard:
      return {"ssubscribe", "sunsubscribe"};
  }
  return {"subscribe", "unsubscribe"};
}

void Confirm(Context& context, Kind kind, std::string_view what, std::optional<std::string_view> name) {
  const Client& client = context.client;
  context.reply.Push(3);
  context.reply.Bulk(what);
  name ? context.reply.Bulk(*name) : context.reply.Null();
  context.reply.Integer(
      static_cast<int64_t>(kind == Kind::kShard ? client.shard_channels : client.subscriptions()));
}

template <Kind kKind>
Outcome SubscribeTo(Context& context) {
  for (const std::string_view name : context.args.Rest()) {
    context.services.pubsub().Subscribe(context.client, kKind, name);
    Confirm(context, kKind, WordsOf(kKind).subscribe, name);
  }
  return Done{};
}

template <Kind kKind>
Outcome UnsubscribeFrom(Context& context) {
  PubSub& pubsub = context.services.pubsub();
  const std::string_view what = WordsOf(kKind).unsubscribe;
  if (!context.args.done()) {
    for (const std::string_view name : context.args.Rest()) {
      pubsub.Unsubscribe(context.client, kKind, name);
      Confirm(context, kKind, what, name);
    }
    return Done{};
  }
  const std::vector<std::string> all = pubsub.Subscriptions(context.client, kKind);
  for (const std::string& name : all) {
    pubsub.Unsubscribe(context.client, kKind, name);
    Confirm(context, kKind, what, name);
  }
  if (all.empty()) Confirm(context, kKind, what, std::nullopt);
  return Done{};
}

template <Kind kKind>
Outcome Publish(Context& context) {
  const std::string_view channel = context.args.Bytes();
  const std::string_view message = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  context.reply.Integer(context.services.pubsub().Publish(kKind, channel, message));
  return Done{};
}

template <Kind kKind>
Outcome PubSubChannels(Context& context) {
  const std::string_view pattern = context.args.done() ? "*" : context.args.Bytes();
  if (!context.args.done()) return command::WrongSubcommandArity(context.args.words());
  const std::vector<std::string> channels = context.services.pubsub().ActiveChannels(kKind, pattern);
  context.reply.Array(channels.size());
  for (const std::string& channel : channels) context.reply.Bulk(channel);
  return Done{};
}

template <Kind kKind>
Outcome PubSubNumSub(Context& context) {
  const auto channels = context.args.Rest();
  context.reply.Array(2 * channels.size());
  for (const std::string_view channel : channels) {
    context.reply.Bulk(channel);
    context.reply.Integer(context.services.pubsub().SubscriberCount(kKind, channel));
  }
  return Done{};
}

Outcome PubSubNumPat(Context& context) {
  context.reply.Integer(context.services.pubsub().PatternCount());
  return Done{};
}

constexpr uint32_t kSubscriptionFlags = kPubSub | kNoScript | kLoading | kStale | kSubscribed;

constexpr Command kCommands[] = {
    {.name = "subscribe",
     .syntax = "channel [channel ...]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "2.0.0",
     .complexity = "O(N) where N is the number of channels to subscribe to.",
     .summary = "Listens for messages published to channels.",
     .run = &SubscribeTo<Kind::kChannel>},
    {.name = "unsubscribe",
     .syntax = "[channel [channel ...]]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "2.0.0",
     .complexity = "O(N) where N is the number of channels to unsubscribe.",
     .summary = "Stops listening to messages posted to channels.",
     .run = &UnsubscribeFrom<Kind::kChannel>},
    {.name = "psubscribe",
     .syntax = "pattern [pattern ...]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "2.0.0",
     .complexity = "O(N) where N is the number of patterns to subscribe to.",
     .summary = "Listens for messages published to channels that match one or more patterns.",
     .run = &SubscribeTo<Kind::kPattern>},
    {.name = "punsubscribe",
     .syntax = "[pattern [pattern ...]]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "2.0.0",
     .complexity = "O(N) where N is the number of patterns to unsubscribe.",
     .summary = "Stops listening to messages published to channels that match one or more patterns.",
     .run = &UnsubscribeFrom<Kind::kPattern>},
    {.name = "publish",
     .syntax = "channel message",
     .flags = kPubSub | kLoading | kStale | kFast | kMayReplicate,
     .group = "pubsub",
     .since = "2.0.0",
     .complexity = "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the "
                   "total number of subscribed patterns (by any client).",
     .summary = "Posts a message to a channel.",
     .run = &Publish<Kind::kChannel>},
    {.name = "pubsub|channels",
     .syntax = "[pattern]",
     .flags = kPubSub | kLoading | kStale,
     .group = "pubsub",
     .since = "2.8.0",
     .complexity = "O(N) where N is the number of active channels, and assuming constant time pattern "
                   "matching (relatively short channels and patterns)",
     .summary = "Returns the active channels.",
     .run = &PubSubChannels<Kind::kChannel>},
    {.name = "pubsub|numsub",
     .syntax = "[channel [channel ...]]",
     .flags = kPubSub | kLoading | kStale,
     .group = "pubsub",
     .since = "2.8.0",
     .complexity = "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
     .summary = "Returns a count of subscribers to channels.",
     .run = &PubSubNumSub<Kind::kChannel>},
    {.name = "pubsub|numpat",
     .syntax = "",
     .flags = kPubSub | kLoading | kStale,
     .group = "pubsub",
     .since = "2.8.0",
     .complexity = "O(1)",
     .summary = "Returns a count of unique pattern subscriptions.",
     .run = &PubSubNumPat},
    {.name = "ssubscribe",
     .syntax = "shardchannel [shardchannel ...]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of shard channels to subscribe to.",
     .summary = "Listens for messages published to shard channels.",
     .run = &SubscribeTo<Kind::kShard>},
    {.name = "sunsubscribe",
     .syntax = "[shardchannel [shardchannel ...]]",
     .flags = kSubscriptionFlags,
     .group = "pubsub",
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of shard channels to unsubscribe.",
     .summary = "Stops listening to messages posted to shard channels.",
     .run = &UnsubscribeFrom<Kind::kShard>},
    {.name = "spublish",
     .syntax = "shardchannel message",
     .flags = kPubSub | kLoading | kStale | kFast | kMayReplicate,
     .group = "pubsub",
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of clients subscribed to the receiving shard channel.",
     .summary = "Posts a message to a shard channel.",
     .run = &Publish<Kind::kShard>},
    {.name = "pubsub|shardchannels",
     .syntax = "[pattern]",
     .flags = kPubSub | kLoading | kStale,
     .group = "pubsub",
     .since = "7.0.0",
     .complexity = "O(N) where N is the number of active shard channels, and assuming constant time pattern "
                   "matching (relatively short channels and patterns)",
     .summary = "Returns the active shard channels.",
     .run = &PubSubChannels<Kind::kShard>},
    {.name = "pubsub|shardnumsub",
     .syntax = "[channel [channel ...]]",
     .flags = kPubSub | kLoading | kStale,
     .group = "pubsub",
     .since = "7.0.0",
     .complexity = "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
     .summary = "Returns a count of subscribers to shard channels.",
     .run = &PubSubNumSub<Kind::kShard>},
};

}  // namespace

Family PubSubCommands() { return kCommands; }

}  // namespace holdfast::server::commands
