#pragma once

#include <functional>

#include "server/command/services.h"
#include "server/engine/pubsub_hub.h"
#include "server/engine/state.h"
#include "server/engine/transaction_door.h"

namespace holdfast::server::engine {

// CLIENT LIST, KILL, UNBLOCK and RESET: the connections as commands see them.
class ClientDoor final : public command::Clients {
 public:
  ClientDoor(State& state, PubSubHub& pubsub, TransactionDoor& transactions)
      : state_(state), pubsub_(pubsub), transactions_(transactions) {}

  // Everything that other parts hold of it: lines, watches, subscriptions, MULTI.
  void Forget(Session& session);
  // Closes its connection at once; what it has not read is lost. The second form says why in the log.
  void Close(Session& session);
  void Close(Session& session, std::string_view why);
  // Takes a blocked client out of its lines; what its reply is has been written.
  void Release(Session& session);

  // command::Clients.
  void ForEach(absl::FunctionRef<void(const command::Client&)> visit) const override;
  [[nodiscard]] const command::Client* Find(uint64_t id) const override { return state_.Find(id); }
  bool Kill(uint64_t id) override;
  bool UnblockClient(uint64_t id, Unblock how) override;
  void Pause(Paused what, absl::Time until) override;
  void Unpause() override;
  bool Monitor(command::Client& client) override { return state_.monitors.Add(SessionOf(client)); }
  void Reset(command::Client& client) override;

 private:
  State& state_;
  PubSubHub& pubsub_;
  TransactionDoor& transactions_;
};

}  // namespace holdfast::server::engine
