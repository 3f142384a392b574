#include "server/engine/core.h"

#include <algorithm>
#include <utility>

#include "server/engine/refusal.h"

namespace holdfast::server::engine {

using command::CommandError;
using command::ReplyMode;

Engine::Core::Core(storage::Env& env, const command::Table& table, Settings& settings, Process& process)
    : state_(env, table, settings, process),
      runner_(state_, *this),
      pubsub_([this](Session& session, std::string_view message) { state_.Deliver(session, message); }),
      notifier_(state_, pubsub_),
      transactions_(state_, runner_),
      clients_(state_, pubsub_, transactions_),
      acl_(state_, clients_),
      script_host_(state_, runner_),
      script_runner_(script_host_, table),
      scripts_(script_runner_),
      functions_(script_runner_),
      control_(state_),
      info_(state_, pubsub_, scripts_, functions_),
      expirer_(state_) {
  state_.reserve.Configure(settings);
  settings.OnChange(this, [this] {
    state_.reserve.Configure(state_.settings);
    state_.ApplySettings();
    state_.ApplyQuota();
    TellOfPolicy();
  });
  // What tools compare used_memory with.
  settings.SetFact("maxmemory", [this] {
    return std::to_string(state_.store == nullptr ? 0 : state_.store->disk().limit_bytes);
  });
}

void Engine::Core::Start(std::unique_ptr<storage::Store> store) {
  state_.store = std::move(store);
  state_.ApplyQuota();
  TellOfPolicy();
  state_.started = state_.env.Now();
  next_sweep_ = state_.started;
  state_.NewRunId();
  BeginTurn();
  Session nobody;
  state_.users.BeDefault(nobody);
  functions_.Refresh(*state_.transaction, nobody);
  state_.reserve.Load(*state_.transaction);
  RecoverHandOvers();
  EndTurn();
}

absl::Status Engine::Core::Stop() {
  EndTurn();
  SettleHandOvers();
  EndTurn();
  return state_.store->Close();
}

ClientId Engine::Core::Connect(const Peer& peer, Connection& connection) {
  auto session = std::make_unique<Session>();
  session->id = state_.next_client++;
  session->connection = &connection;
  session->address = peer.address;
  session->local_address = peer.local_address;
  session->socket = peer.socket;
  session->unix_socket = peer.unix_socket;
  session->connected = session->last_interaction = state_.env.Now();
  state_.users.BeDefault(*session);
  ++state_.counters.connections;
  const ClientId id = session->id;
  state_.sessions.emplace(id, std::move(session));
  return id;
}

void Engine::Core::Disconnect(ClientId client) {
  const auto found = state_.sessions.find(client);
  if (found == state_.sessions.end()) return;
  Session& session = *found->second;
  clients_.Forget(session);
  ForgetDelay(session);
  state_.hand_overs.Leave(session);
  session.connection = nullptr;
  session.closing = true;
  std::erase(state_.undurable, &session);
  // The turn's list may still name it, and a script that it runs may be waiting for sockets.
  if (state_.turn.running()) state_.gone.push_back(std::move(found->second));
  state_.sessions.erase(found);
}

void Engine::Core::BeginTurn() {
  if (state_.turn.running()) return;
  state_.turn.Begin();
  state_.OpenTransaction();
}

Engine::Verdict Engine::Core::Submit(ClientId client, resp::Request words) {
  Session* session = state_.Find(client);
  if (session == nullptr || session->closing || session->close_after_reply) return Verdict::kClosing;
  if (state_.current != nullptr) return SubmitWhileBusy(*session, words);
  BeginTurn();

  size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  state_.turn.CountRequest(bytes);
  state_.counters.input_bytes += bytes;
  state_.transaction->set_now(state_.turn.now());
  session->last_interaction = state_.turn.now();
  session->last_argument_bytes = bytes;
  state_.hand_overs.HearFrom(*session);

  RunRequest(*session, words);
  if (!state_.postponed.empty() && !state_.IsPaused()) RunPostponed();
  if (session->closing || session->close_after_reply) return Verdict::kClosing;
  StallIfDelayed(*session, bytes);
  return session->blocked || session->stalled ? Verdict::kHeld : Verdict::kReady;
}

void Engine::Core::RunRequest(Session& session, resp::Request words) {
  state_.current = &session;
  if (session.reply_mode == ReplyMode::kSkipNext) session.reply_mode = ReplyMode::kSkipThis;
  std::string& out = session.outbox.open();
  const size_t begin = out.size();
  resp::ReplyWriter reply(out, session.protocol);
  state_.grew = false;
  Dispatch(session, words, reply);
  if (state_.grew) Delay(session);
  ApplyReplyMode(session, begin);
  out += std::exchange(session.pushes, {});
  state_.current = nullptr;
  if (out.size() > begin) state_.turn.CountReply(out.size() - begin);
  state_.NoteReply(session);
  if (state_.transaction->has_overdue()) expirer_.RemoveOverdue();
  if (!state_.transaction->touches().empty() || state_.transaction->has_events()) Spread();
}

void Engine::Core::Dispatch(Session& session, resp::Request words, resp::ReplyWriter& reply) {
  std::optional<CommandError> error;
  const command::Table::Entry* entry = state_.table.Find(words, error);
  if (entry == nullptr) return Reject(session, state_.table.Lookup(words[0]), *error, reply);
  session.last_command = entry->command->name;
  if ((error = Refusal(state_, session, *entry, words))) return Reject(session, entry, *error, reply);
  if (MustWaitForPause(session, *entry)) return Postpone(session, words);
  if (session.in_multi && !entry->has(command::kImmediate)) {
    TransactionDoor::Queue(session, *entry, words, reply);
    if (session.multi->bytes > LongestQueue()) clients_.Close(session, "its transaction is too long");
    return;
  }
  RunNow(session, *entry, words, reply);
}

size_t Engine::Core::LongestQueue() const {
  return static_cast<size_t>(state_.settings.request_limits().client_query_buffer_limit);
}

void Engine::Core::RunNow(Session& session, const command::Table::Entry& entry, resp::Request words,
                          resp::ReplyWriter& reply) {
  ++session.commands;
  ++state_.counters.commands;
  const size_t begin = reply.size();
  const uint64_t errors = state_.counters.error_replies;
  if (const auto wait = runner_.Run(session, entry, words, reply)) {
    state_.waiters.Add(session, entry, words, *wait);
  }
  // A script's error is its reply, not its failure: its effects stay, but it counts.
  // (A client that was closed meanwhile has no reply.)
  const std::string& out = session.outbox.open();
  const std::string_view written = std::string_view(out).substr(std::min(begin, out.size()));
  if (written.starts_with('-') && state_.counters.error_replies == errors) {
    state_.counters.Error(written.substr(1, written.find('\r') - 1));
    state_.counters.Failed(entry);
  }
}

void Engine::Core::Reject(Session& session, const command::Table::Entry* entry, const CommandError& error,
                          resp::ReplyWriter& reply) {
  state_.counters.Error(error.text());
  if (entry != nullptr) state_.counters.Rejected(*entry);
  if (entry != nullptr && entry->has(command::kExecutes)) {
    transactions_.Forget(session);
    reply.Error(TransactionDoor::Aborted(error).text());
  } else {
    TransactionDoor::Break(session);
    reply.Error(error.text());
  }
}

Engine::Verdict Engine::Core::SubmitWhileBusy(Session& session, resp::Request words) {
  resp::ReplyWriter reply(session.outbox.open(), session.protocol);
  std::optional<CommandError> error;
  const command::Table::Entry* entry = state_.table.Find(words, error);
  if (entry != nullptr) error = Refusal(state_, session, *entry, words);
  if (!error && !entry->has(command::kAllowBusy)) error = scripts_.busy();
  if (error) {
    Reject(session, entry != nullptr ? entry : state_.table.Lookup(words[0]), *error, reply);
  } else if (session.in_multi && !entry->has(command::kImmediate)) {
    TransactionDoor::Queue(session, *entry, words, reply);
  } else {
    runner_.RunNested(session, *entry, words, reply);
  }
  // Nothing that the turn has changed can be seen in these replies; they leave at once if nothing older
  // stands before them.
  if (!session.in_turn && !session.outbox.has_sealed() && session.connection != nullptr) {
    session.outbox.SendOpen(*session.connection);
    AfterSend(session);
  } else {
    state_.NoteReply(session);
  }
  return session.closing || session.close_after_reply ? Verdict::kClosing : Verdict::kReady;
}

void Engine::Core::ApplyReplyMode(Session& session, size_t begin) {
  const bool skipped = session.reply_mode == ReplyMode::kSkipThis;
  if (!skipped && session.reply_mode != ReplyMode::kOff) return;
  session.outbox.open().resize(begin);
  if (skipped) session.reply_mode = ReplyMode::kOn;
}

void Engine::Core::Refuse(ClientId client, std::string_view text) {
  Session* session = state_.Find(client);
  if (session == nullptr || session->closing) return;
  BeginTurn();
  resp::ReplyWriter(session->outbox.open(), session->protocol).Error(text);
  session->close_after_reply = true;
  state_.NoteReply(*session);
}

void Engine::Core::EndTurn() {
  if (!state_.turn.running()) return;
  ++state_.counters.turns;
  state_.reserve.Write(*state_.transaction, state_.turn.now());
  if (!state_.transaction->empty() || write_hand_overs_) state_.hand_overs.book().Write(*state_.transaction);
  write_hand_overs_ = false;
  const uint64_t turn = state_.store->Commit();
  state_.turn.End();
  ReleaseReplies(state_.store->durable_turn() >= turn, turn);
  state_.gone.clear();
}

void Engine::Core::ReleaseReplies(bool durable, uint64_t turn) {
  for (Session* session : std::exchange(state_.in_turn, {})) {
    session->in_turn = false;
    if (session->connection == nullptr || session->closing) continue;
    state_.counters.output_bytes += session->outbox.open().size();
    if (session->delayed) {
      session->outbox.Seal(turn);
    } else if (durable && !session->outbox.has_sealed()) {
      session->outbox.SendOpen(*session->connection);
      AfterSend(*session);
    } else {
      if (!session->outbox.has_sealed()) state_.undurable.push_back(session);
      session->outbox.Seal(turn);
    }
  }
}

void Engine::Core::OnDurable(uint64_t turn) {
  std::erase_if(state_.undurable, [&](Session* session) {
    if (session->delayed) return true;
    session->outbox.Release(turn, *session->connection);
    if (session->outbox.has_sealed()) return false;
    if (session->outbox.open().empty()) AfterSend(*session);
    return true;
  });
}

void Engine::Core::AfterSend(Session& session) {
  if (session.closing) return;
  if (session.close_after_reply) {
    session.closing = true;
    session.connection->CloseAfterFlush();
  } else if (session.connection->unsent_bytes() > 0) {
    // At once, not at the next sweep: a fast publisher fills memory within a second.
    CloseIfTooSlow(session, state_.env.Now());
  }
}

void Engine::Core::OnSealed(const absl::Status& why) {
  sealed_ = true;
  state_.process.Log(Process::Severity::kWarning,
                     "the log could not be written; writes are refused from now on: " + why.ToString());
  // Their outcome is unknown to anyone; what they were about to hear may not be true.
  for (Session* session : std::exchange(state_.undurable, {})) {
    if (!session->closing) clients_.Close(*session);
  }
  CloseClientsOfTurn();
  state_.watches.BreakAll();
}

// The turn was refused as a whole. Its replies say what is not true, and commands that read saw what never
// was.
void Engine::Core::OnTurnTakenBack(const absl::Status& why) {
  state_.process.Log(Process::Severity::kWarning,
                     "the disk had no space for a turn's log record; the turn was taken back and its clients "
                     "are closed: " +
                         why.ToString());
  ++state_.counters.turns_taken_back;
  state_.reserve.Distrust();
  state_.hand_overs.Distrust();
  CloseClientsOfTurn();
  state_.watches.BreakAll();
}

void Engine::Core::CloseClientsOfTurn() {
  for (Session* session : state_.in_turn) {
    if (session->connection != nullptr && !session->closing) clients_.Close(*session);
  }
}

}  // namespace holdfast::server::engine
