#pragma once

#include <optional>

#include "server/command/errors.h"
#include "server/command/table.h"
#include "server/engine/state.h"
#include "storage/store.h"

namespace holdfast::server::engine {

inline const command::CommandError kSealedError(
    "MISCONF Holdfast could not write its log to disk and refuses writes, so that nothing acknowledged is "
    "lost. See the server's log, make the disk sound, then restart the server.");

// Why `entry` may not run (or be queued) for this client now, in Redis's order of checks; nullopt if it may.
// The command exists and has a right number of words. What the client's user may not do stands in ACL LOG
// afterwards.
[[nodiscard]] std::optional<command::CommandError> Refusal(State& state, const Session& session,
                                                           const command::Table::Entry& entry,
                                                           resp::Request words);

// The part of it that concerns disk space and the state of the log; also asked for commands in scripts.
[[nodiscard]] std::optional<command::CommandError> RefusalByStore(const command::Table::Entry& entry,
                                                                  storage::Admission admission);

}  // namespace holdfast::server::engine
