#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/env.h"
#include "storage/log/aligned_buffer.h"
#include "storage/log/record_format.h"

namespace holdfast::storage::log {

// A frame that was read; the payload's bytes belong to the reader until its next Open.
struct Frame {
  FrameHeader header;
  std::string_view payload;
  uint64_t offset;
};

// Reads the header of the segment at `path`. Failures as DecodeSegmentHeader's.
[[nodiscard]] absl::StatusOr<SegmentHeader> ReadSegmentHeader(Env& env, const std::string& path);

// The sound frames of one segment after the other, in the order in which they stand. What is no sound frame
// is passed over block by block; whether anything is missing shows in the frames' sequences.
class SegmentReader {
 public:
  SegmentReader(Env& env, size_t block_bytes) : env_(env), buffer_(block_bytes) {}

  // Reads the whole segment into memory, after a sync: what is seen here is durable from now on.
  [[nodiscard]] absl::Status Open(const std::string& path, const SegmentHeader& header);

  // The next sound frame, or nullopt at the segment's end.
  [[nodiscard]] std::optional<Frame> Next();

  // Where the frame after the last one that Next returned should begin.
  [[nodiscard]] uint64_t expected_offset() const { return expected_offset_; }

 private:
  Env& env_;
  AlignedBuffer buffer_;
  SegmentHeader header_;
  uint32_t seed_ = 0;
  std::string_view bytes_;
  uint64_t offset_ = 0;
  uint64_t expected_offset_ = 0;
};

}  // namespace holdfast::storage::log
