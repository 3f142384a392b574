#pragma once

#include <span>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "server/command/string_map.h"
#include "server/engine/session.h"
#include "storage/keyspace.h"

namespace holdfast::server::engine {

// WATCH: which clients' next EXEC a change of a key breaks.
//
// A key that expires breaks it too, unless it was already expired when it was watched; FLUSHDB breaks it only
// for keys that existed.
class Watches {
 public:
  [[nodiscard]] bool empty() const { return watchers_.empty(); }

  // `keyspace` is of the session's database.
  void Add(Session& session, const storage::Keyspace& keyspace, std::string_view key);
  void Clear(Session& session);

  // A command changed a key; `transaction` shows the state after it.
  void Touch(const storage::Touch& touch, storage::Transaction& transaction);
  // Whether EXEC must answer nil: a watched key changed, or expired meanwhile.
  [[nodiscard]] bool Broken(const Session& session, storage::Transaction& transaction) const;
  // All that watch anything: a store that fell back to an earlier state.
  void BreakAll();

 private:
  void TouchDatabase(int database, storage::Transaction& transaction);

  command::StringMap<absl::flat_hash_set<Session*>> watchers_;
};

}  // namespace holdfast::server::engine
