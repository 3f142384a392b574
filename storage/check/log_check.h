#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/check/findings.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"

namespace holdfast::storage::check {

struct LogFacts {
  uint64_t segments = 0;
  uint64_t sound_frames = 0;
  uint64_t records_to_replay = 0;  // behind the checkpoint: what the next start replays
  uint64_t last_sequence = 0;      // the newest record that counts
};

// Reads the whole log in `folder` and decides, as the next start would, what of it counts; `checkpoint` is
// the data file's. A torn end was never acknowledged and is no damage. Changes nothing.
[[nodiscard]] LogFacts CheckLog(Env& env, const std::string& folder, log::Position checkpoint,
                                Findings& findings);

// For salvage: hands on every whole record behind `applied` in order, also behind gaps, which are damage.
// What a later opening of the folder had cut off is left out.
void ReadLog(Env& env, const std::string& folder, log::Position applied, Findings& findings,
             const std::function<void(log::Position position, const Batch& batch)>& take);

}  // namespace holdfast::storage::check
