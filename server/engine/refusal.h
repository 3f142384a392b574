#pragma once

#include <optional>
#include <string_view>

#include "server/command/errors.h"
#include "server/command/table.h"
#include "server/engine/session.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

inline const command::CommandError kSealedError(
    "MISCONF Holdfast could not write its log to disk and refuses writes, so that nothing acknowledged is "
    "lost. See the server's log, make the disk sound, then restart the server.");

// Why `entry` may not run (or be queued) for this client now, in Redis's order of checks; nullopt if it may.
// The command exists and has a right number of words. What the client's user may not do stands in ACL LOG
// afterwards.
[[nodiscard]] std::optional<command::CommandError> Refusal(State& state, Session& session,
                                                           const command::Table::Entry& entry,
                                                           resp::Request words);

// The part of it that concerns the state of the log; also asked for commands in EXEC and in scripts, with the
// client that sent the script. Refusals are counted (State::refusals).
[[nodiscard]] std::optional<command::CommandError> RefusalByStore(Session& session,
                                                                  const command::Table::Entry& entry,
                                                                  resp::Request words, State& state);

// The first key among a request's words, empty if it has none: the queue, in what is counted.
[[nodiscard]] std::string_view FirstKey(const command::Table::Entry& entry, resp::Request words);

}  // namespace holdfast::server::engine
