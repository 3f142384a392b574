#include <algorithm>
#include <utility>

#include "server/engine/core.h"

// The part of the core that holds commands back while CLIENT PAUSE says so.
namespace holdfast::server::engine {
namespace {

bool MayWrite(const command::Table::Entry& entry) {
  const bool script = entry.has(command::kScript) && !entry.has(command::kReadOnly);
  return script || entry.has(command::kWrite | command::kMayReplicate);
}

bool MayWrite(const Session& session, const command::Table::Entry& entry) {
  if (!entry.has(command::kExecutes)) return MayWrite(entry);
  return session.multi != nullptr &&
         std::any_of(session.multi->queue.begin(), session.multi->queue.end(),
                     [](const QueuedCommand& queued) { return MayWrite(*queued.entry); });
}

}  // namespace

bool Engine::Core::MustWaitForPause(const Session& session, const command::Table::Entry& entry) const {
  if (state_.writes_paused_until == absl::InfinitePast()) return false;
  const absl::Time now = state_.env.Now();
  return now < state_.all_paused_until || (now < state_.writes_paused_until && MayWrite(session, entry));
}

void Engine::Core::Postpone(Session& session, resp::Request words) {
  session.postponed = std::make_unique<StoredRequest>(words);
  session.blocked = true;
  state_.postponed.push_back(session.id);
}

void Engine::Core::RunPostponed() {
  BeginTurn();
  for (const uint64_t id : std::exchange(state_.postponed, {})) {
    Session* session = state_.Find(id);
    if (session == nullptr || session->postponed == nullptr || session->closing) continue;
    const std::unique_ptr<StoredRequest> request = std::move(session->postponed);
    session->blocked = false;
    RunRequest(*session, request->words());
    if (!session->blocked && !session->closing) session->connection->Resume();
  }
}

}  // namespace holdfast::server::engine
