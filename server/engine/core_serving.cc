#include <algorithm>
#include <utility>

#include "server/engine/access.h"
#include "server/engine/core.h"

// The part of the core that reacts to changed keys and to time.
namespace holdfast::server::engine {
namespace {

constexpr absl::Duration kSweepInterval = absl::Seconds(1);
// A client is closed above it whatever client-output-buffer-limit says: memory is bounded.
constexpr size_t kMaxReplyBytes = size_t{1} << 30;
constexpr absl::Duration kMaxSleep = absl::Milliseconds(100);
// A log that writes beside the engine reports through Store::Poll.
constexpr absl::Duration kDurabilityPoll = absl::Microseconds(200);

// How much a count has risen since the last look; CONFIG RESETSTAT lets it begin again.
uint64_t Since(uint64_t& last, uint64_t now) {
  const uint64_t before = std::exchange(last, now);
  return now >= before ? now - before : now;
}

}  // namespace

// Serving a blocked client may change further keys (BLMOVE), which may serve others: until nothing is ready.
void Engine::Core::Spread() {
  storage::Transaction& transaction = *state_.transaction;
  do {
    notifier_.Send();
    if (!state_.watches.empty() || !state_.waiters.empty()) {
      for (const storage::Touch& touch : transaction.touches()) {
        state_.watches.Touch(touch, transaction);
        state_.waiters.Touch(touch);
      }
      // After the keys that were named: a FLUSHALL before them in the same EXEC does not change their order.
      for (const storage::Touch& touch : transaction.touches()) {
        if (touch.whole_database) SpreadDatabase(touch.database);
      }
    }
    transaction.ClearTouches();
    if (const auto key = state_.waiters.TakeReady()) {
      Serve(*key);
    } else {
      break;
    }
  } while (true);
}

void Engine::Core::SpreadDatabase(int database) {
  for (std::string& key : state_.waiters.KeysOf(database)) state_.waiters.MarkReady(std::move(key));
}

void Engine::Core::Serve(std::string_view database_key) {
  const storage::Keyspace keyspace(*state_.transaction, database_key[0]);
  uint64_t ticket = 0;
  while (true) {
    const auto entry = keyspace.Find(database_key.substr(1));
    const auto holds = entry ? std::optional(entry->type) : std::nullopt;
    Session* session = state_.waiters.NextInLine(database_key, holds, ticket);
    if (session == nullptr) return;
    ticket = session->waiter->ticket;
    // Those who want a list's elements want the same: where one finds nothing, nobody does. Readers of a
    // stream have each their own place in it.
    const bool rivals = session->waiter->type != storage::ValueType::kStream;
    if (!TryToServe(*session) && rivals) return;
  }
}

bool Engine::Core::TryToServe(Session& session) {
  if (!session.connection->IsAlive()) {
    clients_.Close(session);
    return true;
  }
  // The waiter is held here: serving may not take the words away that the handler reads.
  Waiter& waiter = *session.waiter;
  Session* const outer = std::exchange(state_.current, &session);
  resp::ReplyWriter reply(session.outbox.open(), session.protocol);
  std::optional<command::Wait> wait;
  // The user's rules may have changed meanwhile.
  if (const auto error = AccessRefusal(state_, session, *waiter.entry, waiter.request.words())) {
    Reject(session, waiter.entry, *error, reply);
  } else {
    wait = runner_.Run(session, *waiter.entry, waiter.request.words(), reply);
  }
  session.outbox.open() += std::exchange(session.pushes, {});
  state_.current = outer;
  if (wait) return false;
  clients_.Release(session);
  return true;
}

void Engine::Core::TimeOutWaiters() {
  const absl::Time now = state_.env.Now();
  while (Session* session = state_.waiters.Expired(now)) {
    BeginTurn();
    resp::ReplyWriter reply(session->outbox.open(), session->protocol);
    Runner::WriteTimeout(session->waiter->on_timeout, reply);
    state_.counters.Ran(*session->waiter->entry, absl::ZeroDuration());
    clients_.Release(*session);
  }
}

void Engine::Core::Tick() {
  state_.store->Poll();
  TellOfLevel();
  if (!state_.delayed.empty()) ReleaseDelayed(state_.env.Monotonic());
  TimeOutWaiters();
  state_.hand_overs.Check(state_.env.Monotonic(), [this](uint64_t id) { return state_.Find(id); });
  PutBackReturns();
  if (!state_.postponed.empty() && !state_.IsPaused()) RunPostponed();
  if (expirer_.IsDue()) {
    BeginTurn();
    expirer_.RunSlice();
    if (!state_.transaction->touches().empty()) Spread();
  }
  EndTurn();
  if (state_.env.Now() >= next_sweep_) Sweep();
}

absl::Duration Engine::Core::TimeToNextTick() const {
  if (!state_.undurable.empty()) return kDurabilityPoll;
  if (state_.hand_overs.has_returns()) return absl::ZeroDuration();
  absl::Time next = state_.waiters.next_deadline();
  next = std::min(next, expirer_.next_due());
  if (!state_.postponed.empty()) {
    next = std::min(next, std::max(state_.writes_paused_until, state_.all_paused_until));
  }
  absl::Duration time = next - state_.env.Now();
  if (!state_.delayed.empty()) {
    time = std::min(time, state_.delayed.begin()->first - state_.env.Monotonic());
  }
  return std::clamp(time, absl::ZeroDuration(), kMaxSleep);
}

void Engine::Core::Sweep() {
  const absl::Time now = state_.env.Now();
  next_sweep_ = now + kSweepInterval;
  Counters& counters = state_.counters;
  counters.commands_per_second = Since(commands_at_sweep_, counters.commands);
  counters.input_bytes_per_second = Since(input_at_sweep_, counters.input_bytes);
  counters.output_bytes_per_second = Since(output_at_sweep_, counters.output_bytes);
  state_.peak_disk = std::max(state_.peak_disk, state_.store->disk().used_bytes);
  TellOfRefusals(now);
  WriteHandOvers();
  for (Session* session : state_.InOrder()) {
    if (session->connection != nullptr && !session->closing) CloseIfTooSlow(*session, now);
  }
}

void Engine::Core::CloseIfTooSlow(Session& session, absl::Time now) {
  if (!IsTooSlow(session, now)) return;
  ++state_.counters.slow_readers_closed;
  clients_.Close(session, "it does not read its replies fast enough");
}

bool Engine::Core::IsTooSlow(Session& session, absl::Time now) const {
  const size_t bytes = session.outbox.bytes() + session.connection->unsent_bytes();
  const Settings::BufferLimit& limit =
      session.subscribed() ? state_.settings.pubsub_buffers() : state_.settings.normal_buffers();
  if (limit.soft_bytes == 0 || bytes <= limit.soft_bytes) {
    session.slow_since = absl::InfiniteFuture();
  } else {
    session.slow_since = std::min(session.slow_since, now);
  }
  return bytes > kMaxReplyBytes || (limit.hard_bytes != 0 && bytes > limit.hard_bytes) ||
         now - session.slow_since > limit.soft_time;
}

}  // namespace holdfast::server::engine
