#include "server/engine/client_door.h"

#include <algorithm>

#include "server/command/words.h"

namespace holdfast::server::engine {

void ClientDoor::Forget(Session& session) {
  state_.waiters.Remove(session);
  state_.monitors.Remove(session);
  session.postponed = nullptr;
  transactions_.Forget(session);
  pubsub_.UnsubscribeAll(session);
}

void ClientDoor::Release(Session& session) {
  state_.waiters.Remove(session);
  state_.NoteReply(session);
  session.connection->Resume();
}

void ClientDoor::ForEach(absl::FunctionRef<void(const command::Client&)> visit) const {
  for (Session* session : state_.InOrder()) {
    if (session->connection == nullptr) continue;
    session->reply_bytes = session->outbox.bytes() + session->connection->unsent_bytes();
    visit(*session);
  }
}

bool ClientDoor::Kill(uint64_t id) {
  Session* session = state_.Find(id);
  if (session == nullptr || session->connection == nullptr || session->closing) return false;
  if (session == state_.current) {
    session->close_after_reply = true;
    return true;
  }
  Close(*session);
  return true;
}

void ClientDoor::Close(Session& session) {
  Forget(session);
  state_.hand_overs.Leave(session);
  session.closing = true;
  session.outbox.Drop();
  session.connection->Abort();
}

void ClientDoor::Close(Session& session, std::string_view why) {
  state_.process.Log(Process::Severity::kWarning,
                     command::Concat({"client ", session.address, " is closed: ", why}));
  Close(session);
}

bool ClientDoor::UnblockClient(uint64_t id, Unblock how) {
  Session* session = state_.Find(id);
  if (session == nullptr || session->waiter == nullptr) return false;
  resp::ReplyWriter reply(session->outbox.open(), session->protocol);
  if (how == Unblock::kTimeout) {
    Runner::WriteTimeout(session->waiter->on_timeout, reply);
  } else {
    reply.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  }
  Release(*session);
  return true;
}

void ClientDoor::Pause(Paused what, absl::Time until) {
  const absl::Time now = state_.env.Now();
  // While a pause runs it only grows: in time, and from writes to everything.
  const bool all = what == Paused::kAll || now < state_.all_paused_until;
  until = std::max({until, state_.writes_paused_until, state_.all_paused_until});
  state_.writes_paused_until = until;
  state_.all_paused_until = all ? until : absl::InfinitePast();
}

void ClientDoor::Unpause() {
  state_.writes_paused_until = absl::InfinitePast();
  state_.all_paused_until = absl::InfinitePast();
}

void ClientDoor::Reset(command::Client& client) {
  Session& session = SessionOf(client);
  Forget(session);
  session.name.clear();
  session.database = 0;
  session.protocol = resp::Protocol::kResp2;
  state_.users.BeDefault(session);
  session.no_evict = false;
  session.no_touch = false;
  session.reply_mode = command::ReplyMode::kOn;
}

}  // namespace holdfast::server::engine
