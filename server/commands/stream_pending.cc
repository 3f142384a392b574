#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/stream_words.h"
#include "storage/stream_group.h"

// What consumers were given and have not acknowledged: seeing it, and giving it to others.
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
using storage::Stream;
using storage::StreamConsumer;
using storage::StreamDelivery;
using storage::StreamGroup;
using storage::StreamId;
using storage::StreamRange;

constexpr int64_t kMinInteger = std::numeric_limits<int64_t>::min();
constexpr int64_t kMaxInteger = std::numeric_limits<int64_t>::max();
// XAUTOCLAIM looks at so many entries for each that it may claim.
constexpr uint64_t kLooksForEach = 10;
constexpr int64_t kMostClaims = kMaxInteger / 16;

const CommandError kClaimIdleInvalid("ERR Invalid min-idle-time argument for XCLAIM");
const CommandError kAutoClaimIdleInvalid("ERR Invalid min-idle-time argument for XAUTOCLAIM");
const CommandError kIdleInvalid("ERR Invalid IDLE option argument for XCLAIM");
const CommandError kTimeInvalid("ERR Invalid TIME option argument for XCLAIM");
const CommandError kRetryCountInvalid("ERR Invalid RETRYCOUNT option argument for XCLAIM");
const CommandError kCountNotAbove0("ERR COUNT must be > 0");

CommandError NoSuchKeyOrGroup(std::string_view key, std::string_view group) {
  return CommandError(command::Concat({"NOGROUP No such key '", command::UpToZero(key),
                                       "' or consumer group '", command::UpToZero(group), "'"}));
}

// An array whose length is known at its end.
class GrowingArray {
 public:
  explicit GrowingArray(resp::ReplyWriter& reply) : reply_(reply), body_(bytes_, reply.protocol()) {}

  resp::ReplyWriter& Add() {
    ++size_;
    return body_;
  }
  void Finish() {
    reply_.Array(size_);
    reply_.Raw(bytes_);
  }

 private:
  resp::ReplyWriter& reply_;
  std::string bytes_;
  resp::ReplyWriter body_;
  size_t size_ = 0;
};

// [IDLE min-idle-time] start end count [consumer]
struct PendingQuery {
  int64_t min_idle = 0;
  StreamRange range;
  uint64_t count = 0;
  std::optional<std::string_view> consumer;

  void Read(Args& args) {
    if (args.Keyword("IDLE")) {
      min_idle = args.Integer();
      if (args.remaining() < 3) args.Fail(command::kSyntaxError);
    }
    // Redis looks at the count before the ids.
    Args edges(args.Take(2), 0);
    const int64_t most = args.Integer();
    if (args.failed()) return;
    count = most < 0 ? 0 : static_cast<uint64_t>(most);
    range = {ReadRangeStart(edges), {}};
    if (!edges.failed()) range.to = ReadRangeEnd(edges);
    if (edges.error()) args.Fail(*edges.error());
    if (!args.done()) consumer = args.Bytes();
    // Redis lets more words be.
    (void)args.Rest();
  }
};

void WriteSummary(resp::ReplyWriter& reply, StreamGroup& group) {
  reply.Array(4);
  reply.Integer(static_cast<int64_t>(group.pending()));
  if (group.pending() == 0) {
    reply.Null();
    reply.Null();
    reply.NullArray();
    return;
  }
  const std::optional<StreamRange> span = group.PendingSpan();
  WriteStreamId(reply, span->from);
  WriteStreamId(reply, span->to);
  GrowingArray consumers(reply);
  for (const StreamConsumer* consumer : group.Consumers()) {
    if (consumer->pending == 0) continue;
    resp::ReplyWriter& pair = consumers.Add();
    pair.Array(2);
    pair.Bulk(consumer->name);
    pair.BulkInteger(static_cast<int64_t>(consumer->pending));
  }
  consumers.Finish();
}

