#pragma once

#include "server/engine/pubsub_hub.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// Keyspace notifications: what commands did to keys, published on channels of the key's and of the event's
// name. https://redis.io/docs/latest/develop/use/keyspace-notifications/
class Notifier {
 public:
  Notifier(State& state, PubSubHub& pubsub) : state_(state), pubsub_(pubsub) {}

  // Publishes what the commands since the last call did. Needs a running turn: messages leave with it.
  void Send();

 private:
  State& state_;
  PubSubHub& pubsub_;
};

}  // namespace holdfast::server::engine
