#include "server/commands/client_kill.h"

#include <optional>
#include <string>
#include <vector>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/words.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNoSuchClient("ERR No such client");
const CommandError kBadId("ERR client-id should be greater than 0");

struct Filters {
  std::optional<uint64_t> id;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::string_view> user;
  ClientKind kind = ClientKind::kAny;
  bool skip_me = true;

  [[nodiscard]] bool Match(const Client& client) const {
    return (!id || *id == client.id) && (!address || *address == client.address) &&
           (!local_address || *local_address == client.local_address) && (!user || *user == client.user) &&
           IsOfKind(client, kind);
  }
};

void ReadSkipMe(Args& args, Filters& filters) {
  filters.skip_me = args.Keyword("YES");
  if (!filters.skip_me && !args.Keyword("NO")) args.Fail(kSyntaxError);
}

void ReadUser(Context& context, Filters& filters) {
  Args& args = context.args;
  filters.user = args.Bytes();
  if (context.services.acl().Find(*filters.user) == nullptr) {
    args.Fail(CommandError(Concat({"ERR No such user '", command::UpToZero(*filters.user), "'"})));
  }
}

std::optional<CommandError> ReadFilters(Context& context, Filters& filters) {
  Args& args = context.args;
  while (!args.done() && !args.failed()) {
    if (args.remaining() < 2) return kSyntaxError;
    if (args.Keyword("ID")) {
      filters.id = static_cast<uint64_t>(args.Integer(1, INT64_MAX, kBadId));
    } else if (args.Keyword("TYPE")) {
      filters.kind = ReadClientKind(args);
    } else if (args.Keyword("ADDR")) {
      filters.address = args.Bytes();
    } else if (args.Keyword("LADDR")) {
      filters.local_address = args.Bytes();
    } else if (args.Keyword("USER")) {
      ReadUser(context, filters);
    } else if (args.Keyword("SKIPME")) {
      ReadSkipMe(args, filters);
    } else {
      return kSyntaxError;
    }
  }
  return args.Finish();
}

int64_t Kill(Context& context, const Filters& filters) {
  Clients& clients = context.services.clients();
  std::vector<uint64_t> chosen;
  clients.ForEach([&](const Client& client) {
    if (filters.Match(client) && !(filters.skip_me && client.id == context.client.id)) {
      chosen.push_back(client.id);
    }
  });
  int64_t killed = 0;
  for (const uint64_t id : chosen) killed += clients.Kill(id) ? 1 : 0;
  return killed;
}

}  // namespace

ClientKind ReadClientKind(Args& args) {
  const std::string_view word = args.Bytes();
  if (EqualsIgnoreCase(word, "normal")) return ClientKind::kNormal;
  if (EqualsIgnoreCase(word, "pubsub")) return ClientKind::kPubSub;
  for (const std::string_view name : {"master", "slave", "replica"}) {
    if (EqualsIgnoreCase(word, name)) return ClientKind::kReplication;
  }
  args.Fail(CommandError(Concat({"ERR Unknown client type '", command::UpToZero(word), "'"})));
  return ClientKind::kAny;
}

bool IsOfKind(const Client& client, ClientKind kind) {
  switch (kind) {
    case ClientKind::kAny:
      return true;
    case ClientKind::kNormal:
      return !client.subscribed();
    case ClientKind::kPubSub:
      return client.subscribed();
    case ClientKind::kReplication:
      return false;
  }
  return false;
}

Outcome ClientKill(Context& context) {
  Filters filters;
  const bool old_form = context.args.remaining() == 1;
  if (old_form) {
    filters.address = context.args.Bytes();
    filters.skip_me = false;
  } else if (auto error = ReadFilters(context, filters)) {
    return *error;
  }
  const int64_t killed = Kill(context, filters);
  if (old_form && killed == 0) return kNoSuchClient;
  old_form ? context.reply.Ok() : context.reply.Integer(killed);
  return Done{};
}

}  // namespace holdfast::server::commands
