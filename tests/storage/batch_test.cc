#include "storage/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "storage/varint.h"

namespace holdfast::storage {
namespace {

using std::string_view_literals::operator""sv;

// The worked example of FORMAT.md.
Batch Example() {
  Batch batch;
  batch.time = absl::FromUnixMillis(1'700'000'000'123);
  batch.effects = {{EffectKind::kPut, "q", "job"}, {EffectKind::kDelete, "old", ""}};
  batch.annotations = {{.client = 7, .database = 0, .command = "lpush", .key = "queue"}};
  return batch;
}

std::string Encoded(const Batch& batch) {
  std::string bytes;
  EncodeBatch(batch, bytes);
  return bytes;
}

TEST(BatchTest, EncodesAsTheWorkedExampleSays) {
  EXPECT_EQ(absl::BytesToHexString(Encoded(Example())),
            "01"                // format
            "0000018bcfe5687b"  // time
            "02"                // two effects
            "01"
            "01"
            "71"
            "03"
            "6a6f62"  // put q = job
            "02"
            "03"
            "6f6c64"  // delete old
            "01"      // one annotation
            "0e"
            "07"
            "00"
            "05"
            "6c70757368"
            "05"
            "7175657565");
}

TEST(BatchTest, DecodesWhatItEncoded) {
  const std::string bytes = Encoded(Example());
  Batch batch;
  ASSERT_TRUE(DecodeBatch(bytes, batch).ok());
  EXPECT_EQ(batch.time, Example().time);
  ASSERT_EQ(batch.effects.size(), 2u);
  EXPECT_EQ(batch.effects[0].kind, EffectKind::kPut);
  EXPECT_EQ(batch.effects[0].key, "q");
  EXPECT_EQ(batch.effects[0].value, "job");
  EXPECT_EQ(batch.effects[1].kind, EffectKind::kDelete);
  EXPECT_EQ(batch.effects[1].key, "old");
  ASSERT_EQ(batch.annotations.size(), 1u);
  EXPECT_EQ(batch.annotations[0].client, 7u);
  EXPECT_EQ(batch.annotations[0].command, "lpush");
  EXPECT_EQ(batch.annotations[0].key, "queue");
}

TEST(BatchTest, EncodedBatchSizeIsExact) {
  Batch batch = Example();
  EXPECT_EQ(EncodedBatchSize(batch), Encoded(batch).size());
  const std::string large(300, 'x');
  for (int i = 0; i < 200; ++i) {
    batch.effects.push_back({EffectKind::kPut, large, large});
    batch.annotations.push_back(
        {.client = uint64_t{1} << (i % 64), .database = 15, .command = large, .key = large});
  }
  EXPECT_EQ(EncodedBatchSize(batch), Encoded(batch).size());
}

TEST(BatchTest, TimesBeforeTheEpochSurvive) {
  Batch batch;
  batch.time = absl::FromUnixMillis(-5);
  const std::string bytes = Encoded(batch);
  Batch back;
  ASSERT_TRUE(DecodeBatch(bytes, back).ok());
  EXPECT_EQ(back.time, batch.time);
}

TEST(BatchTest, EveryShortenedPayloadIsRefused) {
  const std::string bytes = Encoded(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    Batch batch;
    EXPECT_EQ(DecodeBatch(std::string_view(bytes).substr(0, size), batch).code(), absl::StatusCode::kDataLoss)
        << size;
    EXPECT_TRUE(batch.empty());
  }
}

TEST(BatchTest, BytesAfterTheEndAreRefusedWithTheirPlace) {
  Batch batch;
  const std::string bytes = Encoded(Example());
  EXPECT_EQ(DecodeBatch(bytes + "x", batch).message(),
            "record payload: bad end: there are bytes left at byte " + std::to_string(bytes.size()));
}

TEST(BatchTest, AnUnknownKindOrFormatIsRefused) {
  std::string bytes = Encoded(Example());
  bytes[10] = 9;
  Batch batch;
  EXPECT_EQ(DecodeBatch(bytes, batch).message(), "record payload: bad kind of effect at byte 11");
  bytes[0] = 2;
  EXPECT_EQ(DecodeBatch(bytes, batch).message(),
            "record payload: bad format (written by a newer Holdfast?) at byte 1");
}

TEST(BatchTest, LaterFieldsOfAnAnnotationAreSkipped) {
  Batch batch;
  ASSERT_TRUE(DecodeBatch("\x01\0\0\0\0\0\0\0\0\0\x01\x06\x07\0\x01g\0\x63"sv, batch).ok());
  EXPECT_EQ(batch.annotations[0].command, "g");
}

TEST(BatchTest, AHugeCountCostsNoMemory) {
  Batch batch;
  const auto status = DecodeBatch("\x01\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\x01"sv, batch);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
}

TEST(VarintTest, RoundTripsAtEachLength) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t value : {(uint64_t{1} << bits) - 1, uint64_t{1} << bits, ~uint64_t{0} >> bits}) {
      char buffer[kMaxVarintBytes];
      const auto bytes = static_cast<size_t>(PutVarint(value, buffer) - buffer);
      EXPECT_EQ(bytes, VarintBytes(value));
      std::string_view view(buffer, bytes);
      EXPECT_EQ(TakeVarint(view), value);
      EXPECT_TRUE(view.empty());
    }
  }
}

TEST(VarintTest, RefusesWhatIsTooLongOrCutShort) {
  for (std::string_view bytes : {""sv, "\x80"sv, "\x80\0"sv, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv,
                                 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv}) {
    EXPECT_EQ(TakeVarint(bytes), std::nullopt);
  }
}

}  // namespace
}  // namespace holdfast::storage
