#include "storage/log/record_format.h"

#include "absl/strings/str_cat.h"
#include "storage/checksum.h"
#include "storage/codec.h"

namespace holdfast::storage::log {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMagic = "HOLDLOG\n";
constexpr size_t kVersionAt = 8;
constexpr size_t kPrologueCrcAt = 12;
constexpr size_t kHeaderCrcAt = 64;
constexpr size_t kCrcBytes = 4;
constexpr size_t kFragmentAt = 32;
constexpr size_t kPartAt = 36;

absl::Status Damaged(const std::string& path) {
  return absl::DataLossError(absl::StrCat(path, ": the header of this log segment is damaged at byte 0"));
}

absl::Status CheckPrologue(std::string_view bytes, const std::string& path) {
  const bool sound = bytes.size() >= kSegmentHeaderBytes && bytes.substr(0, kMagic.size()) == kMagic &&
                     Crc32c(0, bytes.substr(0, kPrologueCrcAt)) == ReadU32(bytes.substr(kPrologueCrcAt));
  if (!sound) return Damaged(path);
  const uint32_t version = ReadU32(bytes.substr(kVersionAt));
  if (version <= kFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": written by a newer Holdfast (format ", version,
                                                    "; this one knows up to ", kFormatVersion, ")"));
}

bool Plausible(const SegmentHeader& header) {
  const uint32_t block = header.block_bytes;
  return block >= kSegmentHeaderBytes && (block & (block - 1)) == 0 && header.segment_bytes % block == 0 &&
         header.segment_bytes <= kLargestSegmentBytes && header.first_sequence > header.durable_sequence;
}

bool Known(Fragment fragment) { return fragment >= Fragment::kWhole && fragment <= Fragment::kLast; }

}  // namespace

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string bytes(kMagic);
  AppendU32(bytes, kFormatVersion);
  AppendU32(bytes, Crc32c(0, bytes));
  AppendU32(bytes, header.block_bytes);
  AppendU32(bytes, header.segment_bytes);
  AppendU64(bytes, header.generation);
  AppendU64(bytes, header.epoch);
  AppendU64(bytes, header.first_sequence);
  AppendU64(bytes, header.durable_sequence);
  AppendU64(bytes, header.salt);
  AppendU32(bytes, Crc32c(0, bytes));
  return bytes;
}

absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view bytes, const std::string& path) {
  if (auto status = CheckPrologue(bytes, path); !status.ok()) return status;
  if (Crc32c(0, bytes.substr(0, kHeaderCrcAt)) != ReadU32(bytes.substr(kHeaderCrcAt))) return Damaged(path);
  const SegmentHeader header = {.block_bytes = ReadU32(bytes.substr(16)),
                                .segment_bytes = ReadU32(bytes.substr(20)),
                                .generation = ReadU64(bytes.substr(24)),
                                .epoch = ReadU64(bytes.substr(32)),
                                .first_sequence = ReadU64(bytes.substr(40)),
                                .durable_sequence = ReadU64(bytes.substr(48)),
                                .salt = ReadU64(bytes.substr(56))};
  if (!Plausible(header)) return Damaged(path);
  return header;
}

uint32_t FrameSeed(const SegmentHeader& header) {
  return ReadU32(std::string_view(EncodeSegmentHeader(header)).substr(kHeaderCrcAt));
}

std::string EncodeFrameHeader(const FrameHeader& header, std::string_view payload, uint32_t seed) {
  std::string body;
  AppendU32(body, header.payload_bytes);
  AppendU64(body, header.epoch);
  AppendU64(body, header.sequence);
  AppendU64(body, header.durable_sequence);
  body.push_back(static_cast<char>(header.fragment));
  body.append("\0\0\0"sv);
  AppendU32(body, header.part);
  std::string bytes;
  AppendU32(bytes, Crc32c(Crc32c(seed, body), payload));
  return bytes + body;
}

std::optional<FrameHeader> DecodeFrame(std::string_view bytes, const SegmentHeader& segment, uint32_t seed) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const FrameHeader header = {.payload_bytes = ReadU32(bytes.substr(4)),
                              .epoch = ReadU64(bytes.substr(8)),
                              .sequence = ReadU64(bytes.substr(16)),
                              .durable_sequence = ReadU64(bytes.substr(24)),
                              .fragment = static_cast<Fragment>(bytes[kFragmentAt]),
                              .part = ReadU32(bytes.substr(kPartAt))};
  const bool plausible = header.payload_bytes <= bytes.size() - kFrameHeaderBytes &&
                         header.epoch == segment.epoch && header.sequence >= segment.first_sequence &&
                         header.durable_sequence < header.sequence && Known(header.fragment);
  if (!plausible) return std::nullopt;
  const auto covered = bytes.substr(kCrcBytes, kFrameHeaderBytes - kCrcBytes + header.payload_bytes);
  if (Crc32c(seed, covered) != ReadU32(bytes)) return std::nullopt;
  return header;
}

}  // namespace holdfast::storage::log
