#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "server/command/string_map.h"
#include "server/engine/session.h"
#include "storage/transaction.h"

namespace holdfast::server::engine {

// Who waits for which key: first come, first served, each with a deadline. Only the lines; running the
// commands again is the core's work.
class Waiters {
 public:
  [[nodiscard]] bool empty() const { return by_deadline_.empty(); }
  // Keys that somebody waits for.
  [[nodiscard]] size_t key_count() const { return lines_.size(); }
  // Those that wait with a deadline.
  [[nodiscard]] size_t timed() const;
  [[nodiscard]] size_t size() const { return by_deadline_.size(); }

  // Puts `session` at the end of the lines of wait.keys. `words` are copied.
  void Add(Session& session, const command::Table::Entry& entry, resp::Request words,
           const command::Wait& wait);
  // Takes it out of all lines.
  void Remove(Session& session);

  // Notes the key as ready, to be looked at, if somebody waits for it. What it holds is asked when its line
  // is served: what touched it may have changed it again since.
  void Touch(const storage::Touch& touch);
  // The next ready key (a DatabaseKey), in the order of the touches.
  [[nodiscard]] std::optional<std::string> TakeReady();
  // The first in line for that key who wants what it holds (nullopt: it is gone), behind `ticket` (0: of
  // all); null if there is none.
  [[nodiscard]] Session* NextInLine(std::string_view key, std::optional<storage::ValueType> holds,
                                    uint64_t ticket) const;
  // All keys with a line in `database`: after the whole database changed.
  [[nodiscard]] std::vector<std::string> KeysOf(int database) const;
  void MarkReady(std::string key);

  // absl::InfiniteFuture() if nobody waits with a deadline.
  [[nodiscard]] absl::Time next_deadline() const;
  // One whose deadline has come; null if there is none. It stays in its lines.
  [[nodiscard]] Session* Expired(absl::Time now) const;

 private:
  using Queue = absl::btree_map<uint64_t, Session*>;

  uint64_t next_ticket_ = 1;
  command::StringMap<Queue> lines_;
  absl::btree_map<std::pair<absl::Time, uint64_t>, Session*> by_deadline_;
  std::vector<std::string> ready_;
  size_t next_ready_ = 0;
};

}  // namespace holdfast::server::engine
