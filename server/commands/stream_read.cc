#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/client.h"
#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/stream_words.h"
#include "storage/stream_group.h"

// XREAD and XREADGROUP: what is new in several streams, waiting for it if need be.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::Outcome;
using command::Wait;
using storage::Direction;
using storage::Stream;
using storage::StreamConsumer;
using storage::StreamDelivery;
using storage::StreamGroup;
using storage::StreamId;
using storage::StreamRange;

constexpr int64_t kMaxInteger = std::numeric_limits<int64_t>::max();
constexpr std::string_view kFromNowOn = "$";
constexpr std::string_view kNeverDelivered = ">";

const CommandError kGroupNeedsReadGroup(
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
const CommandError kNoAckNeedsReadGroup(
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
const CommandError kGroupMissing("ERR Missing GROUP option for XREADGROUP");
const CommandError kFromNowOnInGroup(
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer "
    "by "
    "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result "
    "set.");
const CommandError kNeverDeliveredWithoutGroup(
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
const CommandError kTimeoutNotInteger("ERR timeout is not an integer or out of range");
const CommandError kTimeoutOutOfRange("ERR timeout is out of range");

enum class Reader { kAlone, kInGroup };

struct ReadWords {
  uint64_t count = 0;  // 0: all
  std::optional<absl::Duration> block;
  bool acknowledged = false;  // NOACK
  std::optional<std::string_view> group;
  std::string_view consumer;
  std::span<const std::string_view> keys;
  std::span<const std::string_view> ids;

  void Read(Context& context, Reader reader) {
    Args& args = context.args;
    while (!args.failed() && keys.empty()) {
      if (args.remaining() > 1 && ReadPlainOption(context)) continue;
      if (args.remaining() > 1 && args.Keyword("STREAMS")) {
        ReadStreams(context, reader);
      } else if (args.remaining() > 2 && args.Keyword("GROUP")) {
        if (reader == Reader::kAlone) args.Fail(kGroupNeedsReadGroup);
        group = args.Bytes();
        consumer = args.Bytes();
      } else if (args.Keyword("NOACK")) {
        if (reader == Reader::kAlone) args.Fail(kNoAckNeedsReadGroup);
        acknowledged = true;
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
    if (reader == Reader::kInGroup && !group) args.Fail(kGroupMissing);
  }

 private:
  bool ReadPlainOption(Context& context) {
    Args& args = context.args;
    if (args.Keyword("BLOCK")) {
      if (context.client.in_script) {
        args.Fail(CommandError(command::Concat(
            {"ERR ", args.words()[0], " command is not allowed with BLOCK option from scripts"})));
      }
      block = ReadBlock(context);
    } else if (args.Keyword("COUNT")) {
      const int64_t number = args.Integer();
      count = number < 0 ? 0 : static_cast<uint64_t>(number);
    } else {
      return false;
    }
    return true;
  }

  // Whole milliseconds; 0 is for ever.
  static absl::Duration ReadBlock(Context& context) {
    constexpr int64_t kMinInteger = std::numeric_limits<int64_t>::min();
    const int64_t ms = context.args.Integer(kMinInteger, kMaxInteger, kTimeoutNotInteger);
    if (ms < 0) context.args.Fail(command::kTimeoutNegative);
    if (ms > kMaxInteger - NowInMs(context)) context.args.Fail(kTimeoutOutOfRange);
    return ms == 0 ? absl::InfiniteDuration() : absl::Milliseconds(ms);
  }

  void ReadStreams(Context& context, Reader reader) {
    Args& args = context.args;
    const auto words = args.Rest();
    if (words.size() % 2 != 0) {
      return args.Fail(CommandError(command::Concat(
          {"ERR Unbalanced '", context.command.name, "' list of streams: for each stream key an ID or '",
           reader == Reader::kInGroup ? kNeverDelivered : kFromNowOn, "' must be specified."})));
    }
    keys = words.first(words.size() / 2);
    ids = words.last(words.size() / 2);
  }
};

// One of the streams, opened.
struct Source {
  std::string_view key;
  Stream stream;
  StreamId after;                // what is read has a higher id
  bool never_delivered = false;  // ">"
};

// Opens all streams before anything is read or written; the first error if something is wrong.
std::optional<CommandError> Open(Context& context, const ReadWords& words, std::vector<Source>& sources) {
  sources.reserve(words.keys.size());
  for (size_t i = 0; i < words.keys.size(); ++i) {
    const std::string_view id = words.ids[i];
    Source& source = sources.emplace_back(Source{words.keys[i], Stream(context.keyspace, words.keys[i]), {}});
    if (source.stream.wrong_type()) return command::kWrongType;
    if (words.group && !StreamGroup::Find(source.stream, *words.group)) {
      return CommandError(
          command::Concat({"NOGROUP No such key '", command::UpToZero(source.key), "' or consumer group '",
                           command::UpToZero(*words.group), "' in XREADGROUP with GROUP option"}));
    }
    if (id == kFromNowOn) {
      if (words.group) return kFromNowOnInGroup;
      source.after = source.stream.head().last;
    } else if (id == kNeverDelivered) {
      if (!words.group) return kNeverDeliveredWithoutGroup;
      source.never_delivered = true;
    } else if (const auto parsed = ParseStreamId(id, {})) {
      source.after = parsed->id;
      source.never_delivered = words.group && parsed->id == storage::kHighestStreamId;
    } else {
      return kInvalidStreamId;
    }
  }
  return std::nullopt;
}

bool HasNews(const Stream& stream, const StreamId& after) {
  const std::optional<StreamId> last = stream.LastEntry();
  return last && *last > after;
}

StreamRange Behind(const StreamId& id) { return {id.Next().value_or(StreamId{}), storage::kHighestStreamId}; }

// Writes [key, [entry ...]] pairs, as a map in RESP3, as they come.
class Answer {
 public:
  explicit Answer(resp::ReplyWriter& reply) : reply_(reply), body_(bytes_, reply.protocol()) {}

  resp::ReplyWriter& Begin(std::string_view key) {
    ++streams_;
    if (body_.protocol() == resp::Protocol::kResp2) body_.Array(2);
    body_.Bulk(key);
    return body_;
  }
  [[nodiscard]] bool empty() const { return streams_ == 0; }
  void Finish() {
    reply_.protocol() == resp::Protocol::kResp2 ? reply_.Array(streams_) : reply_.Map(streams_);
    reply_.Raw(bytes_);
  }

 private:
  resp::ReplyWriter& reply_;
  std::string bytes_;
  resp::ReplyWriter body_;
  size_t streams_ = 0;
};

// Entries that no consumer of the group has been given.
void DeliverNews(const Source& source, StreamGroup& group, StreamConsumer& consumer, const ReadWords& words,
                 int64_t now, resp::ReplyWriter& reply) {
  std::string body;
  resp::ReplyWriter entries(body, reply.protocol());
  const uint64_t count = source.stream.Visit(Behind(group.last()), Direction::kForward, words.count,
                                             [&](const storage::StreamEntry& entry) {
                                               group.Advance(entry.id);
                                               WriteStreamEntry(entries, entry);
                                               if (words.acknowledged) return;
                                               group.Deliver(entry.id, {consumer.number, now, 1});
                                               consumer.active = now;
                                             });
  reply.Array(count);
  reply.Raw(body);
}

// What the consumer has pending, once more.
void DeliverHistory(const Source& source, StreamGroup& group, const StreamConsumer& consumer, uint64_t limit,
                    int64_t now, resp::ReplyWriter& reply) {
  std::string body;
  resp::ReplyWriter entries(body, reply.protocol());
  uint64_t count = 0;
  group.VisitPendingOf(consumer, Behind(source.after), [&](const StreamId& id, StreamDelivery delivery) {
    if (const auto entry = source.stream.Find(id)) {
      WriteStreamEntry(entries, *entry);
      group.Deliver(id, {delivery.consumer, now, delivery.count + 1});
    } else {
      entries.Array(2);
      WriteStreamId(entries, id);
      entries.NullArray();
    }
    ++count;
    return limit == 0 || count < limit;
  });
  reply.Array(count);
  reply.Raw(body);
}

void ReadInGroup(Context& context, const ReadWords& words, const Source& source, Answer& answer) {
  const int64_t now = NowInMs(context);
  // Opened one after the other: the same stream may be named twice.
  StreamGroup group = *StreamGroup::Find(source.stream, *words.group);
  StreamConsumer& consumer = SeenConsumer(context, source.key, group, words.consumer);
  if (!source.never_delivered) {
    DeliverHistory(source, group, consumer, words.count, now, answer.Begin(source.key));
  } else if (HasNews(source.stream, group.last())) {
    DeliverNews(source, group, consumer, words, now, answer.Begin(source.key));
  }
  group.Save();
}

// The request to run again: "$" means what is the last id now.
std::vector<std::string> Fixed(Context& context, const ReadWords& words, const std::vector<Source>& sources) {
  const auto all = context.args.words();
  std::vector<std::string> fixed(all.begin(), all.end());
  const size_t first_id = all.size() - words.ids.size();
  for (size_t i = 0; i < words.ids.size(); ++i) {
    if (words.ids[i] == kFromNowOn) fixed[first_id + i] = StreamIdText(sources[i].after);
  }
  return fixed;
}

template <Reader kReader>
Outcome Read(Context& context) {
  ReadWords words;
  words.Read(context, kReader);
  if (auto error = context.args.Finish()) return *error;
  std::vector<Source> sources;
  if (auto error = Open(context, words, sources)) return *error;

  Answer answer(context.reply);
  for (const Source& source : sources) {
    if (kReader == Reader::kInGroup) {
      ReadInGroup(context, words, source, answer);
    } else if (HasNews(source.stream, source.after)) {
      WriteStreamEntries(answer.Begin(source.key), source.stream, Behind(source.after), Direction::kForward,
                         words.count);
    }
  }
  if (!answer.empty()) {
    answer.Finish();
  } else if (words.block) {
    return Wait{.keys = {words.keys.begin(), words.keys.end()},
                .type = storage::ValueType::kStream,
                .deadline = context.now() + *words.block,
                .on_timeout = Wait::Reply::kNullArray,
                .when_gone = kReader == Reader::kInGroup,
                .request = Fixed(context, words, sources)};
  } else {
    context.reply.NullArray();
  }
  return Done{};
}

constexpr std::string_view kGroup = "stream";
constexpr std::string_view kCost =
    "O(log(N)+M) for each stream, with M being the number of entries returned.";

constexpr Command kStreamReadCommands[] = {
    {"xread", "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
     Flag::kReadOnly | Flag::kBlocking | Flag::kMovableKeys, kGroup, "5.0.0", kCost,
     "Reads the entries of streams behind given ids, waiting for one if need be.", Read<Reader::kAlone>},
    {"xreadgroup",
     "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]",
     Flag::kWrite | Flag::kBlocking | Flag::kMovableKeys | Flag::kBookkeeping, kGroup, "5.0.0", kCost,
     "Gives a consumer entries that its group has not read yet, or what it has pending.",
     Read<Reader::kInGroup>, "RO access"},
};

}  // namespace

Family StreamReadCommands() { return kStreamReadCommands; }

}  // namespace holdfast::server::commands
