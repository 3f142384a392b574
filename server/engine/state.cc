#include "server/engine/state.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "server/engine/event_classes.h"

namespace holdfast::server::engine {

void State::OpenTransaction() {
  transaction = &store->BeginTurn(Turn::kMaxBytes);
  transaction->set_now(turn.now());
  disk = store->disk();
  growth_at_begin = transaction->growth();
  reserve.Bound(disk.limit_bytes);
  if (reserve.stale()) reserve.Load(*transaction);
  if (!disk_is_full()) reserve.Refill();
  hand_overs.Attach(*transaction);
  ApplySettings();
}

void State::ApplySettings() {
  if (transaction == nullptr) return;
  transaction->mutable_limits() = settings.inline_limits();
  transaction->set_event_classes(ClassesOf(settings.event_choice()));
  reserve.Attach(*transaction, disk_is_full());
  hand_overs.set_enabled(settings.hand_over());
}

void State::ApplyQuota() {
  if (store != nullptr) store->SetQuota(settings.quota());
}

storage::Lookups State::lookups() const {
  return transaction == nullptr ? storage::Lookups() : transaction->lookups();
}

void State::ResetCounters() {
  counters.Reset();
  refusals.Reset();
  latency.ResetHistograms();
  if (transaction != nullptr) transaction->lookups() = {};
}

void State::NewRunId() {
  run_id.clear();
  for (int i = 0; i < 3; ++i) {
    std::array<char, 17> digits;
    std::snprintf(digits.data(), digits.size(), "%016" PRIx64, env.Random64());
    run_id += digits.data();
  }
  run_id.resize(40);
}

void State::DropMessages() {
  holds_messages = false;
  held_messages.clear();
}

void State::SendMessages() {
  holds_messages = false;
  for (const auto& [id, message] : std::exchange(held_messages, {})) {
    if (Session* session = Find(id)) Deliver(*session, message);
  }
}

void State::Deliver(Session& session, std::string_view message) {
  if (session.closing) return;
  if (holds_messages) {
    held_messages.emplace_back(session.id, message);
    return;
  }
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
