#include <utility>

#include "server/engine/core.h"
#include "server/engine/producer_delay.h"

// The part of the core that slows producers down while the disk fills: a surge meets resistance before it
// meets errors. Nobody sleeps: the replies stay in the outbox until the time has come, and all others go on.
// What the client sends meanwhile runs, so that a pipeline is delayed once, however many of its commands grow
// data; only a client that sends a lot without waiting for its replies is not read on.
namespace holdfast::server::engine {
namespace {

// Of requests, or of replies that are held back.
constexpr size_t kMostBytesWhileDelayed = size_t{1} << 20;

}  // namespace

void Engine::Core::Delay(Session& session) {
  const absl::Duration most = state_.settings.producer_delay();
  if (most == absl::ZeroDuration() || session.delayed || session.blocked || session.closing ||
      session.close_after_reply) {
    return;
  }
  const absl::Duration delay = ProducerDelay(state_.store->disk(), most);
  if (delay <= absl::ZeroDuration()) return;
  session.delayed = true;
  session.bytes_while_delayed = 0;
  state_.delayed.emplace(state_.env.Monotonic() + delay, session.id);
}

void Engine::Core::StallIfDelayed(Session& session, size_t request_bytes) {
  if (!session.delayed) return;
  session.bytes_while_delayed += request_bytes;
  session.stalled = session.bytes_while_delayed >= kMostBytesWhileDelayed ||
                    session.outbox.bytes() >= kMostBytesWhileDelayed;
}

void Engine::Core::ForgetDelay(Session& session) {
  if (!std::exchange(session.delayed, false)) return;
  std::erase_if(state_.delayed, [&](const auto& entry) { return entry.second == session.id; });
}

void Engine::Core::ReleaseDelayed(absl::Duration now) {
  while (!state_.delayed.empty() && state_.delayed.begin()->first <= now) {
    Session* session = state_.Find(state_.delayed.begin()->second);
    state_.delayed.erase(state_.delayed.begin());
    if (session != nullptr && session->delayed && !session->closing) ReleaseDelayed(*session);
  }
}

void Engine::Core::ReleaseDelayed(Session& session) {
  session.delayed = false;
  session.outbox.Release(state_.store->durable_turn(), *session.connection);
  if (session.outbox.has_sealed()) {
    state_.undurable.push_back(&session);
  } else {
    AfterSend(session);
  }
  const bool stalled = std::exchange(session.stalled, false);
  if (stalled && !session.blocked && !session.closing) session.connection->Resume();
}

}  // namespace holdfast::server::engine
