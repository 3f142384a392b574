#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/stream_words.h"
#include "storage/stream_group.h"

// XINFO: what a stream, its groups and their consumers are like.
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
using resp::ReplyWriter;
using storage::Direction;
using storage::Stream;
using storage::StreamConsumer;
using storage::StreamDelivery;
using storage::StreamGroup;
using storage::StreamId;

constexpr uint64_t kShownByDefault = 10;

std::optional<CommandError> Objection(const Stream& stream) {
  if (!stream.exists()) return command::kNoSuchKey;
  if (stream.wrong_type()) return kWrongType;
  return std::nullopt;
}

void WriteNumber(ReplyWriter& reply, std::string_view name, uint64_t value) {
  reply.Bulk(name);
  reply.Integer(static_cast<int64_t>(value));
}

void WriteId(ReplyWriter& reply, std::string_view name, const StreamId& id) {
  reply.Bulk(name);
  WriteStreamId(reply, id);
}

void WriteProgress(ReplyWriter& reply, const StreamGroup& group) {
  WriteId(reply, "last-delivered-id", group.last());
  reply.Bulk("entries-read");
  const std::optional<uint64_t> read = group.entries_read();
  read ? reply.Integer(static_cast<int64_t>(*read)) : reply.Null();
  reply.Bulk("lag");
  const std::optional<int64_t> lag = group.Lag();
  lag ? reply.Integer(*lag) : reply.Null();
}

void WriteHead(ReplyWriter& reply, const Stream& stream) {
  const storage::StreamHead& head = stream.head();
  WriteNumber(reply, "length", stream.size());
  WriteNumber(reply, "radix-tree-keys", head.nodes);
  // Redis's tree has a root, and about one more node for each key.
  WriteNumber(reply, "radix-tree-nodes", head.nodes + 1);
  WriteId(reply, "last-generated-id", head.last);
  WriteId(reply, "max-deleted-entry-id", head.max_deleted);
  WriteNumber(reply, "entries-added", head.added);
  WriteId(reply, "recorded-first-entry-id", head.first);
}

void WriteEndEntry(ReplyWriter& reply, std::string_view name, const Stream& stream, Direction direction) {
  reply.Bulk(name);
  const auto write = [&](const storage::StreamEntry& entry) { WriteStreamEntry(reply, entry); };
  if (stream.Visit({}, direction, 1, write) == 0) reply.Null();
}

// Collects deliveries until `limit` (0: all) are there.
class Deliveries {
 public:
  struct One {
    StreamId id;
    StreamDelivery delivery;
  };

  explicit Deliveries(uint64_t limit) : limit_(limit) {}

  // Whether there is room for more.
  bool Add(const StreamId& id, const StreamDelivery& delivery) {
    all_.push_back({id, delivery});
    return limit_ == 0 || all_.size() < limit_;
  }
  [[nodiscard]] const std::vector<One>& all() const { return all_; }

 private:
  uint64_t limit_;
  std::vector<One> all_;
};

void WriteConsumerInFull(ReplyWriter& reply, const StreamGroup& group, const StreamConsumer& consumer,
                         uint64_t limit) {
  reply.Map(5);
  reply.Bulk("name");
  reply.Bulk(consumer.name);
  reply.Bulk("seen-time");
  reply.Integer(consumer.seen);
  reply.Bulk("active-time");
  reply.Integer(consumer.active);
  WriteNumber(reply, "pel-count", consumer.pending);
  reply.Bulk("pending");
  Deliveries deliveries(limit);
  group.VisitPendingOf(consumer, {}, [&](const StreamId& id, const StreamDelivery& delivery) {
    return deliveries.Add(id, delivery);
  });
  reply.Array(deliveries.all().size());
  for (const auto& [id, delivery] : deliveries.all()) {
    reply.Array(3);
    WriteStreamId(reply, id);
    reply.Integer(delivery.time);
    reply.Integer(static_cast<int64_t>(delivery.count));
  }
}

void WriteGroupInFull(ReplyWriter& reply, StreamGroup& group, uint64_t limit) {
  reply.Map(7);
  reply.Bulk("name");
  reply.Bulk(group.name());
  WriteProgress(reply, group);
  WriteNumber(reply, "pel-count", group.pending());
  reply.Bulk("pending");
  Deliveries deliveries(limit);
  group.VisitPending(
      {}, [&](const StreamId& id, const StreamDelivery& delivery) { return deliveries.Add(id, delivery); });
  reply.Array(deliveries.all().size());
  for (const auto& [id, delivery] : deliveries.all()) {
    reply.Array(4);
    WriteStreamId(reply, id);
    reply.Bulk(group.ConsumerOf(delivery).name);
    reply.Integer(delivery.time);
    reply.Integer(static_cast<int64_t>(delivery.count));
  }
  reply.Bulk("consumers");
  const std::vector<StreamConsumer*> consumers = group.Consumers();
  reply.Array(consumers.size());
  for (const StreamConsumer* consumer : consumers) WriteConsumerInFull(reply, group, *consumer, limit);
}

