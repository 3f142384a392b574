#include <algorithm>
#include <string>

#include "server/command/client_line.h"
#include "server/command/context.h"
#include "server/command/help.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "server/commands/client_kill.h"
#include "server/commands/client_name.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kBadUnblockReason("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
const CommandError kPauseNotInteger("ERR timeout is not an integer or out of range");
const CommandError kBadPauseMode("ERR CLIENT PAUSE mode must be WRITE or ALL");
const CommandError kTimeoutTooLarge("ERR timeout is out of range");
const CommandError kNoTracking("ERR CLIENT TRACKING is not supported by Holdfast");
const CommandError kNotTracking(
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode "
    "enabled");
const CommandError kBadClientId("ERR Invalid client ID");

Outcome SetName(Context& context) {
  const std::string_view name = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  if (auto error = CheckClientName(name)) return *error;
  context.client.name = name;
  context.reply.Ok();
  return Done{};
}

Outcome GetName(Context& context) {
  const std::string& name = context.client.name;
  name.empty() ? context.reply.Null() : context.reply.Bulk(name);
  return Done{};
}

Outcome SetInfo(Context& context) {
  const std::string_view option = context.args.Bytes();
  const std::string_view value = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  const bool is_name = EqualsIgnoreCase(option, "LIB-NAME");
  if (!is_name && !EqualsIgnoreCase(option, "LIB-VER")) {
    return CommandError(Concat({"ERR Unrecognized option '", command::UpToZero(option), "'"}));
  }
  if (!IsOneWord(value)) {
    return CommandError(
        Concat({"ERR ", Lower(option), " cannot contain spaces, newlines or special characters."}));
  }
  (is_name ? context.client.library_name : context.client.library_version) = value;
  context.reply.Ok();
  return Done{};
}

Outcome Id(Context& context) {
  context.reply.Integer(static_cast<int64_t>(context.client.id));
  return Done{};
}

// Only the asking client has a request running.
std::string LineOf(const Context& context, const Client& client) {
  const size_t request_bytes = client.id == context.client.id ? RequestBytes(context.args.words()) : 0;
  return ClientLine(client, context.now(), request_bytes);
}

Outcome Info(Context& context) {
  context.reply.Verbatim("txt", LineOf(context, context.client));
  return Done{};
}

Outcome ListByIds(Context& context) {
  std::string lines;
  while (!context.args.done()) {
    const int64_t id = context.args.Integer(INT64_MIN, INT64_MAX, kBadClientId);
    if (auto error = context.args.error()) return *error;
    const Client* client = context.services.clients().Find(static_cast<uint64_t>(id));
    if (client != nullptr) lines += LineOf(context, *client);
  }
  context.reply.Verbatim("txt", lines);
  return Done{};
}

Outcome List(Context& context) {
  ClientKind kind = ClientKind::kAny;
  if (context.args.remaining() >= 2 && context.args.Keyword("ID")) return ListByIds(context);
  if (context.args.remaining() == 2 && context.args.Keyword("TYPE")) kind = ReadClientKind(context.args);
  if (auto error = context.args.Finish()) return *error;
  std::string lines;
  context.services.clients().ForEach([&](const Client& client) {
    if (IsOfKind(client, kind)) lines += LineOf(context, client);
  });
  context.reply.Verbatim("txt", lines);
  return Done{};
}

Outcome Unblock(Context& context) {
  if (context.args.remaining() > 2) return command::WrongSubcommandArity(context.args.words());
  const int64_t id = context.args.Integer();
  auto how = Clients::Unblock::kTimeout;
  if (!context.args.done() && !context.args.Keyword("TIMEOUT")) {
    if (context.args.Keyword("ERROR")) {
      how = Clients::Unblock::kError;
    } else {
      return kBadUnblockReason;
    }
  }
  if (auto error = context.args.Finish()) return *error;
  const bool unblocked = context.services.clients().UnblockClient(static_cast<uint64_t>(id), how);
  context.reply.Integer(unblocked ? 1 : 0);
  return Done{};
}

// ON or OFF into one of the client's flags.
template <bool Client::*kFlag>
Outcome Switch(Context& context) {
  const bool on = context.args.Keyword("ON");
  if (!on && !context.args.Keyword("OFF")) return kSyntaxError;
  if (auto error = context.args.Finish()) return *error;
  context.client.*kFlag = on;
  context.reply.Ok();
  return Done{};
}

Outcome Pause(Context& context) {
  if (context.args.remaining() > 2) return WrongSubcommandArity(context.args.words());
  const int64_t milliseconds = context.args.Integer(INT64_MIN, INT64_MAX, kPauseNotInteger);
  auto what = Clients::Paused::kAll;
  if (!context.args.done() && !context.args.Keyword("ALL")) {
    if (!context.args.Keyword("WRITE")) return kBadPauseMode;
    what = Clients::Paused::kWrites;
  }
  if (auto error = context.args.Finish()) return *error;
  if (milliseconds < 0) return kTimeoutNegative;
  if (milliseconds > INT64_MAX - absl::ToUnixMillis(context.now())) return kTimeoutTooLarge;
  context.services.clients().Pause(what, context.now() + absl::Milliseconds(milliseconds));
  context.reply.Ok();
  return Done{};
}

