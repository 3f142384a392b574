#include "storage/log/record_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace holdfast::storage::log {
namespace {

Fragment FragmentOf(bool first, bool last) {
  if (first) return last ? Fragment::kWhole : Fragment::kFirst;
  return last ? Fragment::kLast : Fragment::kMiddle;
}

}  // namespace

RecordWriter::RecordWriter(size_t block_bytes, NextSegment next_segment, Wrote wrote)
    : block_bytes_(block_bytes),
      next_segment_(std::move(next_segment)),
      wrote_(std::move(wrote)),
      buffer_(block_bytes) {}

void RecordWriter::Begin(std::shared_ptr<File> file, const SegmentHeader& header) {
  file_ = std::move(file);
  segment_ = header;
  seed_ = FrameSeed(header);
  offset_ = block_bytes_;
}

size_t RecordWriter::PayloadRoom() const {
  const uint64_t left = segment_.segment_bytes - std::min<uint64_t>(offset_, segment_.segment_bytes);
  return left == 0 ? 0 : left - kFrameHeaderBytes;
}

uint64_t RecordWriter::SegmentsFor(uint64_t payload_bytes, uint64_t segment_bytes) const {
  const uint64_t here = PayloadRoom();
  if (payload_bytes <= here) return 0;
  const uint64_t each = segment_bytes - block_bytes_ - kFrameHeaderBytes;
  return (payload_bytes - here + each - 1) / each;
}

absl::Status RecordWriter::Write(const Batch& batch, uint64_t sequence, uint64_t durable_sequence) {
  Progress progress{.sequence = sequence,
                    .durable_sequence = durable_sequence,
                    .left = EncodedBatchSize(batch),
                    .status = {}};
  progress.status = BeginFrame(progress);
  EncodeBatch(batch, [&](std::string_view piece) { Add(piece, progress); });
  return progress.status;
}

absl::Status RecordWriter::BeginFrame(const Progress& progress) {
  if (PayloadRoom() == 0) {
    if (auto status = next_segment_(progress.sequence); !status.ok()) return status;
  }
  frame_payload_ = std::min(progress.left, PayloadRoom());
  filled_ = 0;
  buffer_.Resize(kFrameHeaderBytes + frame_payload_);
  return absl::OkStatus();
}

void RecordWriter::Add(std::string_view piece, Progress& progress) {
  while (!piece.empty() && progress.status.ok()) {
    const size_t taken = std::min(piece.size(), frame_payload_ - filled_);
    std::memcpy(buffer_.data() + kFrameHeaderBytes + filled_, piece.data(), taken);
    filled_ += taken;
    piece.remove_prefix(taken);
    if (filled_ == frame_payload_) progress.status = FinishFrame(progress);
  }
}

absl::Status RecordWriter::FinishFrame(Progress& progress) {
  progress.left -= frame_payload_;
  const FrameHeader header = {.payload_bytes = static_cast<uint32_t>(frame_payload_),
                              .epoch = segment_.epoch,
                              .sequence = progress.sequence,
                              .durable_sequence = progress.durable_sequence,
                              .fragment = FragmentOf(progress.part == 0, progress.left == 0),
                              .part = progress.part};
  const std::string_view payload(buffer_.data() + kFrameHeaderBytes, frame_payload_);
  const std::string head = EncodeFrameHeader(header, payload, seed_);
  std::memcpy(buffer_.data(), head.data(), head.size());
  const size_t bytes = kFrameHeaderBytes + frame_payload_;
  const size_t padded = RoundUp(bytes, block_bytes_);
  std::memset(buffer_.data() + bytes, 0, padded - bytes);
  if (auto status = file_->Write(offset_, std::string_view(buffer_.data(), padded)); !status.ok())
    return status;
  offset_ += padded;
  written_bytes_ += padded;
  ++progress.part;
  if (auto status = wrote_(file_); !status.ok()) return status;
  return progress.left == 0 ? absl::OkStatus() : BeginFrame(progress);
}

}  // namespace holdfast::storage::log
