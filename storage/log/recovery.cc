#include "storage/log/recovery.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/log/segment_files.h"
#include "storage/log/segment_reader.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// A segment and the first record that does not count in it, because a later epoch begins there.
struct Candidate {
  RecoveredSegment segment;
  uint64_t limit = kNoLimit;

  [[nodiscard]] bool empty() const { return segment.header.first_sequence >= limit; }
};

std::string Advice(const std::string& folder, Position applied) {
  return absl::StrCat(
      "Restore the data folder from a backup; or, to go on from the checkpoint, which ends with record ",
      applied.sequence, ", and lose what came after it, move the folder ", folder, " away");
}

absl::StatusOr<std::vector<Candidate>> ReadHeaders(Env& env, const std::string& folder,
                                                   const std::vector<uint64_t>& numbers) {
  std::vector<Candidate> found;
  uint64_t newest_epoch = 0;
  for (const uint64_t number : numbers) {
    Candidate candidate;
    candidate.segment.number = number;
    candidate.segment.path = PathOf(folder, {SegmentKind::kLive, number});
    const auto header = ReadSegmentHeader(env, candidate.segment.path);
    if (!header.ok()) return header.status();
    if (header->generation != number || header->epoch < newest_epoch) {
      return absl::DataLossError(absl::StrCat(candidate.segment.path,
                                              " is not what its name says: generation ", header->generation,
                                              ", epoch ", header->epoch));
    }
    newest_epoch = header->epoch;
    candidate.segment.header = *header;
    found.push_back(std::move(candidate));
  }
  return found;
}

void FindLimits(std::vector<Candidate>& candidates) {
  uint64_t limit = kNoLimit;       // of the epoch being looked at
  uint64_t next_limit = kNoLimit;  // of the epoch before it
  uint64_t epoch = kNoLimit;
  for (auto it = candidates.rbegin(); it != candidates.rend(); ++it) {
    const SegmentHeader& header = it->segment.header;
    if (header.epoch != epoch) limit = next_limit;
    epoch = header.epoch;
    it->limit = limit;
    next_limit = std::min(next_limit, header.first_sequence);
  }
}

// A checkpoint that holds records which a later epoch has cut off belongs to another history.
absl::Status CheckHistory(const std::vector<Candidate>& candidates, Position applied) {
  for (const auto& [segment, limit] : candidates) {
    if (segment.header.epoch <= applied.epoch || segment.header.first_sequence > applied.sequence) continue;
    return absl::DataLossError(
        absl::StrCat(segment.path, ": epoch ", segment.header.epoch, " begins at record ",
                     segment.header.first_sequence, ", but the checkpoint holds record ", applied.sequence,
                     " of epoch ", applied.epoch, ": log and checkpoint are not of the same data folder"));
  }
  return absl::OkStatus();
}

// The segments from the last one that may hold the beginning of the record after `applied`: one that begins
// with an earlier record. Without those that are cut off as a whole: a crash while they were recycled leaves
// any of them.
std::vector<Candidate*> Needed(std::vector<Candidate>& candidates, Position applied) {
  std::vector<Candidate*> needed;
  for (Candidate& candidate : candidates) {
    if (candidate.empty()) continue;
    if (candidate.segment.header.first_sequence <= applied.sequence) needed.clear();
    needed.push_back(&candidate);
  }
  return needed;
}

absl::Status ReplaySegment(SegmentReader& reader, Candidate& candidate, Replayer& replayer) {
  RecoveredSegment& segment = candidate.segment;
  if (auto status = replayer.BeginSegment(segment, candidate.limit); !status.ok()) return status;
  if (auto status = reader.Open(segment.path, segment.header); !status.ok()) return status;
  while (const auto frame = reader.Next()) {
    if (auto status = replayer.Add(*frame); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecoveredLog> Replay(Env& env, const std::string& folder, const std::vector<uint64_t>& numbers,
                                    Position applied, Listener& listener) {
  auto candidates = ReadHeaders(env, folder, numbers);
  if (!candidates.ok()) return candidates.status();
  FindLimits(*candidates);
  if (auto status = CheckHistory(*candidates, applied); !status.ok()) return status;

  SegmentReader reader(env, env.BlockBytes(folder));
  Replayer replayer(applied, Advice(folder, applied), listener);
  for (Candidate* const candidate : Needed(*candidates, applied)) {
    if (auto status = ReplaySegment(reader, *candidate, replayer); !status.ok()) return status;
  }

  RecoveredLog log;
  log.last_sequence = replayer.last_sequence();
  if (!candidates->empty()) log.newest_epoch = candidates->back().segment.header.epoch;
  for (auto& candidate : *candidates) {
    auto& list = candidate.segment.last_sequence > applied.sequence ? log.live : log.obsolete;
    list.push_back(std::move(candidate.segment));
  }
  return log;
}

}  // namespace holdfast::storage::log
