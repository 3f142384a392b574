#include "storage/check/log_check.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/log/recovery.h"
#include "storage/log/segment_files.h"
#include "storage/log/segment_reader.h"

namespace holdfast::storage::check {
namespace {

struct Segment {
  std::string path;
  uint64_t number = 0;
  log::SegmentHeader header{};
  uint64_t limit = std::numeric_limits<uint64_t>::max();  // records from here on were cut off
};

// The live segments with a sound header, in order; the others are damage.
std::vector<Segment> ReadSegments(Env& env, const std::string& folder, Findings& findings) {
  std::vector<Segment> segments;
  const absl::StatusOr<std::vector<std::string>> names = env.List(folder);
  if (!names.ok()) {
    findings.Damage(folder, std::string(names.status().message()),
                    "the log's folder is missing: without it what came after the checkpoint is lost");
    return segments;
  }
  for (const std::string& name : *names) {
    const std::optional<log::SegmentName> parsed = log::ParseFileName(name);
    if (!parsed || parsed->kind != log::SegmentKind::kLive) continue;
    Segment segment{.path = absl::StrCat(folder, "/", name), .number = parsed->number};
    const absl::StatusOr<log::SegmentHeader> header = log::ReadSegmentHeader(env, segment.path);
    if (!header.ok()) {
      findings.Damage(segment.path, std::string(header.status().message()));
      continue;
    }
    segment.header = *header;
    segments.push_back(std::move(segment));
  }
  uint64_t next = std::numeric_limits<uint64_t>::max();
  uint64_t first = next;  // of the epochs behind the one being looked at
  for (size_t i = segments.size(); i-- > 0;) {
    if (i + 1 < segments.size() && segments[i].header.epoch != segments[i + 1].header.epoch) first = next;
    segments[i].limit = first;
    next = std::min(next, segments[i].header.first_sequence);
  }
  return segments;
}

// Counts what a start would replay.
class Counter final : public log::Listener {
 public:
  absl::Status OnRecord(log::Position, const Batch&) override {
    ++records;
    return absl::OkStatus();
  }
  void OnLeader(uint64_t) override {}
  void OnDurable(uint64_t) override {}
  void OnLost(const absl::Status&) override {}

  uint64_t records = 0;
};

// Puts frames together to whole records, each segment's after the other's, whatever is missing between them.
class Gatherer {
 public:
  using Take = std::function<void(log::Position position, const Batch& batch)>;
  Gatherer(log::Position applied, Findings& findings, const Take& take)
      : findings_(findings), take_(take), expected_(applied.sequence + 1) {}

  void Add(const Segment& segment, const log::Frame& frame) {
    const log::FrameHeader& header = frame.header;
    if (header.sequence < expected_ || header.sequence >= segment.limit) return;
    const bool starts = header.fragment == log::Fragment::kWhole || header.fragment == log::Fragment::kFirst;
    if (starts) {
      payload_.clear();
      parts_ = 0;
      sequence_ = header.sequence;
    }
    if (header.sequence != sequence_ || header.part != parts_) return;
    payload_.append(frame.payload);
    ++parts_;
    if (header.fragment == log::Fragment::kWhole || header.fragment == log::Fragment::kLast)
      Finish(segment, frame);
  }

 private:
  void Finish(const Segment& segment, const log::Frame& frame) {
    const std::string place = absl::StrCat(segment.path, ", byte ", frame.offset);
    Batch batch;
    if (const absl::Status status = DecodeBatch(payload_, batch); !status.ok()) {
      findings_.Damage(place, absl::StrCat("record ", sequence_, ": ", std::string(status.message())));
      return;
    }
    if (sequence_ > expected_) {
      findings_.Damage(place, absl::StrCat("the records ", expected_, " to ", sequence_ - 1,
                                           " are missing before this one"));
    }
    take_({segment.header.epoch, sequence_}, batch);
    expected_ = sequence_ + 1;
    sequence_ = 0;
  }

  Findings& findings_;
  const Take& take_;
  uint64_t expected_;
  uint64_t sequence_ = 0;
  uint32_t parts_ = 0;
  std::string payload_;
};

}  // namespace

LogFacts CheckLog(Env& env, const std::string& folder, log::Position checkpoint, Findings& findings) {
  LogFacts facts;
  const uint64_t before = findings.damages();
  std::vector<uint64_t> numbers;
  log::SegmentReader reader(env, env.BlockBytes(folder));
  for (const Segment& segment : ReadSegments(env, folder, findings)) {
    numbers.push_back(segment.number);
    ++facts.segments;
    if (const absl::Status status = reader.Open(segment.path, segment.header); !status.ok()) {
      findings.Damage(segment.path, std::string(status.message()));
      continue;
    }
    while (reader.Next()) ++facts.sound_frames;
  }
  if (findings.damages() > before) return facts;
  Counter counter;
  const absl::StatusOr<log::RecoveredLog> replayed = log::Replay(env, folder, numbers, checkpoint, counter);
  facts.records_to_replay = counter.records;
  facts.last_sequence = replayed.ok() ? replayed->last_sequence : checkpoint.sequence + counter.records;
  if (!replayed.ok()) {
    findings.Damage(
        folder, std::string(replayed.status().message()),
        "\"holdfast-tool salvage\" copies what can be read, also of what comes behind the damage");
  }
  return facts;
}

void ReadLog(Env& env, const std::string& folder, log::Position applied, Findings& findings,
             const std::function<void(log::Position position, const Batch& batch)>& take) {
  log::SegmentReader reader(env, env.BlockBytes(folder));
  Gatherer gatherer(applied, findings, take);
  for (const Segment& segment : ReadSegments(env, folder, findings)) {
    if (const absl::Status status = reader.Open(segment.path, segment.header); !status.ok()) {
      findings.Damage(segment.path, std::string(status.message()));
      continue;
    }
    while (const std::optional<log::Frame> frame = reader.Next()) gatherer.Add(segment, *frame);
  }
}

}  // namespace holdfast::storage::check
