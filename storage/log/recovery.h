#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/log/replayer.h"

namespace holdfast::storage::log {

// The state of a log's folder after replay.
struct RecoveredLog {
  uint64_t last_sequence = 0;              // the newest record that counts; at least the checkpoint's
  uint64_t newest_epoch = 0;               // 0: the log is new
  std::vector<RecoveredSegment> live;      // hold records after the checkpoint; oldest first
  std::vector<RecoveredSegment> obsolete;  // hold nothing that is needed; oldest first
};

// Replays the live segments with these numbers (ascending) in `folder`: hands each record after `applied` to
// listener.OnRecord, in order and once it is durable.
//
// What counts. A record counts if all its fragments are sound and every record before it counts. With the
// first gap the epoch's history ends: what follows in the epoch is cut off, unless something proves that the
// missing record was durable. Each frame and each segment header says how far the log was durable when it was
// written; with such a proof the gap is damage, kDataLoss, naming file, offset and record. The first segment
// of the next epoch says with its first_sequence where history goes on; what an older epoch holds from there
// on was cut off then and is so now.
[[nodiscard]] absl::StatusOr<RecoveredLog> Replay(Env& env, const std::string& folder,
                                                  const std::vector<uint64_t>& numbers, Position applied,
                                                  Listener& listener);

}  // namespace holdfast::storage::log
