#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "storage/batch.h"
#include "storage/env.h"
#include "storage/log/aligned_buffer.h"
#include "storage/log/record_format.h"

namespace holdfast::storage::log {

// Lays records out as frames in segments: one frame where the record fits into what is left of the current
// segment, else one in each of as many segments as it takes. Holds one frame in memory, whatever the record's
// size. Every frame goes out in one aligned write of whole blocks, after the last frame's blocks. It syncs
// nothing.
class RecordWriter {
 public:
  // Called when the current segment has no room for the record `sequence` to go on: calls Begin with a new
  // one.
  using NextSegment = std::function<absl::Status(uint64_t sequence)>;
  // Called after each frame with the file that it went to.
  using Wrote = std::function<absl::Status(const std::shared_ptr<File>& file)>;

  RecordWriter(size_t block_bytes, NextSegment next_segment, Wrote wrote);

  // From now on frames go to `file`, which has `header` in its first block and nothing that counts behind it.
  void Begin(std::shared_ptr<File> file, const SegmentHeader& header);

  // Writes one record. After an error nothing may be written before Begin.
  [[nodiscard]] absl::Status Write(const Batch& batch, uint64_t sequence, uint64_t durable_sequence);

  // What all records so far take on disk, with headers and padding.
  [[nodiscard]] uint64_t written_bytes() const { return written_bytes_; }

  // How many further segments of `segment_bytes` a record of `payload_bytes` needs.
  [[nodiscard]] uint64_t SegmentsFor(uint64_t payload_bytes, uint64_t segment_bytes) const;

 private:
  // The record under way.
  struct Progress {
    uint64_t sequence;
    uint64_t durable_sequence;
    size_t left;        // payload bytes that are not in a frame yet
    uint32_t part = 0;  // fragments written
    absl::Status status;
  };

  [[nodiscard]] size_t PayloadRoom() const;
  // Makes room for a frame: the next segment if need be, and memory.
  absl::Status BeginFrame(const Progress& progress);
  void Add(std::string_view piece, Progress& progress);
  absl::Status FinishFrame(Progress& progress);

  const size_t block_bytes_;
  const NextSegment next_segment_;
  const Wrote wrote_;

  std::shared_ptr<File> file_;
  SegmentHeader segment_;
  uint32_t seed_ = 0;
  uint64_t offset_ = 0;  // where the next frame begins
  uint64_t written_bytes_ = 0;

  AlignedBuffer buffer_;      // the frame under way: header, payload, padding
  size_t frame_payload_ = 0;  // payload bytes that the frame will have
  size_t filled_ = 0;         // and has
};

}  // namespace holdfast::storage::log
