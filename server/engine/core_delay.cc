#include "server/engine/core.h"
#include "server/engine/producer_delay.h"

// The part of the core that slows producers down while the disk fills: a surge meets resistance before it
// meets errors. Nobody sleeps: the replies stay in the outbox, and the client's next requests unread, until
// the time has come. All others go on.
namespace holdfast::server::engine {

void Engine::Core::Delay(Session& session) {
  const absl::Duration most = state_.settings.producer_delay();
  if (most == absl::ZeroDuration() || session.blocked || session.closing || session.close_after_reply) return;
  const absl::Duration delay = ProducerDelay(state_.store->disk(), most);
  if (delay <= absl::ZeroDuration()) return;
  session.delayed = session.blocked = true;
  state_.delayed.emplace(state_.env.Monotonic() + delay, session.id);
}

void Engine::Core::ReleaseDelayed(absl::Duration now) {
  while (!state_.delayed.empty() && state_.delayed.begin()->first <= now) {
    Session* session = state_.Find(state_.delayed.begin()->second);
    state_.delayed.erase(state_.delayed.begin());
    if (session != nullptr && session->delayed && !session->closing) ReleaseDelayed(*session);
  }
}

void Engine::Core::ReleaseDelayed(Session& session) {
  session.delayed = session.blocked = false;
  session.outbox.Release(state_.store->durable_turn(), *session.connection);
  if (session.outbox.has_sealed()) {
    state_.undurable.push_back(&session);
  } else {
    AfterSend(session);
  }
  if (!session.closing) session.connection->Resume();
}

}  // namespace holdfast::server::engine