void WriteDeliveries(Context& context, StreamGroup& group, const PendingQuery& query) {
  GrowingArray deliveries(context.reply);
  const int64_t now = NowInMs(context);
  uint64_t left = query.count;
  const auto write = [&](const StreamId& id, const StreamDelivery& delivery) {
    const int64_t idle = now - delivery.time;
    if (query.min_idle != 0 && idle < query.min_idle) return true;
    resp::ReplyWriter& reply = deliveries.Add();
    reply.Array(4);
    WriteStreamId(reply, id);
    reply.Bulk(group.ConsumerOf(delivery).name);
    reply.Integer(std::max<int64_t>(idle, 0));
    reply.Integer(static_cast<int64_t>(delivery.count));
    return --left > 0;
  };
  const StreamConsumer* consumer = query.consumer ? group.FindConsumer(*query.consumer) : nullptr;
  if (left > 0 && consumer != nullptr) group.VisitPendingOf(*consumer, query.range, write);
  if (left > 0 && !query.consumer) group.VisitPending(query.range, write);
  deliveries.Finish();
}

Outcome XPending(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const std::string_view name = args.Bytes();
  const bool summary = args.done();
  PendingQuery query;
  if (!summary) {
    if (args.remaining() < 3 || args.remaining() > 6) return command::kSyntaxError;
    query.Read(args);
  }
  if (auto error = args.Finish()) return *error;
  const Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchKeyOrGroup(key, name);
  if (summary) {
    WriteSummary(context.reply, *group);
  } else {
    WriteDeliveries(context, *group, query);
  }
  return Done{};
}

// How XCLAIM and XAUTOCLAIM give an entry away.
struct Claim {
  int64_t min_idle = 0;
  int64_t time = 0;
  std::optional<uint64_t> deliveries;  // RETRYCOUNT
  bool only_ids = false;

  // Writes the entry if it was claimed.
  void Take(StreamGroup& group, StreamConsumer& consumer, const storage::StreamEntry& entry,
            const StreamDelivery& before, int64_t now, GrowingArray& claimed) const {
    const uint64_t count = deliveries.value_or(before.count + (only_ids ? 0 : 1));
    group.Deliver(entry.id, {consumer.number, time, count});
    consumer.active = now;
    if (only_ids) {
      WriteStreamId(claimed.Add(), entry.id);
    } else {
      WriteStreamEntry(claimed.Add(), entry);
    }
  }

  [[nodiscard]] bool Allows(const StreamDelivery& delivery, int64_t now) const {
    return min_idle == 0 || now - delivery.time >= min_idle;
  }
};

struct ClaimWords {
  std::vector<StreamId> ids;
  Claim claim;
  bool force = false;
  StreamId last;

  void Read(Args& args, int64_t now) {
    claim.min_idle = std::max<int64_t>(args.Integer(kMinInteger, kMaxInteger, kClaimIdleInvalid), 0);
    while (!args.done() && !args.failed()) {
      const auto id = ParseStreamId(args.peek(), {});
      if (!id) break;
      ids.push_back(id->id);
      (void)args.Bytes();
    }
    std::optional<int64_t> time;
    while (!args.done() && !args.failed()) ReadOption(args, now, time);
    // A time that cannot be is taken for now: the clocks of clients differ.
    claim.time = time && *time >= 0 && *time <= now ? *time : now;
  }

 private:
  void ReadOption(Args& args, int64_t now, std::optional<int64_t>& time) {
    const bool more = args.remaining() > 1;
    if (args.Keyword("FORCE")) {
      force = true;
    } else if (args.Keyword("JUSTID")) {
      claim.only_ids = true;
    } else if (more && args.Keyword("IDLE")) {
      const int64_t idle = args.Integer(kMinInteger, kMaxInteger, kIdleInvalid);
      time = idle < 0 ? now : now - idle;
    } else if (more && args.Keyword("TIME")) {
      time = args.Integer(kMinInteger, kMaxInteger, kTimeInvalid);
    } else if (more && args.Keyword("RETRYCOUNT")) {
      const int64_t count = args.Integer(kMinInteger, kMaxInteger, kRetryCountInvalid);
      claim.deliveries = count < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(count));
    } else if (more && args.Keyword("LASTID")) {
      last = ReadStreamIdWord(args);
    } else {
      args.Fail(CommandError(
          command::Concat({"ERR Unrecognized XCLAIM option '", command::UpToZero(args.peek()), "'"})));
    }
  }
};

