#include "storage/log/record_format.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "storage/batch.h"
#include "storage/checksum.h"
#include "storage/codec.h"

namespace holdfast::storage::log {
namespace {

// The worked example of FORMAT.md.
constexpr SegmentHeader kExample = {.block_bytes = 4096,
                                    .segment_bytes = 16 << 20,
                                    .generation = 2,
                                    .epoch = 1,
                                    .first_sequence = 1,
                                    .durable_sequence = 0,
                                    .salt = 0x0102030405060708};

std::string ExamplePayload() {
  Batch batch;
  batch.time = absl::FromUnixMillis(1'700'000'000'123);
  batch.effects = {{EffectKind::kPut, "q", "job"}, {EffectKind::kDelete, "old", ""}};
  batch.annotations = {{.client = 7, .database = 0, .command = "lpush", .key = "queue"}};
  std::string payload;
  EncodeBatch(batch, payload);
  return payload;
}

std::string ExampleFrame() {
  const std::string payload = ExamplePayload();
  const FrameHeader header = {.payload_bytes = static_cast<uint32_t>(payload.size()),
                              .epoch = 1,
                              .sequence = 1,
                              .durable_sequence = 0,
                              .fragment = Fragment::kWhole};
  return EncodeFrameHeader(header, payload, FrameSeed(kExample)) + payload;
}

TEST(RecordFormatTest, AHeaderIsAsTheWorkedExampleSays) {
  EXPECT_EQ(absl::BytesToHexString(EncodeSegmentHeader(kExample)),
            "484f4c444c4f470a"
            "00000001"
            "3cdb9fa1"
            "00001000"
            "01000000"
            "0000000000000002"
            "0000000000000001"
            "0000000000000001"
            "0000000000000000"
            "0102030405060708"
            "7d494c72");
}

TEST(RecordFormatTest, AFrameIsAsTheWorkedExampleSays) {
  EXPECT_EQ(absl::BytesToHexString(ExampleFrame()).substr(0, 2 * (kFrameHeaderBytes + 5)),
            "0b84c2c8"
            "00000026"
            "0000000000000001"
            "0000000000000001"
            "0000000000000000"
            "01"
            "00000000000000"
            "010000018b");
}

TEST(RecordFormatTest, AHeaderComesBack) {
  const auto header = DecodeSegmentHeader(EncodeSegmentHeader(kExample), "f");
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(EncodeSegmentHeader(*header), EncodeSegmentHeader(kExample));
}

TEST(RecordFormatTest, EveryFlippedBitOfAHeaderIsNoticed) {
  const std::string sound = EncodeSegmentHeader(kExample);
  for (size_t bit = 0; bit < sound.size() * 8; ++bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(DecodeSegmentHeader(bytes, "f").status().code(), absl::StatusCode::kDataLoss) << bit;
  }
  EXPECT_EQ(DecodeSegmentHeader(sound.substr(0, 60), "f").status().code(), absl::StatusCode::kDataLoss);
}

TEST(RecordFormatTest, ANewerVersionIsRefusedByName) {
  std::string bytes = EncodeSegmentHeader(kExample).substr(0, 8);
  AppendU32(bytes, 7);
  AppendU32(bytes, Crc32c(0, bytes));
  bytes.resize(100, 'n');
  const auto status = DecodeSegmentHeader(bytes, "data/log/1.log").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "data/log/1.log: written by a newer Holdfast (format 7; this one knows up to 1)");
}

TEST(RecordFormatTest, EveryFlippedBitOfAFrameIsNoticed) {
  const std::string sound = ExampleFrame();
  ASSERT_TRUE(DecodeFrame(sound, kExample, FrameSeed(kExample)).has_value());
  for (size_t bit = 0; bit < sound.size() * 8; ++bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(DecodeFrame(bytes, kExample, FrameSeed(kExample)).has_value()) << bit;
  }
}

TEST(RecordFormatTest, AFrameBelongsToOneUseOfOneSegment) {
  SegmentHeader reused = kExample;
  reused.generation = 3;
  EXPECT_FALSE(DecodeFrame(ExampleFrame(), reused, FrameSeed(reused)).has_value());
  SegmentHeader salted = kExample;
  salted.salt ^= 1;
  EXPECT_FALSE(DecodeFrame(ExampleFrame(), salted, FrameSeed(salted)).has_value());
}

}  // namespace
}  // namespace holdfast::storage::log
