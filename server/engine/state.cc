#include "server/engine/state.h"

#include <algorithm>

namespace holdfast::server::engine {

void State::OpenTransaction() {
  transaction = &store->BeginTurn(Turn::kMaxBytes);
  transaction->set_now(turn.now());
  transaction->mutable_limits() = settings.inline_limits();
}

void State::Deliver(Session& session, std::string_view message) {
  if (session.closing) return;
  (&session == current ? session.pushes : session.outbox.open()) += message;
  NoteReply(session);
}

Session* State::Find(uint64_t id) const {
  const auto found = sessions.find(id);
  return found == sessions.end() ? nullptr : found->second.get();
}

std::vector<Session*> State::InOrder() const {
  std::vector<Session*> all;
  all.reserve(sessions.size());
  for (const auto& [id, session] : sessions) all.push_back(session.get());
  std::sort(all.begin(), all.end(), [](const Session* a, const Session* b) { return a->id < b->id; });
  return all;
}

}  // namespace holdfast::server::engine