void WriteStreamInFull(ReplyWriter& reply, const Stream& stream, uint64_t limit) {
  reply.Map(9);
  WriteHead(reply, stream);
  reply.Bulk("entries");
  WriteStreamEntries(reply, stream, {}, Direction::kForward, limit);
  reply.Bulk("groups");
  std::vector<StreamGroup> groups = StreamGroup::All(stream);
  reply.Array(groups.size());
  for (StreamGroup& group : groups) WriteGroupInFull(reply, group, limit);
}

void WriteStreamSummary(ReplyWriter& reply, const Stream& stream) {
  reply.Map(10);
  WriteHead(reply, stream);
  WriteNumber(reply, "groups", StreamGroup::All(stream).size());
  WriteEndEntry(reply, "first-entry", stream, Direction::kForward);
  WriteEndEntry(reply, "last-entry", stream, Direction::kReverse);
}

Outcome InfoStream(Context& context) {
  Args& args = context.args;
  const Stream stream(context.keyspace, args.Bytes());
  if (auto error = Objection(stream)) return *error;
  if (args.done()) {
    WriteStreamSummary(context.reply, stream);
    return Done{};
  }
  if (!args.Keyword("FULL")) return command::WrongSubcommandArity(context.args.words());
  uint64_t limit = kShownByDefault;
  if (!args.done()) {
    if (args.remaining() != 2 || !args.Keyword("COUNT"))
      return command::WrongSubcommandArity(context.args.words());
    const int64_t count = args.Integer();
    if (count >= 0) limit = static_cast<uint64_t>(count);
  }
  if (auto error = args.Finish()) return *error;
  WriteStreamInFull(context.reply, stream, limit);
  return Done{};
}

Outcome InfoGroups(Context& context) {
  const Stream stream(context.keyspace, context.args.Bytes());
  if (auto error = Objection(stream)) return *error;
  ReplyWriter& reply = context.reply;
  const std::vector<StreamGroup> groups = StreamGroup::All(stream);
  reply.Array(groups.size());
  for (const StreamGroup& group : groups) {
    reply.Map(6);
    reply.Bulk("name");
    reply.Bulk(group.name());
    WriteNumber(reply, "consumers", group.consumers());
    WriteNumber(reply, "pending", group.pending());
    WriteProgress(reply, group);
  }
  return Done{};
}

Outcome InfoConsumers(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  const Stream stream(context.keyspace, key);
  if (auto error = Objection(stream)) return *error;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchStreamGroup(name, key);
  const int64_t now = NowInMs(context);
  ReplyWriter& reply = context.reply;
  const std::vector<StreamConsumer*> consumers = group->Consumers();
  reply.Array(consumers.size());
  for (const StreamConsumer* consumer : consumers) {
    reply.Map(4);
    reply.Bulk("name");
    reply.Bulk(consumer->name);
    WriteNumber(reply, "pending", consumer->pending);
    reply.Bulk("idle");
    reply.Integer(std::max<int64_t>(now - consumer->seen, 0));
    reply.Bulk("inactive");
    reply.Integer(consumer->active < 0 ? -1 : std::max<int64_t>(now - consumer->active, 0));
  }
  return Done{};
}

constexpr std::string_view kGroup = "stream";

constexpr Command kStreamInfoCommands[] = {
    {"xinfo|consumers", "key group", Flag::kReadOnly, kGroup, "5.0.0", "O(N) with N being the consumers.",
     "Describes the consumers of a group.", InfoConsumers},
    {"xinfo|groups", "key", Flag::kReadOnly, kGroup, "5.0.0", "O(N) with N being the groups.",
     "Describes the groups of a stream.", InfoGroups},
    {"xinfo|stream", "key [FULL [COUNT count]]", Flag::kReadOnly, kGroup, "5.0.0",
     "O(N) with N being the groups; with FULL also what is shown of them.", "Describes a stream.",
     InfoStream},
};

}  // namespace

Family StreamInfoCommands() { return kStreamInfoCommands; }

}  // namespace holdfast::server::commands
