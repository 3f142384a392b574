#include "server/command/acl_user.h"
#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "server/commands/client_name.h"
#include "server/commands/database_number.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNoProtocol("NOPROTO unsupported protocol version");
const CommandError kNotProtocolNumber("ERR Protocol version is not an integer or out of range");
const CommandError kWrongPassword("WRONGPASS invalid username-password pair or user is disabled.");
const CommandError kNoPasswordSet(
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
    "configuration is correct?");
const CommandError kHelloNeedsAuth(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH "
    "<user> <pass> option can be used to authenticate the client and select the RESP protocol version at the "
    "same time");

std::optional<CommandError> Authenticate(Context& context, std::string_view user, std::string_view password) {
  Acl& acl = context.services.acl();
  if (!acl.LogIn(context.client, user, password, context.args.words().front())) return kWrongPassword;
  return std::nullopt;
}

Outcome Auth(Context& context) {
  const auto words = context.args.Rest();
  if (words.size() > 2) return kSyntaxError;
  const AclUser* default_user = context.services.acl().Find("default");
  if (words.size() == 1 && !default_user->needs_password()) return kNoPasswordSet;
  const std::string_view user = words.size() == 2 ? words[0] : default_user->name();
  if (auto error = Authenticate(context, user, words.back())) return *error;
  context.reply.Ok();
  return Done{};
}

void WriteGreeting(Context& context) {
  resp::ReplyWriter& reply = context.reply;
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk("7.2.4");
  reply.Bulk("proto");
  reply.Integer(static_cast<int64_t>(context.client.protocol));
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(context.client.id));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

struct HelloOptions {
  std::optional<int64_t> protocol;
  std::optional<std::pair<std::string_view, std::string_view>> login;
  std::optional<std::string_view> name;
};

std::optional<CommandError> ReadHello(Args& args, HelloOptions& options) {
  if (args.done()) return std::nullopt;
  const int64_t protocol = args.Integer(INT64_MIN, INT64_MAX, kNotProtocolNumber);
  if (args.failed()) return args.error();
  if (protocol != 2 && protocol != 3) return kNoProtocol;
  options.protocol = protocol;
  while (!args.done()) {
    const std::string_view word = args.peek();
    if (args.remaining() >= 3 && args.Keyword("AUTH")) {
      const std::string_view user = args.Bytes();
      options.login = {user, args.Bytes()};
    } else if (args.remaining() >= 2 && args.Keyword("SETNAME")) {
      options.name = args.Bytes();
      if (auto error = CheckClientName(*options.name)) return error;
    } else {
      return CommandError(Concat({"ERR Syntax error in HELLO option '", command::UpToZero(word), "'"}));
    }
  }
  return std::nullopt;
}

Outcome Hello(Context& context) {
  HelloOptions options;
  if (auto error = ReadHello(context.args, options)) return *error;
  if (options.login) {
    if (auto error = Authenticate(context, options.login->first, options.login->second)) return *error;
  }
  if (!context.client.authenticated && context.services.acl().needs_login()) {
    return kHelloNeedsAuth;
  }
  if (options.name) context.client.name = *options.name;
  if (options.protocol) context.client.protocol = static_cast<resp::Protocol>(*options.protocol);
  context.reply.set_protocol(context.client.protocol);
  WriteGreeting(context);
  return Done{};
}

Outcome Select(Context& context) {
  const int database = ReadDatabase(context.args);
  if (auto error = context.args.Finish()) return *error;
  context.client.database = database;
  context.reply.Ok();
  return Done{};
}

// A RESP2 connection with subscriptions takes every reply for a message.
Outcome Ping(Context& context) {
  const auto words = context.args.Rest();
  if (words.size() > 1) return WrongArity("ping");
  if (context.client.protocol == resp::Protocol::kResp2 && context.client.subscribed()) {
    context.reply.Array(2);
    context.reply.Bulk("pong");
    context.reply.Bulk(words.empty() ? "" : words[0]);
  } else if (words.empty()) {
    context.reply.SimpleString("PONG");
  } else {
    context.reply.Bulk(words[0]);
  }
  return Done{};
}

Outcome Echo(Context& context) {
  const std::string_view message = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  context.reply.Bulk(message);
  return Done{};
}

Outcome Quit(Context& context) {
  context.client.close_after_reply = true;
  context.reply.Ok();
  return Done{};
}

Outcome Reset(Context& context) {
  context.services.clients().Reset(context.client);
  context.reply.set_protocol(context.client.protocol);
  context.reply.SimpleString("RESET");
  return Done{};
}

constexpr uint32_t kConnectionFlags = kLoading | kStale | kFast;
constexpr uint32_t kLoginFlags = kConnectionFlags | kNoScript | kNoAuth | kAllowBusy;

constexpr Command kCommands[] = {
    {.name = "auth",
     .syntax = "[username] password",
     .flags = kLoginFlags | kNoMonitor,
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(N) where N is the number of passwords defined for the user",
     .summary = "Authenticates the connection.",
     .run = &Auth},
    {.name = "hello",
     .syntax = "[protover [AUTH username password] [SETNAME clientname]]",
     .flags = kLoginFlags | kNoMonitor,
     .group = "connection",
     .since = "6.0.0",
     .complexity = "O(1)",
     .summary = "Handshakes with the Redis server.",
     .run = &Hello},
    {.name = "select",
     .syntax = "index",
     .flags = kConnectionFlags,
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Changes the selected database.",
     .run = &Select},
    {.name = "ping",
     .syntax = "[message]",
     .flags = kFast | kSubscribed,
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Returns the server's liveliness response.",
     .run = &Ping},
    {.name = "echo",
     .syntax = "message",
     .flags = kConnectionFlags,
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Returns the given string.",
     .run = &Echo},
    {.name = "quit",
     .syntax = "[arg [arg ...]]",
     .flags = kLoginFlags | kSubscribed | kImmediate,
     .group = "connection",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Closes the connection.",
     .run = &Quit},
    {.name = "reset",
     .syntax = "",
     .flags = kLoginFlags | kSubscribed | kImmediate,
     .group = "connection",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Resets the connection.",
     .run = &Reset},
};

}  // namespace

Family ConnectionCommands() { return kCommands; }

}  // namespace holdfast::server::commands
