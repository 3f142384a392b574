#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace holdfast::storage::log {

// The bytes of a log segment; FORMAT.md, "Log segments", tells the same in prose. All numbers are big-endian.
//
//   segment := header frame*            the header and every frame begin at a multiple of block_bytes
//   header  := magic:8 version:4 crc:4                      checksum of the 12 bytes before it; same in all
//   versions
//              block_bytes:4 segment_bytes:4 generation:8 epoch:8 first_sequence:8 durable_sequence:8 salt:8
//              crc:4                                        checksum of all bytes before it
//   frame   := crc:4 payload_bytes:4 epoch:8 sequence:8 durable_sequence:8 fragment:1 zero:3 part:4 payload
//
// A frame's crc goes on from the header's second crc, so that what an earlier use of the file left behind, or
// a client made up inside a value, is never taken for a frame.

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kSegmentHeaderBytes = 68;
inline constexpr size_t kFrameHeaderBytes = 40;
inline constexpr uint64_t kLargestSegmentBytes = uint64_t{1} << 30;

struct SegmentHeader {
  uint32_t block_bytes = 0;
  uint32_t segment_bytes = 0;
  uint64_t generation = 0;        // the number in the file's name; rises with each use of any segment
  uint64_t epoch = 0;             // which opening of the folder wrote it
  uint64_t first_sequence = 0;    // the record that its first frame belongs to
  uint64_t durable_sequence = 0;  // every record up to here was durable when the segment was begun
  uint64_t salt = 0;              // random
};

// Stored; never renumber.
enum class Fragment : uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  uint64_t durable_sequence = 0;  // every record up to here was durable when the frame was written
  Fragment fragment = Fragment::kWhole;
  uint32_t part = 0;  // how many fragments of the record come before it
};

[[nodiscard]] std::string EncodeSegmentHeader(const SegmentHeader& header);
// kFailedPrecondition: a newer version wrote it. kDataLoss: damaged. Messages begin with `path`.
[[nodiscard]] absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view bytes,
                                                                const std::string& path);
// What the checksums of the segment's frames go on from.
[[nodiscard]] uint32_t FrameSeed(const SegmentHeader& header);

[[nodiscard]] std::string EncodeFrameHeader(const FrameHeader& header, std::string_view payload,
                                            uint32_t seed);
// The frame that `bytes` begin with, or nullopt if that is not a whole and sound frame of this segment.
[[nodiscard]] std::optional<FrameHeader> DecodeFrame(std::string_view bytes, const SegmentHeader& segment,
                                                     uint32_t seed);

// `bytes` rounded up to whole blocks.
[[nodiscard]] constexpr uint64_t RoundUp(uint64_t bytes, uint64_t block_bytes) {
  return (bytes + block_bytes - 1) / block_bytes * block_bytes;
}

}  // namespace holdfast::storage::log
