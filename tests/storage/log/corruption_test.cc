#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/checksum.h"
#include "storage/codec.h"
#include "storage/log/file_log.h"
#include "storage/log/record_format.h"
#include "tests/fakes/fake_env.h"
#include "tests/storage/log/recording_listener.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kBlock = 4096;
constexpr uint64_t kSegmentBytes = 8 * kBlock;

// A small language of damage. A log of the words a, b, c has one block a record, from byte 4096 of the first
// segment:
//
//   Write("a"), Write("b"), Write("c");
//   FlipByte(Segment(0), 2 * kBlock + 50);     // inside b
//   EXPECT_EQ(Read(), "damage at 0:8192");     // segment 0, byte 8192
//
// Read opens the log anew and says "a b c": the records' first letters in order.
class CorruptionTest : public testing::Test {
 protected:
  void Write(const std::string& value) {
    if (log_ == nullptr) {
      ASSERT_TRUE(Open().ok());
    }
    const auto status = AppendValue(*log_, value);
    ASSERT_TRUE(status.ok()) << status;
    env_->RunTasks();
  }

  // A value that takes `blocks` blocks.
  static std::string Long(char letter, uint64_t blocks) { return std::string(blocks * kBlock - 100, letter); }

  void Kill() { log_.reset(); }

  // An empty disk.
  void Restart() {
    Kill();
    env_.emplace(1);
  }

  std::string Read() {
    Kill();
    segments_before_ = Segments();
    const auto status = Open();
    if (!status.ok()) return Described(status);
    std::string words;
    for (const auto& record : listener_->records)
      absl::StrAppend(&words, words.empty() ? "" : " ", record.values[0].substr(0, 1));
    return words;
  }

  absl::Status Open() {
    listener_ = std::make_unique<RecordingListener>();
    log_ = std::make_unique<FileLog>(
        *env_, FileLogOptions{.folder = "log", .durability = durability_, .segment_bytes = kSegmentBytes});
    auto status = log_->Open(applied_, *listener_);
    if (!status.ok()) log_.reset();
    return status;
  }

  std::vector<std::string> Segments() {
    std::vector<std::string> paths;
    const auto names = env_->List("log");
    for (const auto& name : *names) {
      if (absl::EndsWith(name, ".log")) paths.push_back("log/" + name);
    }
    return paths;
  }
  // The n-th live segment, oldest first.
  std::string Segment(size_t n) { return Segments().at(n); }

  void FlipByte(const std::string& path, uint64_t offset) {
    std::string byte = env_->Contents(path).substr(offset, 1);
    byte[0] = static_cast<char>(byte[0] ^ 0x10);
    env_->Overwrite(path, offset, byte);
  }
  void Zero(const std::string& path, uint64_t offset, uint64_t bytes) {
    env_->Overwrite(path, offset, std::string(bytes, '\0'));
  }
  void Delete(const std::string& path) { ASSERT_TRUE(env_->Remove(path).ok()); }

  std::string Described(const absl::Status& status) {
    last_error_ = std::string(status.message());
    if (status.code() != absl::StatusCode::kDataLoss) return status.ToString();
    for (size_t i = 0; i < segments_before_.size(); ++i) {
      const std::string start = segments_before_[i] + " is damaged at byte ";
      if (!absl::StartsWith(last_error_, start)) continue;
      return absl::StrCat("damage at ", i, ":",
                          last_error_.substr(start.size(), last_error_.find(": record") - start.size()));
    }
    return "damage";
  }

  std::optional<fakes::FakeEnv> env_{1};
  Durability durability_ = Durability::kAlways;
  Position applied_;
  std::unique_ptr<RecordingListener> listener_;
  std::unique_ptr<FileLog> log_;
  std::vector<std::string> segments_before_;
  std::string last_error_;
};

TEST_F(CorruptionTest, ASoundLogIsReadAsItWasWritten) {
  Write("a"), Write("b"), Write(Long('c', 20)), Write("d");
  EXPECT_EQ(Read(), "a b c d");
}

TEST_F(CorruptionTest, ATornLastRecordIsCutOff) {
  Write("a"), Write("b");
  FlipByte(Segment(0), 2 * kBlock + 50);
  EXPECT_EQ(Read(), "a");
  Write("c");
  EXPECT_EQ(Read(), "a c");
}

TEST_F(CorruptionTest, ATornLastRecordOverSeveralSegmentsIsCutOff) {
  Write("a"), Write(Long('b', 19));
  ASSERT_EQ(Segments().size(), 3u);
  FlipByte(Segment(1), 3 * kBlock);
  EXPECT_EQ(Read(), "a");
  Write("c");
  EXPECT_EQ(Read(), "a c");
}

