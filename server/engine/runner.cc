#include "server/engine/runner.h"

#include <string>

#include "server/command/context.h"

namespace holdfast::server::engine {

using command::CommandError;
using storage::Transaction;

std::optional<command::Wait> Runner::Run(Session& session, const command::Table::Entry& entry,
                                         resp::Request words, resp::ReplyWriter& reply) {
  Transaction& transaction = *state_.transaction;
  const Transaction::Mark mark = transaction.mark();
  const size_t begin = reply.size();

  const absl::Duration began = state_.turn.lap();
  // One that was blocked has been told of when it came; a script before what it does.
  const bool told = session.waiter != nullptr || entry.has(command::kScript);
  if (session.waiter == nullptr && entry.has(command::kScript)) TellMonitors(session, entry, words);

  ++depth_;
  command::Args args(words, entry.name_words());
  storage::Keyspace keyspace(transaction, session.database);
  keyspace.set_counts_reads(entry.has(command::kReadOnly));
  command::Context context{*entry.command, args, reply, keyspace, session, services_};
  const command::Outcome outcome = entry.command->run(context);
  --depth_;

  if (!told) TellMonitors(session, entry, words);
  const bool waits = outcome.wait() != nullptr;
  if (waits && !transaction.changed_since(mark)) return *outcome.wait();
  std::optional<CommandError> error = Objection(mark);
  if (outcome.error() != nullptr) error = *outcome.error();
  if (error) {
    transaction.RollbackTo(mark);
    reply.Truncate(begin);
    reply.Error(error->text());
    state_.counters.Error(error->text());
    state_.counters.Failed(entry);
  } else if (transaction.changed_since(mark)) {
    Annotate(session, entry, mark);
    if (waits) return *outcome.wait();
  }
  state_.turn.Lap();
  NoteTime(session, entry, words, state_.turn.lap() - began);
  transaction.view().Release();
  return std::nullopt;
}

void Runner::TellMonitors(const Session& session, const command::Table::Entry& entry, resp::Request words) {
  if (state_.monitors.empty() || entry.has(command::kAdmin)) return;
  const std::string line = Monitors::Line(session, words, state_.env.Now());
  for (Session* monitor : state_.monitors.sessions()) state_.Deliver(*monitor, line);
}

void Runner::NoteTime(const Session& session, const command::Table::Entry& entry, resp::Request words,
                      absl::Duration took) {
  state_.counters.Ran(entry, took);
  state_.slow_log.Ran(session, entry, words, took, state_.turn.now());
  state_.latency.Ran(entry, took, state_.turn.now());
}

void Runner::RunNested(Session& session, const command::Table::Entry& entry, resp::Request words,
                       resp::ReplyWriter& reply) {
  if (const auto wait = Run(session, entry, words, reply)) WriteTimeout(wait->at_once, reply);
}

void Runner::WriteTimeout(command::Wait::Reply on_timeout, resp::ReplyWriter& reply) {
  on_timeout == command::Wait::Reply::kNull ? reply.Null() : reply.NullArray();
}

std::optional<CommandError> Runner::Objection(const Transaction::Mark& mark) {
  if (const absl::Status fault = state_.store->TakeFault(); !fault.ok()) {
    return CommandError("ERR damaged data: " + std::string(fault.message()));
  }
  // Only the outermost command is asked: an EXEC or a script is taken back as a whole.
  if (depth_ == 0 && state_.transaction->changed_since(mark) && !state_.store->Secure(0).ok()) {
    return command::kOutOfMemory;
  }
  return std::nullopt;
}

void Runner::Annotate(const Session& session, const command::Table::Entry& entry,
                      const Transaction::Mark& mark) {
  // The commands inside EXEC and scripts have annotated their own effects.
  if (entry.has(command::kScript) || state_.transaction->mark().annotations > mark.annotations) return;
  storage::Annotation annotation{.client = session.id,
                                 .database = static_cast<uint32_t>(session.database),
                                 .command = entry.command->name,
                                 .key = {}};
  const auto& touches = state_.transaction->touches();
  if (touches.size() > mark.touches) annotation.key = state_.turn.arena().Copy(touches[mark.touches].key);
  state_.transaction->Annotate(annotation);
}

}  // namespace holdfast::server::engine
