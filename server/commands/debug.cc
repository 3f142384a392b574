#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "server/command/context.h"
#include "server/command/glob.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "server/commands/dataset_digest.h"
#include "server/commands/families.h"
#include "server/commands/object_encoding.h"
#include "storage/keyspace.h"

// The harmless parts of DEBUG, for test suites.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNotAllowed(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it "
    "from a local connection, otherwise you need to set this option in the configuration file, and then "
    "restart the server.");
const CommandError kNoResp2("ERR RESP2 is not supported by this command");
const CommandError kUnknownType(
    "ERR Wrong protocol type name. Please use one of the following: "
    "string|integer|double|null|array|set|map|attrib|push|verbatim|true|false");

bool IsLocal(const Client& client) {
  return client.unix_socket || client.address.starts_with("127.") || client.address.starts_with("[::1]") ||
         client.address.starts_with("::1");
}

bool MayDebug(Context& context) {
  const std::string_view names[] = {"enable-debug-command"};
  const auto found = context.services.settings().Get(names);
  const std::string who = found.empty() ? "no" : found.front().second;
  return who == "yes" || (who == "local" && IsLocal(context.client));
}

template <Handler kRun>
Outcome IfAllowed(Context& context) {
  if (!MayDebug(context)) return kNotAllowed;
  return kRun(context);
}

Outcome Sleep(Context& context) {
  const double seconds = context.args.Double();
  if (auto error = context.args.Finish()) return *error;
  context.services.control().Sleep(absl::Seconds(seconds));
  context.reply.Ok();
  return Done{};
}

Outcome SetActiveExpire(Context& context) {
  const int64_t on = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  context.services.control().SetActiveExpiry(on != 0);
  context.reply.Ok();
  return Done{};
}

// What has no meaning here is accepted.
Outcome Accept(Context& context) {
  context.reply.Ok();
  return Done{};
}

// Everything is on disk and is read from there already: a checkpoint is what comes nearest.
Outcome Reload(Context& context) {
  const absl::Status saved = context.services.control().Save();
  saved.ok() ? context.reply.Ok() : context.reply.Error("ERR " + std::string(saved.message()));
  return Done{};
}

Outcome Object(Context& context) {
  const auto entry = context.keyspace.Find(context.args.Bytes());
  if (!entry) return kNoSuchKey;
  const std::string_view encoding = EncodingName(*entry, context.transaction().limits());
  std::string text =
      Concat({"Value at:0x", std::to_string(entry->id), " refcount:", std::to_string(ReferenceCount(*entry)),
              " encoding:", encoding, " serializedlength:", std::to_string(entry->bytes),
              " lru:0 lru_seconds_idle:0"});
  if (entry->type == storage::ValueType::kList) {
    text +=
        Concat({" ql_nodes:1 ql_avg_node:", std::to_string(entry->count),
                ".00 ql_listpack_max:", std::to_string(context.transaction().limits().list_max_listpack_size),
                " ql_compressed:0 ql_uncompressed_size:", std::to_string(entry->bytes)});
  }
  context.reply.SimpleString(text);
  return Done{};
}

Outcome RequireKey(Context& context) {
  if (!context.keyspace.Find(context.args.Bytes())) return kNoSuchKey;
  context.reply.Ok();
  return Done{};
}

Outcome StringMatchLength(Context& context) {
  const int64_t length = context.args.Integer(0, 1 << 26);
  const std::string_view pattern = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  context.reply.Integer(GlobMatches(pattern, std::string(static_cast<size_t>(length), 'x')) ? 1 : 0);
  return Done{};
}

Outcome ChangeReplicationId(Context& context) {
  context.services.control().ChangeReplicationId();
  context.reply.Ok();
  return Done{};
}

Outcome Digest(Context& context) {
  context.reply.SimpleString(DigestText(DigestOfAll(context.transaction())));
  return Done{};
}

Outcome DigestValue(Context& context) {
  const auto keys = context.args.Rest();
  context.reply.Array(keys.size());
  for (const std::string_view key : keys) {
    context.reply.SimpleString(DigestText(DigestOfValue(context.keyspace, key)));
  }
  return Done{};
}

Outcome Error(Context& context) { return CommandError(std::string(context.args.Bytes())); }

void WriteNumbers(resp::ReplyWriter& reply) {
  for (int i = 0; i < 3; ++i) reply.Integer(i);
}

void WriteMap(resp::ReplyWriter& reply) {
  reply.Map(3);
  for (int i = 0; i < 3; ++i) {
    reply.Integer(i);
    reply.Boolean(i == 1);
  }
}

