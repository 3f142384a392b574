#pragma once

#include <deque>

#include "server/command/observation.h"
#include "server/engine/session.h"
#include "server/engine/settings.h"

namespace holdfast::server::engine {

// The slowest commands of late, in memory: slowlog-log-slower-than, slowlog-max-len.
class CommandSlowLog final : public command::SlowLog {
 public:
  explicit CommandSlowLog(const Settings& settings) : settings_(settings) {}

  // A command ended; noted if it was slow.
  void Ran(const Session& session, const command::Table::Entry& entry, resp::Request words,
           absl::Duration took, absl::Time now);

  // command::SlowLog.
  [[nodiscard]] const std::deque<command::SlowCommand>& entries() const override { return entries_; }
  void Clear() override { entries_.clear(); }

 private:
  void Add(const Session& session, resp::Request words, absl::Duration took, absl::Time now);

  const Settings& settings_;
  std::deque<command::SlowCommand> entries_;
  int64_t next_id_ = 0;
};

}  // namespace holdfast::server::engine
