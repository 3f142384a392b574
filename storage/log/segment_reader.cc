#include "storage/log/segment_reader.h"

#include "absl/strings/str_cat.h"
#include "storage/log/segment_files.h"

namespace holdfast::storage::log {

absl::StatusOr<SegmentHeader> ReadSegmentHeader(Env& env, const std::string& path) {
  auto file = env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  std::string bytes(kSegmentHeaderBytes, '\0');
  const auto got = (*file)->Read(0, absl::MakeSpan(bytes));
  if (!got.ok()) return got.status();
  bytes.resize(*got);
  return DecodeSegmentHeader(bytes, path);
}

absl::Status SegmentReader::Open(const std::string& path, const SegmentHeader& header) {
  header_ = header;
  seed_ = FrameSeed(header);
  offset_ = expected_offset_ = header.block_bytes;
  buffer_.Resize(header.segment_bytes);
  auto file = OpenForReading(env_, path);
  if (!file.ok()) return file.status();
  if (auto status = (*file)->Sync(); !status.ok()) return status;
  const auto got = (*file)->Read(0, absl::MakeSpan(buffer_.data(), buffer_.capacity()));
  if (!got.ok()) return got.status();
  // Segments are made whole before they are used: only damage makes one short.
  if (*got < header.segment_bytes) {
    return absl::DataLossError(absl::StrCat(path, ": ", *got, " bytes instead of ", header.segment_bytes,
                                            ": the log was cut short; restore the file from a backup"));
  }
  bytes_ = std::string_view(buffer_.data(), header.segment_bytes);
  return absl::OkStatus();
}

std::optional<Frame> SegmentReader::Next() {
  for (; offset_ < bytes_.size(); offset_ += header_.block_bytes) {
    const auto found = DecodeFrame(bytes_.substr(offset_), header_, seed_);
    if (!found) continue;
    const Frame frame{*found, bytes_.substr(offset_ + kFrameHeaderBytes, found->payload_bytes), offset_};
    offset_ += RoundUp(kFrameHeaderBytes + found->payload_bytes, header_.block_bytes);
    expected_offset_ = offset_;
    return frame;
  }
  return std::nullopt;
}

}  // namespace holdfast::storage::log