TEST_F(CorruptionTest, ARecordWhoseLastFragmentIsMissingIsCutOff) {
  Write("a"), Write(Long('b', 19));
  Delete(Segment(2));
  EXPECT_EQ(Read(), "a");
}

TEST_F(CorruptionTest, DamageBeforeTheTailNamesFileOffsetRecordAndWhatToDo) {
  Write("a"), Write("b"), Write("c");
  const std::string path = Segment(0);
  FlipByte(path, 2 * kBlock + 50);
  EXPECT_EQ(Read(), "damage at 0:8192");
  EXPECT_EQ(
      last_error_,
      path +
          " is damaged at byte 8192: record 2 should stand there; it was durable, as a later part of the log "
          "shows. Restore the data folder from a backup; or, to go on from the checkpoint, which ends with "
          "record 0, and lose what came after it, move the folder log away");
  EXPECT_EQ(Read(), "damage at 0:8192") << "a refused opening changes nothing";
}

TEST_F(CorruptionTest, DamageInTheFirstOfManyFragmentsIsNoticed) {
  Write("a"), Write(Long('b', 19)), Write("c");
  FlipByte(Segment(0), 2 * kBlock);
  EXPECT_EQ(Read(), "damage at 0:8192");
}

TEST_F(CorruptionTest, DamageInALaterFragmentIsNoticed) {
  Write("a"), Write(Long('b', 19)), Write("c");
  FlipByte(Segment(1), 5 * kBlock);
  EXPECT_EQ(Read(), "damage at 1:4096");
}

TEST_F(CorruptionTest, DamageAtTheEndOfAnEpochIsNoticedOnceANewOneFollows) {
  Write("a"), Write("b");
  EXPECT_EQ(Read(), "a b");
  FlipByte(Segment(0), 2 * kBlock);
  EXPECT_EQ(Read(), "damage at 0:8192");
}

TEST_F(CorruptionTest, WhatWasCutOffOnceStaysCutOffEvenIfItHeals) {
  Write("a"), Write("b");
  const std::string path = Segment(0);
  FlipByte(path, 2 * kBlock);
  EXPECT_EQ(Read(), "a");
  FlipByte(path, 2 * kBlock);
  EXPECT_EQ(Read(), "a");
  Write("c");
  EXPECT_EQ(Read(), "a c");
}

TEST_F(CorruptionTest, AnEpochThatDiedBeforeItsFirstRecordChangesNothing) {
  Write("a");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Read(), "a");
  EXPECT_LE(Segments().size(), 2u) << "the segments of empty epochs are recycled";
}

TEST_F(CorruptionTest, AMissingSegmentIsNoticed) {
  Write(Long('a', 7)), Write(Long('b', 7)), Write(Long('c', 7));
  ASSERT_EQ(Segments().size(), 3u);
  Kill();
  Delete(Segment(1));
  EXPECT_EQ(Read(), "damage at 1:4096");
}

TEST_F(CorruptionTest, AMissingFirstSegmentIsNoticed) {
  Write(Long('a', 7)), Write(Long('b', 7));
  Kill();
  Delete(Segment(0));
  EXPECT_EQ(Read(), "damage at 0:4096");
}

TEST_F(CorruptionTest, AMissingBeginningOfALongRecordIsNoticed) {
  Write(Long('a', 20));
  Kill();
  Delete(Segment(0));
  EXPECT_EQ(Read(), "damage at 0:4096");
}

TEST_F(CorruptionTest, AFolderMovedAwayStartsAfreshAfterTheCheckpoint) {
  Write("a"), Write("b");
  Kill();
  const auto names = env_->List("log");
  for (const auto& name : *names) Delete("log/" + name);
  applied_ = {1, 1};
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(log_->epoch(), 2u);
  Write("c");
  EXPECT_EQ(log_->last_sequence(), 2u);
}

TEST_F(CorruptionTest, ADamagedHeaderIsNoticed) {
  Write("a");
  FlipByte(Segment(0), 30);
  EXPECT_EQ(Read(), "damage");
  EXPECT_TRUE(absl::StrContains(last_error_, "the header of this log segment is damaged at byte 0"))
      << last_error_;
}

TEST_F(CorruptionTest, ARenamedSegmentIsNoticed) {
  Write("a");
  Kill();
  ASSERT_TRUE(env_->Rename(Segment(0), "log/00000000000000000077.log").ok());
  EXPECT_EQ(Read(), "damage");
}

