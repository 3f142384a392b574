#include "server/commands/stream_words.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::server::commands {

using command::Args;
using command::CommandError;
using storage::StreamId;

const CommandError kInvalidStreamId("ERR Invalid stream ID specified as stream command argument");

namespace {

const CommandError kInvalidStart("ERR invalid start ID for the interval");
const CommandError kInvalidEnd("ERR invalid end ID for the interval");

constexpr size_t kLongestId = 127;

// As Redis does: a number in its plain form, or whatever strtoull takes (leading zeros, spaces and signs).
std::optional<uint64_t> ParseUnsigned(std::string_view word) {
  if (const auto integer = resp::ParseInteger(word)) {
    if (*integer < 0) return std::nullopt;
    return static_cast<uint64_t>(*integer);
  }
  const std::string text(word);
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text.c_str(), &end, 10);
  if (errno != 0 || text.empty() || *end != '\0') return std::nullopt;
  return value;
}

StreamId ReadRangeEdge(Args& args, uint64_t missing_sequence, bool& exclusive) {
  std::string_view word = args.Bytes();
  if (args.failed()) return {};
  exclusive = word.size() > 1 && word[0] == '(';
  if (exclusive) word.remove_prefix(1);
  const auto parsed =
      ParseStreamId(word, {.missing_sequence = missing_sequence, .ends = !exclusive, .open_sequence = false});
  if (!parsed) args.Fail(kInvalidStreamId);
  return parsed ? parsed->id : StreamId{};
}

}  // namespace

std::optional<StreamIdWord> ParseStreamId(std::string_view word, const StreamIdForms& forms) {
  if (word.size() > kLongestId) return std::nullopt;
  // Redis reads it as a C string.
  word = command::UpToZero(word);
  if (forms.ends && word == "-") return StreamIdWord{};
  if (forms.ends && word == "+") return StreamIdWord{storage::kHighestStreamId, false};
  const size_t dash = word.find('-');
  const std::optional<uint64_t> ms = ParseUnsigned(word.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == std::string_view::npos) return StreamIdWord{{*ms, forms.missing_sequence}, false};
  const std::string_view rest = word.substr(dash + 1);
  if (forms.open_sequence && rest == "*") return StreamIdWord{{*ms, 0}, true};
  const std::optional<uint64_t> sequence = ParseUnsigned(rest);
  if (!sequence) return std::nullopt;
  return StreamIdWord{{*ms, *sequence}, false};
}

StreamId ReadStreamIdWord(Args& args) {
  const std::string_view word = args.Bytes();
  if (args.failed()) return {};
  const auto parsed = ParseStreamId(word, {});
  if (!parsed) args.Fail(kInvalidStreamId);
  return parsed ? parsed->id : StreamId{};
}

StreamId ReadRangeStart(Args& args) {
  bool exclusive = false;
  const StreamId id = ReadRangeEdge(args, 0, exclusive);
  if (!exclusive) return id;
  const std::optional<StreamId> next = id.Next();
  if (!next) args.Fail(kInvalidStart);
  return next.value_or(id);
}

StreamId ReadRangeEnd(Args& args) {
  bool exclusive = false;
  const StreamId id = ReadRangeEdge(args, UINT64_MAX, exclusive);
  if (!exclusive) return id;
  const std::optional<StreamId> previous = id.Previous();
  if (!previous) args.Fail(kInvalidEnd);
  return previous.value_or(id);
}

std::string StreamIdText(const StreamId& id) {
  return command::Concat({std::to_string(id.ms), "-", std::to_string(id.sequence)});
}

void WriteStreamId(resp::ReplyWriter& reply, const StreamId& id) { reply.Bulk(StreamIdText(id)); }

void WriteStreamEntry(resp::ReplyWriter& reply, const storage::StreamEntry& entry) {
  reply.Array(2);
  WriteStreamId(reply, entry.id);
  reply.Array(entry.fields.size());
  for (const std::string_view word : entry.fields) reply.Bulk(word);
}

uint64_t WriteStreamEntries(resp::ReplyWriter& reply, const storage::Stream& stream,
                            const storage::StreamRange& range, storage::Direction direction, uint64_t limit) {
  std::string body;
  resp::ReplyWriter entries(body, reply.protocol());
  const uint64_t count = stream.Visit(
      range, direction, limit, [&](const storage::StreamEntry& entry) { WriteStreamEntry(entries, entry); });
  reply.Array(count);
  reply.Raw(body);
  return count;
}

storage::StreamConsumer& SeenConsumer(command::Context& context, std::string_view key,
                                      storage::StreamGroup& group, std::string_view name) {
  const int64_t now = NowInMs(context);
  storage::StreamConsumer* consumer = group.FindConsumer(name);
  if (consumer == nullptr) {
    consumer = &group.AddConsumer(name, now);
    context.keyspace.Notify(storage::EventClass::kStream, kConsumerCreated, key);
  }
  consumer->seen = now;
  return *consumer;
}

int64_t NowInMs(const command::Context& context) { return absl::ToUnixMillis(context.now()); }

CommandError NoSuchStreamGroup(std::string_view group, std::string_view key) {
  return CommandError(command::Concat({"NOGROUP No such consumer group '", command::UpToZero(group),
                                       "' for key name '", command::UpToZero(key), "'"}));
}

}  // namespace holdfast::server::commands
