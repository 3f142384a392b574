#include "server/engine/access.h"

#include <utility>

#include "server/command/acl_denial.h"
#include "server/command/client_line.h"
#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::AclDenial;
using command::AclVerdict;
using command::CommandError;

std::string_view NameOf(AccessContext context) {
  switch (context) {
    case AccessContext::kTopLevel:
      return "toplevel";
    case AccessContext::kMulti:
      return "multi";
    case AccessContext::kScript:
      return "lua";
  }
  return {};
}

std::string_view ReasonOf(AclDenial denial) {
  switch (denial) {
    case AclDenial::kCommand:
      return "command";
    case AclDenial::kKey:
      return "key";
    case AclDenial::kChannel:
      return "channel";
    case AclDenial::kLogin:
      return "auth";
    case AclDenial::kNone:
      break;
  }
  return {};
}

}  // namespace

AclVerdict CheckAccess(State& state, const Session& session, const command::Table::Entry& entry,
                       std::span<const std::string_view> words, AccessContext context) {
  const AclVerdict verdict = LookUpAccess(session, entry, words);
  if (verdict.allowed()) return verdict;
  const std::string_view object =
      verdict.denial == AclDenial::kCommand ? entry.command->name : words[verdict.word];
  LogDenial(state, session, verdict.denial, context, object, session.permissions->name());
  return verdict;
}

std::optional<CommandError> AccessRefusal(State& state, const Session& session,
                                          const command::Table::Entry& entry,
                                          std::span<const std::string_view> words) {
  const AclVerdict verdict = CheckAccess(state, session, entry, words, ContextOf(session));
  if (verdict.allowed()) return std::nullopt;
  return CommandError(command::Concat({"NOPERM ", command::DenialText(verdict, *session.permissions, entry,
                                                                      words, command::Naming::kHidden)}));
}

void LogDenial(State& state, const Session& session, AclDenial denial, AccessContext context,
               std::string_view object, std::string_view user) {
  state.counters.Denied(denial);
  // A script's commands run as a client that has no connection.
  const bool is_script = session.connection == nullptr && state.current != nullptr;
  const absl::Time now = state.turn.now();
  command::AclLogEntry entry;
  entry.reason = ReasonOf(denial);
  entry.context = NameOf(context);
  entry.object = object;
  entry.user = user;
  entry.client = command::ClientLine(is_script ? *state.current : session, now);
  entry.client.pop_back();
  entry.updated = now;
  state.acl_log.Add(std::move(entry), static_cast<size_t>(state.settings.Integer("acllog-max-len")));
}

}  // namespace holdfast::server::engine