Outcome Unpause(Context& context) {
  context.services.clients().Unpause();
  context.reply.Ok();
  return Done{};
}

Outcome GetRedirection(Context& context) {
  context.reply.Integer(-1);
  return Done{};
}

Outcome TrackingInfo(Context& context) {
  context.reply.Map(3);
  context.reply.Bulk("flags");
  context.reply.Set(1);
  context.reply.Bulk("off");
  context.reply.Bulk("redirect");
  context.reply.Integer(-1);
  context.reply.Bulk("prefixes");
  context.reply.Array(0);
  return Done{};
}

// Nothing tells clients what to forget of their caches; to switch that off is harmless.
Outcome Tracking(Context& context) {
  if (context.args.Keyword("OFF")) {
    context.reply.Ok();
    return Done{};
  }
  if (!context.args.Keyword("ON")) return kSyntaxError;
  return kNoTracking;
}

Outcome Caching(Context& context) {
  if (!context.args.Keyword("YES") && !context.args.Keyword("NO")) return kSyntaxError;
  return kNotTracking;
}

// Only ON answers; the engine drops the replies of the other two.
Outcome Reply(Context& context) {
  if (context.args.Keyword("ON")) {
    context.client.reply_mode = ReplyMode::kOn;
    context.reply.Ok();
  } else if (context.args.Keyword("OFF")) {
    context.client.reply_mode = ReplyMode::kOff;
  } else if (context.args.Keyword("SKIP")) {
    if (context.client.reply_mode != ReplyMode::kOff) context.client.reply_mode = ReplyMode::kSkipNext;
  } else {
    return kSyntaxError;
  }
  return Done{};
}

constexpr uint32_t kFlags = kNoScript | kLoading | kStale;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view complexity, std::string_view summary,
                        Handler run) {
  return {name, syntax, flags, "connection", since, complexity, summary, run};
}

constexpr Command kCommands[] = {
    Entry("client|setname", "connection-name", kFlags, "2.6.9", "O(1)", "Sets the connection name.",
          &SetName),
    Entry("client|getname", "", kFlags, "2.6.9", "O(1)", "Returns the name of the connection.", &GetName),
    Entry("client|setinfo", "<LIB-NAME libname | LIB-VER libver>", kFlags, "7.2.0", "O(1)",
          "Sets information specific to the client or connection.", &SetInfo),
    Entry("client|id", "", kFlags, "5.0.0", "O(1)", "Returns the unique client ID of the connection.", &Id),
    Entry("client|info", "", kFlags, "6.2.0", "O(1)", "Returns information about the connection.", &Info),
    Entry("client|list", "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
          kFlags | kAdmin, "2.4.0", "O(N) where N is the number of client connections",
          "Lists open connections.", &List),
    Entry("client|kill",
          "<ip:port | <ID | TYPE | USER | ADDR | LADDR | SKIPME> value> [<ID | TYPE | USER | ADDR | LADDR | "
          "SKIPME> value ...]",
          kFlags | kAdmin, "2.4.0", "O(N) where N is the number of client connections",
          "Terminates open connections.", &ClientKill),
    Entry("client|unblock", "client-id [TIMEOUT | ERROR]", kFlags | kAdmin, "5.0.0",
          "O(log N) where N is the number of client connections",
          "Unblocks a client blocked by a blocking command from a different connection.", &Unblock),
    Entry("client|pause", "timeout [WRITE | ALL]", kFlags | kAdmin, "3.0.0", "O(1)",
          "Suspends commands processing.", &Pause),
    Entry("client|unpause", "", kFlags | kAdmin, "6.2.0", "O(N) Where N is the number of paused clients",
          "Resumes processing commands from paused clients.", &Unpause),
    Entry("client|getredir", "", kFlags, "6.0.0", "O(1)",
          "Returns the client ID to which the connection's tracking notifications are redirected.",
          &GetRedirection),
    Entry("client|trackinginfo", "", kFlags, "6.2.0", "O(1)",
          "Returns information about server-assisted client-side caching for the connection.", &TrackingInfo),
    Entry("client|tracking",
          "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] "
          "[NOLOOP]",
          kFlags, "6.0.0", "O(1)", "Controls server-assisted client-side caching for the connection.",
          &Tracking),
    Entry("client|caching", "<YES | NO>", kFlags, "6.0.0", "O(1)",
          "Instructs the server whether to track the keys in the next request.", &Caching),
    Entry("client|no-evict", "<ON | OFF>", kFlags | kAdmin, "7.0.0", "O(1)",
          "Sets the client eviction mode of the connection.", &Switch<&Client::no_evict>),
    Entry("client|no-touch", "<ON | OFF>", kFlags, "7.2.0", "O(1)",
          "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
          &Switch<&Client::no_touch>),
    Entry("client|reply", "<ON | OFF | SKIP>", kFlags, "3.2.0", "O(1)",
          "Instructs the server whether to reply to commands.", &Reply),
};

}  // namespace

Family ClientCommands() { return kCommands; }

}  // namespace holdfast::server::commands