void WriteAttribute(Context& context) {
  if (context.client.protocol == resp::Protocol::kResp3) {
    context.reply.Raw("|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n");
  }
  context.reply.Bulk("Some real reply following the attribute");
}

void WritePush(resp::ReplyWriter& reply) {
  reply.Push(2);
  reply.Bulk("server-cpu-usage");
  reply.Integer(42);
  reply.Bulk("Some real reply following the push reply");
}

struct Sample {
  std::string_view type;
  void (*write)(Context& context);
};

constexpr Sample kSamples[] = {
    {"string", [](Context& context) { context.reply.Bulk("Hello World"); }},
    {"integer", [](Context& context) { context.reply.Integer(12345); }},
    {"double", [](Context& context) { context.reply.Double(3.141); }},
    {"null", [](Context& context) { context.reply.Null(); }},
    {"array", [](Context& context) { context.reply.Array(3), WriteNumbers(context.reply); }},
    {"set", [](Context& context) { context.reply.Set(3), WriteNumbers(context.reply); }},
    {"map", [](Context& context) { WriteMap(context.reply); }},
    {"attrib", WriteAttribute},
    {"push", [](Context& context) { WritePush(context.reply); }},
    {"verbatim", [](Context& context) { context.reply.Verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](Context& context) { context.reply.Boolean(true); }},
    {"false", [](Context& context) { context.reply.Boolean(false); }},
    {"bignum", [](Context& context) { context.reply.BigNumber("1234567999999999999999999999999999999"); }},
};

Outcome ShowProtocol(Context& context) {
  const std::string_view type = context.args.Bytes();
  const bool resp2 = context.client.protocol == resp::Protocol::kResp2;
  if (resp2 && EqualsIgnoreCase(type, "push")) return kNoResp2;
  for (const Sample& sample : kSamples) {
    if (!EqualsIgnoreCase(sample.type, type)) continue;
    sample.write(context);
    return Done{};
  }
  return kUnknownType;
}

constexpr uint32_t kFlags = kAdmin | kNoScript | kLoading | kStale;

constexpr Command Entry(std::string_view name, std::string_view syntax, std::string_view summary,
                        Handler run) {
  return {name, syntax, kFlags, "server", "1.0.0", "O(1)", summary, run};
}

constexpr Command kCommands[] = {
    Entry("debug|sleep", "seconds", "Stops the server for a while.", &IfAllowed<&Sleep>),
    Entry("debug|set-active-expire", "flag", "Switches the removal of expired keys that nobody asks for.",
          &IfAllowed<&SetActiveExpire>),
    Entry("debug|object", "name [fast]", "Shows how a key's value is held.", &IfAllowed<&Object>),
    Entry("debug|reload", "[option [option ...]]", "Checkpoints: what is on disk is what is read.",
          &IfAllowed<&Reload>),
    Entry("debug|loadaof", "", "Checkpoints: what is on disk is what is read.", &IfAllowed<&Reload>),
    Entry("debug|stringmatch-len", "length glob", "Matches a glob with a string of that length.",
          &IfAllowed<&StringMatchLength>),
    Entry("debug|quicklist-packed-threshold", "size", "Accepted: lists have no nodes.", &IfAllowed<&Accept>),
    Entry("debug|dict-resizing", "flag", "Accepted: there are no hash tables.", &IfAllowed<&Accept>),
    Entry("debug|set-disable-deny-scripts", "flag", "Accepted without effect.", &IfAllowed<&Accept>),
    Entry("debug|pause-cron", "flag", "Accepted without effect.", &IfAllowed<&Accept>),
    Entry("debug|log", "message", "Accepted without effect.", &IfAllowed<&Accept>),
    Entry("debug|replybuffer", "option value", "Accepted without effect.", &IfAllowed<&Accept>),
    Entry("debug|change-repl-id", "", "Makes a new master_replid.", &IfAllowed<&ChangeReplicationId>),
    Entry("debug|digest", "", "Hashes the whole dataset.", &IfAllowed<&Digest>),
    Entry("debug|digest-value", "name [name ...]", "Hashes the values of keys.", &IfAllowed<&DigestValue>),
    Entry("debug|listpack", "name", "Accepted: shows nothing.", &IfAllowed<&RequireKey>),
    Entry("debug|ziplist", "name", "Accepted: shows nothing.", &IfAllowed<&RequireKey>),
    Entry("debug|error", "text", "Answers with that error.", &IfAllowed<&Error>),
    Entry("debug|protocol", "type", "Answers with a reply of that type.", &IfAllowed<&ShowProtocol>),
};

}  // namespace

Family DebugCommands() { return kCommands; }

}  // namespace holdfast::server::commands
