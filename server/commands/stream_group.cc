#include "storage/stream_group.h"

#include <optional>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/families.h"
#include "server/commands/stream_words.h"

// XGROUP, and XACK.
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
using storage::EventClass;
using storage::Stream;
using storage::StreamConsumer;
using storage::StreamGroup;
using storage::StreamId;

const CommandError kEntriesReadNegative("ERR value for ENTRIESREAD must be positive or -1");
const CommandError kKeyMustExist(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the "
    "MKSTREAM "
    "option to create an empty stream automatically.");
const CommandError kGroupExists("BUSYGROUP Consumer Group name already exists");

// Every subcommand needs a stream.
std::optional<CommandError> Objection(const Stream& stream) {
  if (stream.wrong_type()) return kWrongType;
  if (!stream.exists()) return kKeyMustExist;
  return std::nullopt;
}

// XGROUP CREATE key group id MKSTREAM ENTRIESREAD entries
constexpr size_t kMostWords = 8;

// [MKSTREAM] [ENTRIESREAD entries-read]
struct GroupOptions {
  bool make_stream = false;
  std::optional<uint64_t> entries_read;

  // Nullopt, or what is wrong with them.
  std::optional<CommandError> Read(Context& context, bool creates) {
    Args& args = context.args;
    while (!args.done()) {
      if (creates && args.Keyword("MKSTREAM")) {
        make_stream = true;
      } else if (args.remaining() > 1 && args.Keyword("ENTRIESREAD")) {
        const int64_t entries = args.Integer();
        if (args.error()) return *args.error();
        if (entries < -1) return kEntriesReadNegative;
        entries_read = entries == -1 ? std::nullopt : std::optional(static_cast<uint64_t>(entries));
      } else {
        return command::WrongSubcommandArity(context.args.words());
      }
    }
    // Options that come twice.
    if (context.args.words().size() > kMostWords) return command::WrongSubcommandArity(context.args.words());
    return std::nullopt;
  }
};

// "$", or an id.
std::optional<StreamId> ReadLast(std::string_view word, const Stream& stream, bool ends) {
  if (word == "$") return stream.head().last;
  const auto parsed = ParseStreamId(word, {.missing_sequence = 0, .ends = ends, .open_sequence = false});
  if (!parsed) return std::nullopt;
  return parsed->id;
}

Outcome Create(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  const std::string_view id = context.args.Bytes();
  GroupOptions options;
  if (auto error = options.Read(context, true)) return *error;
  Stream stream(context.keyspace, key);
  const auto error = Objection(stream);
  if (error && !(options.make_stream && !stream.exists())) return *error;
  const std::optional<StreamId> last = ReadLast(id, stream, false);
  if (!last) return kInvalidStreamId;
  if (StreamGroup::Find(stream, name)) return kGroupExists;
  if (!stream.exists()) stream.Create();
  StreamGroup::Create(stream, name, *last, options.entries_read);
  context.keyspace.Notify(EventClass::kStream, "xgroup-create", key);
  context.reply.Ok();
  return Done{};
}

Outcome SetId(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  const std::string_view id = context.args.Bytes();
  GroupOptions options;
  if (auto error = options.Read(context, false)) return *error;
  const Stream stream(context.keyspace, key);
  if (auto error = Objection(stream)) return *error;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchStreamGroup(name, key);
  const std::optional<StreamId> last = ReadLast(id, stream, true);
  if (!last) return kInvalidStreamId;
  group->SetLast(*last);
  group->SetEntriesRead(options.entries_read);
  group->Save();
  context.keyspace.Notify(EventClass::kStream, "xgroup-setid", key);
  context.reply.Ok();
  return Done{};
}

Outcome Destroy(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  Stream stream(context.keyspace, key);
  if (auto error = Objection(stream)) return *error;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (group) {
    group->Destroy();
    stream.Wake();
    context.keyspace.Notify(EventClass::kStream, "xgroup-destroy", key);
  }
  context.reply.Integer(group ? 1 : 0);
  return Done{};
}

Outcome CreateConsumer(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  const std::string_view consumer = context.args.Bytes();
  const Stream stream(context.keyspace, key);
  if (auto error = Objection(stream)) return *error;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchStreamGroup(name, key);
  const bool absent = group->FindConsumer(consumer) == nullptr;
  if (absent) {
    group->AddConsumer(consumer, NowInMs(context));
    group->Save();
    context.keyspace.Notify(EventClass::kStream, kConsumerCreated, key);
  }
  context.reply.Integer(absent ? 1 : 0);
  return Done{};
}

Outcome DeleteConsumer(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view name = context.args.Bytes();
  const std::string_view consumer_name = context.args.Bytes();
  const Stream stream(context.keyspace, key);
  if (auto error = Objection(stream)) return *error;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, name);
  if (!group) return NoSuchStreamGroup(name, key);
  uint64_t pending = 0;
  if (const StreamConsumer* consumer = group->FindConsumer(consumer_name)) {
    pending = consumer->pending;
    group->RemoveConsumer(*consumer);
    group->Save();
    context.keyspace.Notify(EventClass::kStream, "xgroup-delconsumer", key);
  }
  context.reply.Integer(static_cast<int64_t>(pending));
  return Done{};
}

Outcome XAck(Context& context) {
  Args& args = context.args;
  const Stream stream(context.keyspace, args.Bytes());
  if (stream.wrong_type()) return kWrongType;
  std::optional<StreamGroup> group = StreamGroup::Find(stream, args.Bytes());
  if (!group) {
    context.reply.Integer(0);
    return Done{};
  }
  std::vector<StreamId> ids;
  while (!args.done() && !args.failed()) ids.push_back(ReadStreamIdWord(args));
  if (auto error = args.Finish()) return *error;
  int64_t acknowledged = 0;
  for (const StreamId& id : ids) acknowledged += group->Acknowledge(id) ? 1 : 0;
  if (acknowledged > 0) group->Save();
  context.reply.Integer(acknowledged);
  return Done{};
}

constexpr uint32_t kGrow = Flag::kWrite | Flag::kGrows | Flag::kBookkeeping;
constexpr std::string_view kGroup = "stream";

constexpr Command kStreamGroupCommands[] = {
    {"xack", "key group id [id ...]", Flag::kWrite | Flag::kFast, kGroup, "5.0.0",
     "O(log(N)) for each entry.",
     "Takes entries off a group's pending ones, for they are done, and tells how many there were.", XAck,
     "RW update"},
    {"xgroup|create", "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]", kGrow, kGroup, "5.0.0",
     "O(1)", "Creates a group of consumers that reads a stream from behind an id on.", Create, "RW insert"},
    {"xgroup|createconsumer", "key group consumer", kGrow, kGroup, "6.2.0", "O(1)",
     "Creates a consumer in a group.", CreateConsumer, "RW insert"},
    {"xgroup|delconsumer", "key group consumer", Flag::kWrite, kGroup, "5.0.0",
     "O(N) with N being the consumer's pending entries.",
     "Removes a consumer with its pending entries and tells how many these were.", DeleteConsumer,
     "RW delete"},
    {"xgroup|destroy", "key group", Flag::kWrite, kGroup, "5.0.0",
     "O(1); what belonged to the group is deleted later.", "Removes a group.", Destroy, "RW delete"},
    {"xgroup|setid", "key group <id | $> [ENTRIESREAD entries-read]", Flag::kWrite, kGroup, "5.0.0", "O(1)",
     "Lets a group go on behind another id.", SetId, "RW update"},
};

}  // namespace

Family StreamGroupCommands() { return kStreamGroupCommands; }

}  // namespace holdfast::server::commands