Outcome XClaim(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const std::string_view name = args.Bytes();
  const std::string_view consumer_name = args.Bytes();
  const Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchKeyOrGroup(key, name);
  const int64_t now = NowInMs(context);
  ClaimWords words;
  words.Read(args, now);
  if (auto error = args.Finish()) return *error;

  if (words.last > group->last()) group->SetLast(words.last);
  StreamConsumer& consumer = SeenConsumer(context, key, *group, consumer_name);
  GrowingArray claimed(context.reply);
  for (const StreamId& id : words.ids) {
    const std::optional<StreamDelivery> delivery = group->FindDelivery(id);
    const std::optional<storage::StreamEntry> entry = stream.Find(id);
    if (!entry) {
      // What is no longer in the stream need not stay pending.
      if (delivery) group->Acknowledge(id);
    } else if (delivery ? words.claim.Allows(*delivery, now) : words.force) {
      // What was never pending begins as if delivered once.
      words.claim.Take(*group, consumer, *entry, delivery.value_or(StreamDelivery{0, now, 1}), now, claimed);
    }
  }
  group->Save();
  claimed.Finish();
  return Done{};
}

struct AutoClaimWords {
  Claim claim;
  StreamId start;
  uint64_t count = 100;

  void Read(Args& args, int64_t now) {
    claim.min_idle = std::max<int64_t>(args.Integer(kMinInteger, kMaxInteger, kAutoClaimIdleInvalid), 0);
    claim.time = now;
    start = ReadRangeStart(args);
    while (!args.done() && !args.failed()) {
      if (args.remaining() > 1 && args.Keyword("COUNT")) {
        count = static_cast<uint64_t>(args.Integer(1, kMostClaims, kCountNotAbove0));
      } else if (args.Keyword("JUSTID")) {
        claim.only_ids = true;
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
  }
};

Outcome XAutoClaim(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const std::string_view name = args.Bytes();
  const std::string_view consumer_name = args.Bytes();
  const int64_t now = NowInMs(context);
  AutoClaimWords words;
  words.Read(args, now);
  if (auto error = args.Finish()) return *error;
  const Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchKeyOrGroup(key, name);

  StreamConsumer& consumer = SeenConsumer(context, key, *group, consumer_name);
  std::string body;
  resp::ReplyWriter lists(body, context.reply.protocol());
  GrowingArray claimed(lists);
  std::vector<StreamId> deleted;
  StreamId next;  // 0-0: all of it was looked at
  uint64_t looks = words.count * kLooksForEach;
  uint64_t left = words.count;
  group->VisitPending({words.start, storage::kHighestStreamId},
                      [&](const StreamId& id, const StreamDelivery& delivery) {
                        if (looks == 0 || left == 0) {
                          next = id;
                          return false;
                        }
                        --looks;
                        const std::optional<storage::StreamEntry> entry = stream.Find(id);
                        if (!entry) {
                          group->Acknowledge(id);
                          deleted.push_back(id);
                          --left;
                        } else if (words.claim.Allows(delivery, now)) {
                          words.claim.Take(*group, consumer, *entry, delivery, now, claimed);
                          --left;
                        }
                        return true;
                      });
  group->Save();
  claimed.Finish();
  context.reply.Array(3);
  WriteStreamId(context.reply, next);
  context.reply.Raw(body);
  context.reply.Array(deleted.size());
  for (const StreamId& id : deleted) WriteStreamId(context.reply, id);
  return Done{};
}

constexpr uint32_t kKeepAccount = Flag::kWrite | Flag::kFast | Flag::kBookkeeping;
constexpr std::string_view kGroup = "stream";

constexpr Command kStreamPendingCommands[] = {
    {"xautoclaim", "key group consumer min-idle-time start [COUNT count] [JUSTID]", kKeepAccount, kGroup,
     "6.2.0", "O(log(N)*M) with M being the number of pending entries looked at.",
     "Gives a consumer what has been pending at others for some time, going through all that is pending.",
     XAutoClaim, "RW delete"},
    {"xclaim",
     "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT "
     "count] "
     "[FORCE] [JUSTID] [LASTID lastid]",
     kKeepAccount, kGroup, "5.0.0", "O(log(N)) for each entry.",
     "Gives a consumer entries that are pending at others.", XClaim, "RW update"},
    {"xpending", "key group [[IDLE min-idle-time] start end count [consumer]]", Flag::kReadOnly, kGroup,
     "5.0.0",
     "O(log(N)+M) with M being the number of pending entries looked at; for the summary, the number of "
     "consumers.",
     "Shows what consumers were given and have not acknowledged.", XPending},
};

}  // namespace

Family StreamPendingCommands() { return kStreamPendingCommands; }

}  // namespace holdfast::server::commands
