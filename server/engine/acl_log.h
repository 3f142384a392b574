#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "server/command/services.h"

namespace holdfast::server::engine {

// What ACL LOG shows: what was denied, the newest first. The same thing denied again within a minute adds to
// its entry, if that is among the newest.
class AclLog {
 public:
  // `entry` needs no id and no count; `updated` is now. Older entries than the newest `most` are dropped.
  void Add(command::AclLogEntry entry, size_t most);
  void Clear() { entries_.clear(); }

  [[nodiscard]] std::vector<const command::AclLogEntry*> entries() const;

 private:
  std::deque<command::AclLogEntry> entries_;
  uint64_t next_id_ = 0;
};

}  // namespace holdfast::server::engine