TEST_F(CorruptionTest, ANewerFormatIsRefusedByName) {
  Write("a");
  std::string bytes = env_->Contents(Segment(0)).substr(0, 8);
  AppendU32(bytes, kFormatVersion + 1);
  AppendU32(bytes, Crc32c(0, bytes));
  env_->Overwrite(Segment(0), 0, bytes);
  EXPECT_EQ(Read(), absl::StrCat("FAILED_PRECONDITION: ", Segment(0),
                                 ": written by a newer Holdfast (format 2; this one knows up to 1)"));
}

TEST_F(CorruptionTest, DamageToWhatTheCheckpointHoldsIsNotMissed) {
  Write("a"), Write("b"), Write("c"), Write("d");
  applied_ = {1, 2};
  Zero(Segment(0), kBlock, 2 * kBlock);
  EXPECT_EQ(Read(), "c d");
}

TEST_F(CorruptionTest, ACheckpointOfAnotherHistoryIsRefused) {
  Write("a"), Write("b"), Write("c");
  FlipByte(Segment(0), 3 * kBlock);
  EXPECT_EQ(Read(), "a b");
  applied_ = {1, 3};
  EXPECT_EQ(Read(), "damage");
  EXPECT_TRUE(absl::StrContains(last_error_, "log and checkpoint are not of the same data folder"))
      << last_error_;
}

TEST_F(CorruptionTest, FramesOfASegmentsEarlierUseAreNotRead) {
  Write(Long('a', 1)), Write(Long('b', 1)), Write(Long('c', 1)), Write(Long('d', 4));
  Write("e");  // begins the next segment
  log_->Checkpointed({1, 4});
  env_->RunTasks();
  Write(Long('f', 6));  // fills it
  Write("g");           // goes to the first one again, before b, c and d
  applied_ = {1, 4};
  EXPECT_TRUE(absl::StrContains(env_->Contents(Segment(1)), std::string(2000, 'b')))
      << "the test's own premise";
  EXPECT_EQ(Read(), "e f g");
}

TEST_F(CorruptionTest, AFrameInsideAValueIsNotReadForARecord) {
  Write("a");
  // The client even knows the frame of "a"; but its epoch's sequence 1 is past, and no other one has its
  // checksum.
  const std::string frame = env_->Contents(Segment(0)).substr(kBlock, kBlock);
  const size_t before_value = kBlock - kFrameHeaderBytes - 16;
  Write("b" + std::string(before_value - 1, 'x') + frame + frame);
  EXPECT_EQ(Read(), "a b");
  FlipByte(Segment(0), 2 * kBlock);
  EXPECT_NE(Read(), "a a");
}

TEST_F(CorruptionTest, UnderEverySecWhatFollowsAnUnsyncedGapIsCutOff) {
  durability_ = Durability::kEverySec;
  Write("a"), Write("b"), Write("c");
  Zero(Segment(0), 2 * kBlock, kBlock);
  EXPECT_EQ(Read(), "a");
  Write("d");
  EXPECT_EQ(Read(), "a d");
}

TEST_F(CorruptionTest, UnderEverySecDamageToWhatWasSyncedIsNoticedOnceARecordFollows) {
  durability_ = Durability::kEverySec;
  Write("a"), Write("b");
  env_->Advance(absl::Seconds(1));
  Write("c");
  Zero(Segment(0), 2 * kBlock, kBlock);
  EXPECT_EQ(Read(), "damage at 0:8192");
}

TEST_F(CorruptionTest, NoFlippedByteGoesUnnoticedOrCostsMoreThanTheTail) {
  for (uint64_t at = 0; at < 2 * kSegmentBytes; at += at % kBlock < 100 ? 3 : 1009) {
    Restart();
    Write("a"), Write(Long('b', 8)), Write("c");
    FlipByte(Segment(at / kSegmentBytes), at % kSegmentBytes);
    const std::string read = Read();
    EXPECT_TRUE(read == "a b c" || read == "a b" || absl::StartsWith(read, "damage")) << at << " " << read;
  }
}

TEST_F(CorruptionTest, AShortenedFileIsATornTailOrDamage) {
  for (uint64_t bytes = 0; bytes <= kSegmentBytes; bytes += kBlock / 2) {
    Restart();
    Write("a"), Write(Long('b', 9)), Write("c");
    env_->Cut(Segment(0), bytes);
    const std::string read = Read();
    EXPECT_TRUE(read == "a b c" || absl::StartsWith(read, "damage")) << bytes << " " << read;
  }
}

}  // namespace
}  // namespace holdfast::storage::log
