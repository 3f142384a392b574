#include "storage/stream.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/stream_words.h"

// The entries of streams: appending, reading ranges, removing.
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
using storage::Direction;
using storage::EventClass;
using storage::Stream;
using storage::StreamId;
using storage::StreamRange;
using storage::StreamTrim;

// A rough trim without a LIMIT takes at most this many nodes.
constexpr uint64_t kMostNodes = 100;
constexpr uint64_t kUnboundedNodesLimit = 10'000;
constexpr uint64_t kMostLimit = 1'000'000;

const CommandError kTwoStrategies(
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
const CommandError kMaxLenNegative("ERR The MAXLEN argument must be >= 0.");
const CommandError kLimitNegative("ERR The LIMIT argument must be >= 0.");
const CommandError kLimitWithoutStrategy(
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
const CommandError kNoStrategy("ERR syntax error, XTRIM must be called with a trimming strategy");
const CommandError kLimitWithoutTilde("ERR syntax error, LIMIT cannot be used without the special ~ option");
const CommandError kIdZero("ERR The ID specified in XADD must be greater than 0-0");
const CommandError kIdNotHigher(
    "ERR The ID specified in XADD is equal or smaller than the target stream top item");
const CommandError kExhausted("ERR The stream has exhausted the last possible ID, unable to add more items");
const CommandError kAddedNegative("ERR entries_added must be positive");
const CommandError kIdBelowGivenDeleted(
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
const CommandError kIdBelowDeleted(
    "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
const CommandError kIdBelowTop("ERR The ID specified in XSETID is smaller than the target stream top item");
const CommandError kAddedBelowLength(
    "ERR The entries_added specified in XSETID is smaller than the target stream length");

// [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]], the words of XADD and XTRIM, in any order.
class TrimWords {
 public:
  enum class Need { kOptional, kRequired };

  // Takes one option; false if the next word is none.
  bool Read(Args& args) {
    if (args.failed() || args.remaining() < 2) return false;
    if (args.Keyword("MAXLEN")) {
      ReadStrategy(args);
      trim_.max_length = static_cast<uint64_t>(args.Integer());
      if (!args.failed() && static_cast<int64_t>(*trim_.max_length) < 0) args.Fail(kMaxLenNegative);
    } else if (args.Keyword("MINID")) {
      ReadStrategy(args);
      trim_.min_id = ReadStreamIdWord(args);
    } else if (args.Keyword("LIMIT")) {
      const int64_t limit = args.Integer();
      if (!args.failed() && limit < 0) args.Fail(kLimitNegative);
      limit_ = static_cast<uint64_t>(limit);
    } else {
      return false;
    }
    return true;
  }

  // Whether the options go together; also fixes the limit.
  void Check(Args& args, const storage::InlineLimits& limits, Need need) {
    if (limit_.value_or(0) > 0 && !given_) args.Fail(kLimitWithoutStrategy);
    if (need == Need::kRequired && !given_) args.Fail(kNoStrategy);
    if (limit_ && !trim_.rough) args.Fail(kLimitWithoutTilde);
    trim_.limit = limit_.value_or(trim_.rough ? DefaultLimit(limits) : 0);
  }

  [[nodiscard]] bool given() const { return given_; }
  [[nodiscard]] const StreamTrim& trim() const { return trim_; }

 private:
  void ReadStrategy(Args& args) {
    if (given_) args.Fail(kTwoStrategies);
    given_ = true;
    trim_.rough = false;
    if (args.remaining() < 2) return;
    if (args.Keyword("~")) {
      trim_.rough = true;
    } else {
      args.Keyword("=");
    }
  }

  static uint64_t DefaultLimit(const storage::InlineLimits& limits) {
    if (limits.stream_node_max_entries == 0) return kUnboundedNodesLimit;
    return std::min(kMostLimit / kMostNodes, limits.stream_node_max_entries) * kMostNodes;
  }

  StreamTrim trim_;
  std::optional<uint64_t> limit_;
  bool given_ = false;
};

// Nullopt where no id above the stream's last one fits `wanted` (nullopt: "*").
std::optional<StreamId> ChooseId(const StreamId& last, const std::optional<StreamIdWord>& wanted,
                                 int64_t now) {
  if (!wanted) {
    const StreamId id{static_cast<uint64_t>(now), 0};
    return id.ms > last.ms ? id : last.Next();
  }
  StreamId id = wanted->id;
  if (wanted->open_sequence && id.ms == last.ms) {
    if (last.sequence == UINT64_MAX) return std::nullopt;
    id.sequence = last.sequence + 1;
  }
  if (id <= last) return std::nullopt;
  return id;
}

struct AddWords {
  bool create = true;
  TrimWords trim;
  std::optional<StreamIdWord> id;  // nullopt: "*"
  std::span<const std::string_view> fields;

  void Read(Args& args, const storage::InlineLimits& limits) {
    while (!args.failed() && args.peek() != "*") {
      if (args.Keyword("NOMKSTREAM")) {
        create = false;
      } else if (!trim.Read(args)) {
        break;
      }
    }
    if (!args.failed() && args.done()) args.Fail(command::WrongArity("xadd"));
    const std::string_view word = args.Bytes();
    if (word != "*") {
      id = ParseStreamId(word, {.missing_sequence = 0, .ends = false, .open_sequence = true});
      if (!id) args.Fail(kInvalidStreamId);
    }
    if (!args.failed()) trim.Check(args, limits, TrimWords::Need::kOptional);
    fields = args.Rest();
    if (fields.size() < 2 || fields.size() % 2 == 1) args.Fail(command::WrongArity("xadd"));
    if (id && !id->open_sequence && id->id.is_zero()) args.Fail(kIdZero);
  }
};

Outcome XAdd(Context& context) {
  const std::string_view key = context.args.Bytes();
  AddWords words;
  words.Read(context.args, context.transaction().limits());
  if (auto error = context.args.Finish()) return *error;

  Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  if (!stream.exists() && !words.create) {
    context.reply.Null();
    return Done{};
  }
  const StreamId last = stream.head().last;
  if (last == storage::kHighestStreamId) return kExhausted;
  const std::optional<StreamId> id = ChooseId(last, words.id, NowInMs(context));
  if (!id) return kIdNotHigher;
  stream.Append(*id, words.fields);
  context.keyspace.Notify(EventClass::kStream, "xadd", key);
  if (words.trim.given() && stream.Trim(words.trim.trim()) > 0) {
    context.keyspace.Notify(EventClass::kStream, "xtrim", key);
  }
  WriteStreamId(context.reply, *id);
  return Done{};
}

Outcome XTrim(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  TrimWords trim;
  while (trim.Read(args)) {
  }
  if (!args.failed() && !args.done()) return command::kSyntaxError;
  if (!args.failed()) trim.Check(args, context.transaction().limits(), TrimWords::Need::kRequired);
  if (auto error = args.Finish()) return *error;
  Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  const uint64_t cut = stream.Trim(trim.trim());
  if (cut > 0) context.keyspace.Notify(EventClass::kStream, "xtrim", key);
  context.reply.Integer(static_cast<int64_t>(cut));
  return Done{};
}

Outcome XLen(Context& context) {
  const Stream stream(context.keyspace, context.args.Bytes());
  if (stream.wrong_type()) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(stream.size()));
  return Done{};
}

template <Direction kDirection>
Outcome Range(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  const auto edges = args.Take(2);
  // The start is looked at first, wherever it stands.
  constexpr size_t kStart = kDirection == Direction::kForward ? 0 : 1;
  Args start(edges.subspan(kStart, 1), 0);
  Args end(edges.subspan(1 - kStart, 1), 0);
  const StreamRange range{ReadRangeStart(start), ReadRangeEnd(end)};
  for (const Args* edge : {&start, &end}) {
    if (edge->error()) return *edge->error();
  }
  std::optional<int64_t> count;
  while (!args.done() && !args.failed()) {
    if (args.remaining() < 2 || !args.Keyword("COUNT")) return command::kSyntaxError;
    count = args.Integer();
  }
  if (auto error = args.Finish()) return *error;
  const Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  if (stream.exists() && count && *count <= 0) {
    context.reply.NullArray();
    return Done{};
  }
  WriteStreamEntries(context.reply, stream, range, kDirection, static_cast<uint64_t>(count.value_or(0)));
  return Done{};
}

Outcome XDel(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  if (!stream.exists()) {
    context.reply.Integer(0);
    return Done{};
  }
  std::vector<StreamId> ids;
  while (!args.done() && !args.failed()) ids.push_back(ReadStreamIdWord(args));
  if (auto error = args.Finish()) return *error;
  const uint64_t erased = stream.Erase(ids);
  if (erased > 0) context.keyspace.Notify(EventClass::kStream, "xdel", key);
  context.reply.Integer(static_cast<int64_t>(erased));
  return Done{};
}

struct SetIdWords {
  StreamId id;
  std::optional<uint64_t> added;
  StreamId max_deleted;

  void Read(Args& args) {
    id = ReadStreamIdWord(args);
    while (!args.done() && !args.failed()) {
      if (args.remaining() > 1 && args.Keyword("ENTRIESADDED")) {
        const int64_t entries = args.Integer();
        if (!args.failed() && entries < 0) args.Fail(kAddedNegative);
        added = static_cast<uint64_t>(entries);
      } else if (args.remaining() > 1 && args.Keyword("MAXDELETEDID")) {
        max_deleted = ReadStreamIdWord(args);
        if (!args.failed() && id < max_deleted) args.Fail(kIdBelowGivenDeleted);
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
  }
};

Outcome XSetId(Context& context) {
  const std::string_view key = context.args.Bytes();
  SetIdWords words;
  words.Read(context.args);
  if (auto error = context.args.Finish()) return *error;
  Stream stream(context.keyspace, key);
  if (stream.wrong_type()) return kWrongType;
  if (!stream.exists()) return command::kNoSuchKey;
  if (words.id < stream.head().max_deleted) return kIdBelowDeleted;
  if (const std::optional<StreamId> top = stream.LastEntry()) {
    if (words.id < *top) return kIdBelowTop;
    if (words.added && *words.added < stream.size()) return kAddedBelowLength;
  }
  stream.Remember(words.id, words.added, words.max_deleted);
  context.keyspace.Notify(EventClass::kStream, "xsetid", key);
  context.reply.Ok();
  return Done{};
}

constexpr uint32_t kWriteFast = Flag::kWrite | Flag::kFast;
constexpr uint32_t kGrowFast = Flag::kWrite | Flag::kGrows | Flag::kFast;
constexpr std::string_view kGroup = "stream";
constexpr std::string_view kRangeCost = "O(log(N)+M) with M being the number of entries returned.";

constexpr Command kStreamCommands[] = {
    {"xadd",
     "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value "
     "...]",
     kGrowFast, kGroup, "5.0.0",
     "O(log(N)), and O(M) when trimming, with M being the number of entries cut off.",
     "Appends an entry to a stream.", XAdd, "RW update"},
    {"xdel", "key id [id ...]", kWriteFast, kGroup, "5.0.0", "O(log(N)) for each entry.",
     "Removes entries of a stream and tells how many there were.", XDel, "RW delete"},
    {"xlen", "key", Flag::kReadOnly | Flag::kFast, kGroup, "5.0.0", "O(1)",
     "Tells how many entries a stream has.", XLen, "RO"},
    {"xrange", "key start end [COUNT count]", Flag::kReadOnly, kGroup, "5.0.0", kRangeCost,
     "Reads the entries of a stream between two ids.", Range<Direction::kForward>},
    {"xrevrange", "key end start [COUNT count]", Flag::kReadOnly, kGroup, "5.0.0", kRangeCost,
     "Reads the entries of a stream between two ids, the highest first.", Range<Direction::kReverse>},
    {"xsetid", "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]", kGrowFast, kGroup,
     "5.0.0", "O(1)", "Sets what a stream remembers of its past: for those who copy streams.", XSetId,
     "RW update"},
    {"xtrim", "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]", Flag::kWrite, kGroup, "5.0.0",
     "O(M) with M being the number of entries cut off.",
     "Cuts off entries at a stream's beginning and tells how many.", XTrim, "RW delete"},
};

}  // namespace

Family StreamCommands() { return kStreamCommands; }

}  // namespace holdfast::server::commands
