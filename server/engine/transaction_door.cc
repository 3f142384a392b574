#include "server/engine/transaction_door.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "server/command/context.h"
#include "server/command/words.h"
#include "server/engine/access.h"
#include "server/engine/refusal.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Done;
using command::Outcome;

const CommandError kNested("ERR MULTI calls can not be nested");
const CommandError kExecWithoutMulti("ERR EXEC without MULTI");
const CommandError kDiscardWithoutMulti("ERR DISCARD without MULTI");
const CommandError kWatchInMulti("ERR WATCH inside MULTI is not allowed");
// What EXEC answers for a command that the user may not run any more.
const CommandError kCommandDenied(
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This "
    "command is no longer allowed for the following reason: no permission to execute the command or "
    "subcommand");
const CommandError kKeyDenied(
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This "
    "command is no longer allowed for the following reason: no permission to touch the specified keys");
const CommandError kChannelDenied(
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This "
    "command is no longer allowed for the following reason: no permission to access one of the channels used "
    "as arguments to the command");
const CommandError kAborted("EXECABORT Transaction discarded because of previous errors.");

}  // namespace

void TransactionDoor::Queue(Session& session, const command::Table::Entry& entry, resp::Request words,
                            resp::ReplyWriter& reply) {
  Multi& multi = *session.multi;
  multi.queue.push_back({&entry, StoredRequest(words)});
  multi.bytes += multi.queue.back().request.bytes();
  session.queued_commands = multi.queue.size();
  reply.SimpleString("QUEUED");
}

CommandError TransactionDoor::Aborted(const CommandError& why) {
  std::string_view text = why.text();
  if (text.starts_with("ERR ")) text.remove_prefix(4);
  return CommandError(command::Concat({"EXECABORT Transaction discarded because of: ", text}));
}

void TransactionDoor::Break(Session& session) {
  if (session.multi != nullptr) session.multi->broken = true;
}

void TransactionDoor::Forget(Session& session) {
  session.multi = nullptr;
  session.in_multi = false;
  session.queued_commands = 0;
  state_.watches.Clear(session);
}

Outcome TransactionDoor::Begin(command::Client& client) {
  Session& session = SessionOf(client);
  if (session.in_multi) return kNested;
  session.multi = std::make_unique<Multi>();
  session.in_multi = true;
  return Done{};
}

Outcome TransactionDoor::Execute(command::Context& context) {
  Session& session = SessionOf(context.client);
  if (!session.in_multi) return kExecWithoutMulti;
  const bool watch_broken = state_.watches.Broken(session, *state_.transaction);
  const std::unique_ptr<Multi> multi = std::move(session.multi);
  state_.watches.Clear(session);
  // The commands of an EXEC see a client that is in MULTI still, as in Redis.
  const absl::Cleanup end = [&] { Forget(session); };
  if (multi->broken) return kAborted;
  if (watch_broken) {
    context.reply.NullArray();
    return Done{};
  }
  for (const QueuedCommand& queued : multi->queue) {
    if (const auto error = RefusalByStore(session, *queued.entry, queued.request.words(), state_)) {
      return Aborted(*error);
    }
  }
  context.reply.Array(multi->queue.size());
  for (const QueuedCommand& queued : multi->queue) RunQueued(session, queued, context.reply);
  return Done{};
}

// The user's rules may have changed since it was queued.
void TransactionDoor::RunQueued(Session& session, const QueuedCommand& queued, resp::ReplyWriter& reply) {
  const resp::Request words = queued.request.words();
  const command::AclVerdict verdict =
      CheckAccess(state_, session, *queued.entry, words, AccessContext::kMulti);
  if (verdict.allowed()) return runner_.RunNested(session, *queued.entry, words, reply);
  const CommandError& error = verdict.denial == command::AclDenial::kCommand ? kCommandDenied
                              : verdict.denial == command::AclDenial::kKey   ? kKeyDenied
                                                                             : kChannelDenied;
  state_.counters.Error(error.text());
  reply.Error(error.text());
}

Outcome TransactionDoor::Discard(command::Client& client) {
  Session& session = SessionOf(client);
  if (!session.in_multi) return kDiscardWithoutMulti;
  Forget(session);
  return Done{};
}

Outcome TransactionDoor::Watch(command::Client& client, std::span<const std::string_view> keys) {
  Session& session = SessionOf(client);
  if (session.in_multi) return kWatchInMulti;
  // Once broken it stays broken until EXEC: more keys change nothing.
  if (session.watch_broken) return Done{};
  const storage::Keyspace keyspace(*state_.transaction, session.database);
  for (const std::string_view key : keys) state_.watches.Add(session, keyspace, key);
  return Done{};
}

void TransactionDoor::Unwatch(command::Client& client) { state_.watches.Clear(SessionOf(client)); }

}  // namespace holdfast::server::engine
