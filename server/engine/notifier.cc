#include "server/engine/notifier.h"

#include "server/command/words.h"
#include "server/engine/event_classes.h"

namespace holdfast::server::engine {

void Notifier::Send() {
  if (!state_.transaction->has_events()) return;
  const uint32_t choice = state_.settings.event_choice();
  for (const storage::Event& event : state_.transaction->TakeEvents()) {
    const std::string database = std::to_string(event.database);
    if ((choice & kByKeyspace) != 0) {
      pubsub_.Publish(command::PubSub::Kind::kChannel,
                      command::Concat({"__keyspace@", database, "__:", event.key}), event.name);
    }
    if ((choice & kByEvent) != 0) {
      pubsub_.Publish(command::PubSub::Kind::kChannel,
                      command::Concat({"__keyevent@", database, "__:", event.name}), event.key);
    }
  }
}

}  // namespace holdfast::server::engine
