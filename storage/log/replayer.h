#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/log/commit_log.h"
#include "storage/log/record_format.h"
#include "storage/log/segment_reader.h"

namespace holdfast::storage::log {

// A segment as recovery sees it.
struct RecoveredSegment {
  uint64_t number = 0;  // of its file's name
  std::string path;
  SegmentHeader header;
  uint64_t last_sequence = 0;  // the newest record that counts and has a frame here; 0 if there is none
};

// Puts frames together to records, decides which of them count and hands those on. The rules stand in
// recovery.h.
class Replayer {
 public:
  // Records up to `applied` are not wanted. `advice` ends the text of a kDataLoss.
  Replayer(Position applied, std::string advice, Listener& listener);

  // The frames that follow stand in `segment`, which outlives the replayer. Those of records from `limit` on
  // are cut off.
  [[nodiscard]] absl::Status BeginSegment(RecoveredSegment& segment, uint64_t limit);
  [[nodiscard]] absl::Status Add(const Frame& frame);

  // The newest record that counts.
  [[nodiscard]] uint64_t last_sequence() const { return expected_ - 1; }

 private:
  struct Place {
    std::string path;
    uint64_t offset = 0;
  };

  // kDataLoss if everything up to `durable` was on disk once and the expected record, which is not there,
  // belongs to it.
  [[nodiscard]] absl::Status CheckDurable(uint64_t durable) const;
  [[nodiscard]] absl::Status Missing() const;
  // Whether the segments that held the record's first fragments are gone, as with a checkpoint older than the
  // log's.
  [[nodiscard]] bool BeganBefore(const FrameHeader& frame) const;
  [[nodiscard]] bool IsNext(const FrameHeader& frame) const;
  [[nodiscard]] absl::Status Accept(const Frame& frame);
  [[nodiscard]] absl::Status Deliver(std::string_view payload);
  void DropFragments();

  const Position applied_;
  const std::string advice_;
  Listener& listener_;

  RecoveredSegment* segment_ = nullptr;
  bool in_first_segment_ = false;
  uint64_t limit_ = 0;
  uint64_t expected_;                     // the next record that counts
  Place place_;                           // where its next frame should stand
  bool broken_off_ = false;               // it does not, so nothing more of this epoch counts
  std::string payload_;                   // of the fragments gathered so far
  std::vector<RecoveredSegment*> parts_;  // and the segments they stand in
};

}  // namespace holdfast::storage::log
