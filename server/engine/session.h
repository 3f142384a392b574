#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "server/command/acl_user.h"
#include "server/command/client.h"
#include "server/command/outcome.h"
#include "server/command/string_map.h"
#include "server/command/table.h"
#include "server/engine/connection.h"
#include "server/engine/outbox.h"
#include "server/engine/stored_request.h"
#include "storage/handed_out.h"

namespace holdfast::server::engine {

// A key as the engine's maps hold it: the database's number as one byte, then the key.
[[nodiscard]] inline std::string DatabaseKey(int database, std::string_view key) {
  std::string out(1, static_cast<char>(database));
  out += key;
  return out;
}

struct QueuedCommand {
  const command::Table::Entry* entry;
  StoredRequest request;
};

// MULTI ... EXEC.
struct Multi {
  std::vector<QueuedCommand> queue;
  size_t bytes = 0;     // of all queued words
  bool broken = false;  // a command was refused while queueing: EXEC aborts
};

struct WatchedKey {
  bool existed;  // when it was watched
  bool stale;    // it was expired but still stored then: its removal is no change
};

// A blocked client. It stays in line under `ticket` until it is served, however often it is tried.
struct Waiter {
  uint64_t ticket = 0;
  const command::Table::Entry* entry = nullptr;
  StoredRequest request;
  storage::ValueType type = storage::ValueType::kList;
  absl::Time deadline;
  command::Wait::Reply on_timeout = command::Wait::Reply::kNullArray;
  bool when_gone = false;
  std::vector<std::string> keys;  // DatabaseKeys

  // Whether it is to be tried when a key of its has `now`; nullopt: is gone.
  [[nodiscard]] bool Wants(std::optional<storage::ValueType> now) const { return when_gone || now == type; }
};

// A connection with all the state the engine holds for it. Handlers see the Client part. The engine's
// components know that every Client they are given is a Session.
struct Session : command::Client {
  Connection* connection = nullptr;  // null once disconnected, and for a script's own view
  // As whom it may do what; its name is Client::user. Set from the moment it connects.
  const command::AclUser* permissions = nullptr;
  Outbox outbox;
  std::string pushes;    // messages that came while its own command ran: sent behind that reply
  bool in_turn = false;  // it is in the turn's list of sessions that have something to send
  bool delayed = false;  // its replies are held back by producer-delay, and it is in the list of those
  size_t bytes_while_delayed = 0;  // of the requests that it sent since then
  bool stalled = false;            // those are many: it is not read on before its replies leave
  bool closing = false;            // nothing is run for it any more

  std::unique_ptr<Multi> multi;
  command::StringMap<WatchedKey> watched;  // by DatabaseKey
  bool watch_broken = false;
  std::unique_ptr<Waiter> waiter;
  std::unique_ptr<StoredRequest> postponed;  // came during CLIENT PAUSE: runs when that is over
  command::StringSet channel_names;
  command::StringSet pattern_names;
  command::StringSet shard_names;
  // What it popped and has not confirmed (HandOvers), in order; and whether its connection will be asked.
  absl::InlinedVector<storage::HandedOut::Id, 1> handed_out;
  bool hand_over_watched = false;
  absl::Time slow_since = absl::InfiniteFuture();  // its unsent bytes are above the soft limit since then
};

[[nodiscard]] inline Session& SessionOf(command::Client& client) { return static_cast<Session&>(client); }
[[nodiscard]] inline const Session& SessionOf(const command::Client& client) {
  return static_cast<const Session&>(client);
}

}  // namespace holdfast::server::engine
