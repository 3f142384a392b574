#include "server/engine/refusal.h"

#include <vector>

#include "server/command/words.h"
#include "server/engine/access.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;

const CommandError kNoAuthError("NOAUTH Authentication required.");
const CommandError kNotInMulti("ERR Command not allowed inside a transaction");

CommandError NotWhileSubscribed(const command::Table::Entry& entry) {
  return CommandError(command::Concat(
      {"ERR Can't execute '", entry.command->name,
       "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"}));
}

}  // namespace

std::string_view FirstKey(const command::Table::Entry& entry, resp::Request words) {
  const std::vector<command::KeyPlace> keys = entry.syntax.KeysIn(words);
  return keys.empty() ? std::string_view() : words[keys.front().word];
}

std::optional<CommandError> RefusalByStore(Session& session, const command::Table::Entry& entry,
                                           resp::Request words, State& state) {
  if (state.store->admission() != storage::Admission::kSealed || !entry.has(command::kWrite)) {
    return std::nullopt;
  }
  state.refusals.Note(entry.command->name, FirstKey(entry, words), session, RefusalReason::kSealed);
  return kSealedError;
}

std::optional<CommandError> Refusal(State& state, Session& session, const command::Table::Entry& entry,
                                    resp::Request words) {
  if (!session.authenticated && state.users.needs_login() && !entry.has(command::kNoAuth)) {
    return kNoAuthError;
  }
  if (session.in_multi && entry.has(command::kNoMulti)) return kNotInMulti;
  if (!session.permissions->unrestricted()) {
    if (auto error = AccessRefusal(state, session, entry, words)) return error;
  }
  if (auto error = RefusalByStore(session, entry, words, state)) return error;
  if (session.protocol == resp::Protocol::kResp2 && session.subscribed() &&
      !entry.has(command::kSubscribed)) {
    return NotWhileSubscribed(entry);
  }
  return std::nullopt;
}

}  // namespace holdfast::server::engine
