#pragma once

#include "server/command/services.h"
#include "server/engine/runner.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// MULTI, EXEC, DISCARD, WATCH, UNWATCH.
class TransactionDoor final : public command::Transactions {
 public:
  TransactionDoor(State& state, Runner& runner) : state_(state), runner_(runner) {}

  // A command inside MULTI: kept until EXEC. Writes QUEUED.
  static void Queue(Session& session, const command::Table::Entry& entry, resp::Request words,
                    resp::ReplyWriter& reply);
  // A command inside MULTI was refused: EXEC will abort.
  static void Break(Session& session);
  // What EXEC answers when `why` keeps it from running at all.
  [[nodiscard]] static command::CommandError Aborted(const command::CommandError& why);
  // Forgets MULTI and WATCH.
  void Forget(Session& session);

  // command::Transactions.
  command::Outcome Begin(command::Client& client) override;
  command::Outcome Execute(command::Context& context) override;
  command::Outcome Discard(command::Client& client) override;
  command::Outcome Watch(command::Client& client, std::span<const std::string_view> keys) override;
  void Unwatch(command::Client& client) override;

 private:
  void RunQueued(Session& session, const QueuedCommand& queued, resp::ReplyWriter& reply);

  State& state_;
  Runner& runner_;
};

}  // namespace holdfast::server::engine
