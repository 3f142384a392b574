#include "storage/compaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "tests/fakes/failing_env.h"
#include "tests/storage/filled_folder.h"

namespace holdfast::storage {
namespace {

using testing::HasSubstr;

class CompactionTest : public testing::Test {
 protected:
  static constexpr int kStrings = 2000;

  // Fills pages here and there and empties most of them again.
  CompactionTest() {
    folder_.Open();
    for (int i = 0; i < kStrings; ++i) SetString(i, std::string(500, 'x'));
    EXPECT_TRUE(folder_.store().Checkpoint().ok());
    for (int i = 0; i < kStrings; ++i) {
      if (i % 4 == 0) continue;
      folder_.Turn([&](Keyspace& keyspace) { keyspace.Remove("many:" + std::to_string(i)); });
    }
    folder_.Close();
    folder_.Open();
    // What comes last is in the log alone.
    SetString(0, "not checkpointed");
    entries_ = EntriesOf(folder_.store());
    folder_.Kill();
    bytes_ = std::filesystem::file_size(folder_.data_path());
  }

  void SetString(int number, const std::string& value) {
    folder_.Turn([&](Keyspace& keyspace) { String(keyspace, "many:" + std::to_string(number)).Set(value); });
  }
  absl::Status Compact(Env& env) {
    absl::StatusOr<Compaction> compaction = Compaction::Begin(env, folder_.path());
    if (!compaction.ok()) return compaction.status();
    return compaction->Run().status();
  }
  void ExpectNothingLost() {
    folder_.Open();
    EXPECT_EQ(EntriesOf(folder_.store()), entries_);
    EXPECT_TRUE(folder_.store().fault().ok());
    folder_.Kill();
  }

  FilledFolder folder_;
  std::map<std::string, std::string> entries_;
  uint64_t bytes_ = 0;
};

TEST_F(CompactionTest, GivesSpaceBackAndKeepsEveryEntryAndTheLog) {
  ASSERT_TRUE(Compact(PosixEnv()).ok());
  EXPECT_LT(std::filesystem::file_size(folder_.data_path()), bytes_ * 3 / 4);
  ExpectNothingLost();
}

TEST_F(CompactionTest, NeverNeedsMoreRoomThanItSays) {
  absl::StatusOr<Compaction> compaction = Compaction::Begin(PosixEnv(), folder_.path());
  ASSERT_TRUE(compaction.ok());
  EXPECT_EQ(compaction->plan().file_bytes, bytes_);
  const absl::StatusOr<uint64_t> bytes = compaction->Run();
  ASSERT_TRUE(bytes.ok());
  EXPECT_LE(*bytes, compaction->plan().live_bytes);
  EXPECT_EQ(std::filesystem::file_size(folder_.data_path()), *bytes);
}

TEST_F(CompactionTest, CompactedFolderIsWrittenOnAndCompactedAgain) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(Compact(PosixEnv()).ok());
    folder_.Open();
    for (int i = 0; i < kStrings; ++i) SetString(i, std::string(100, static_cast<char>('a' + round)));
    EXPECT_TRUE(folder_.store().Checkpoint().ok());
    entries_ = EntriesOf(folder_.store());
    folder_.Close();
  }
  ExpectNothingLost();
}

TEST_F(CompactionTest, RunningServerIsNamedAndLeftAlone) {
  folder_.Open();
  const absl::Status status = Compact(PosixEnv());
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(status.message(), HasSubstr("in use by another server, process " + std::to_string(::getpid())));
  folder_.Kill();
  ExpectNothingLost();
}

TEST_F(CompactionTest, FolderWithoutDataIsNotTouched) {
  const fakes::TemporaryFolder empty;
  const absl::StatusOr<Compaction> compaction = Compaction::Begin(PosixEnv(), empty.path());
  EXPECT_TRUE(absl::IsNotFound(compaction.status()));
  EXPECT_TRUE(std::filesystem::is_empty(empty.path()));
}

TEST_F(CompactionTest, TooLittleRoomIsRefusedWithBothNumbersBeforeAnythingIsWritten) {
  fakes::FailingEnv env;
  env.SetFreeBytes(12345);
  const absl::Status status = Compact(env);
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(status.message(), HasSubstr("12345 are free"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/data.mdb.compact"));
  ExpectNothingLost();
}

TEST_F(CompactionTest, BrokenOffAnywhereItLeavesTheOldOrTheNewFileWhole) {
  const std::string before = FilledFolder::ReadFile(folder_.data_path());
  uint64_t old_ones = 0;
  fakes::FailingEnv env;
  // The many reads of pages are all alike: every call at the ends, a sample between them.
  for (uint64_t skip = 0;; skip += skip < 40 ? 1 : 37) {
    FilledFolder::WriteFile(folder_.data_path(), before);
    env.FailFrom(skip, absl::DataLossError("EIO"));
    if (Compact(env).ok()) break;
    ASSERT_TRUE(env.has_failed());
    if (std::filesystem::file_size(folder_.data_path()) == before.size()) {
      ++old_ones;
      EXPECT_EQ(FilledFolder::ReadFile(folder_.data_path()), before) << skip;
    }
    if (skip % 5 == 0) ExpectNothingLost();
  }
  EXPECT_GT(old_ones, 40U);
  ExpectNothingLost();
}

// The last calls decide; counted from the end by how many there are in all.
TEST_F(CompactionTest, EachCallAroundTheRenameMayFail) {
  const std::string before = FilledFolder::ReadFile(folder_.data_path());
  fakes::FailingEnv env;
  uint64_t calls = 0;
  for (uint64_t low = 0, high = 1'000'000; low < high;) {
    const uint64_t middle = (low + high) / 2;
    FilledFolder::WriteFile(folder_.data_path(), before);
    env.FailFrom(middle, absl::DataLossError("EIO"));
    Compact(env).ok() ? high = middle : low = middle + 1;
    calls = low;
  }
  for (uint64_t back = 1; back <= 12; ++back) {
    FilledFolder::WriteFile(folder_.data_path(), before);
    env.FailFrom(calls - back, absl::ResourceExhaustedError("ENOSPC"));
    EXPECT_FALSE(Compact(env).ok()) << back;
    ExpectNothingLost();
  }
}

TEST_F(CompactionTest, DamagedEntryStopsItAndIsNamed) {
  std::string bytes = FilledFolder::ReadFile(folder_.data_path());
  const size_t at = bytes.rfind("under a long key");
  ASSERT_NE(at, std::string::npos);
  // The newest copy of it may be any: damage them all.
  for (size_t place = bytes.find("under a long key"); place != std::string::npos;
       place = bytes.find("under a long key", place + 1)) {
    bytes[place] ^= 1;
  }
  FilledFolder::WriteFile(folder_.data_path(), bytes);
  const absl::Status status = Compact(PosixEnv());
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(status.message(), HasSubstr("damaged entry in table K"));
  EXPECT_EQ(FilledFolder::ReadFile(folder_.data_path()), bytes);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/data.mdb.compact"));
}

TEST_F(CompactionTest, CopyOfABrokenOffRunIsRemoved) {
  FilledFolder::WriteFile(folder_.path() + "/data.mdb.compact", "half a copy");
  ASSERT_TRUE(Compact(PosixEnv()).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/data.mdb.compact"));
  ExpectNothingLost();
}

}  // namespace
}  // namespace holdfast::storage
