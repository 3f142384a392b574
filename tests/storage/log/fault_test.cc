#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/log/file_log.h"
#include "tests/fakes/fake_env.h"
#include "tests/storage/log/recording_listener.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kSegmentBytes = 32 << 10;

absl::Status NoSpace() { return absl::ResourceExhaustedError("write: No space left on device"); }
absl::Status NoQuota() { return absl::ResourceExhaustedError("write: Disk quota exceeded"); }
absl::Status DeviceError() { return absl::DataLossError("write: Input/output error"); }

// How the failing call fails: once, or it and all calls after it.
enum class Lasting { kOnce, kForEver };

struct Fault {
  absl::Status (*status)();
  Lasting lasting;
  Durability durability;
};

class FaultTest : public testing::TestWithParam<Fault> {
 protected:
  // One life: opens, appends a little of everything, checkpoints, closes; gives up at the first error. Notes
  // in `acknowledged_` and `tried_` what the next life must and may find.
  void Live(fakes::FakeEnv& env, const std::string& name) {
    RecordingListener listener;
    const auto log = NewLog(env);
    if (!log->Open({}, listener).ok()) return;
    Check(listener);
    for (const size_t bytes : {10, 5000, 20000, 70000, 10, 10}) {
      if (!Append(*log, listener, absl::StrCat(name, std::string(bytes, 'x')))) break;
      env.RunTasks();
    }
    log->Checkpointed({});
    env.Advance(absl::Seconds(1));
    log->Poll();
    const uint64_t last = log->last_sequence();
    if (listener.lost.empty() && log->Close().ok()) {
      for (const auto& [sequence, value] : tried_) {
        if (sequence <= last) acknowledged_[sequence] = value;
      }
    }
    EXPECT_LE(listener.lost.size(), 1u) << "OnLost comes once";
  }

  std::unique_ptr<FileLog> NewLog(fakes::FakeEnv& env) {
    return std::make_unique<FileLog>(
        env,
        FileLogOptions{.folder = "log", .durability = GetParam().durability, .segment_bytes = kSegmentBytes});
  }

  // What was acknowledged is there; what was tried after it is there or not; nothing else is.
  void Check(const RecordingListener& listener) {
    const auto found = listener.Values();
    EXPECT_GE(found.size(), acknowledged_.size());
    for (const auto& [sequence, value] : found) {
      EXPECT_TRUE(tried_.contains(sequence) && tried_[sequence] == value) << "record " << sequence;
    }
    tried_ = found;
    acknowledged_ = found;
  }

 private:
  bool Append(FileLog& log, RecordingListener& listener, const std::string& value) {
    const std::string key = "k";
    const Batch batch = PutBatch(key, value);
    if (const auto status = log.Reserve(EncodedBatchSize(batch)); !status.ok()) {
      EXPECT_TRUE(listener.lost.empty()) << "a failed reservation changes nothing";
      return true;
    }
    const uint64_t sequence = log.last_sequence() + 1;
    tried_[sequence] = value;
    const absl::Status status = log.Append(batch);
    if (status.ok() && GetParam().durability == Durability::kAlways) acknowledged_[sequence] = value;
    const bool full = absl::IsResourceExhausted(status);
    EXPECT_EQ(listener.lost.size(), status.ok() || full ? 0u : 1u);
    // What the full disk refused is cut off by what comes next; or found, if nothing does.
    return status.ok() || full;
  }

 protected:
  std::map<uint64_t, std::string> acknowledged_;
  std::map<uint64_t, std::string> tried_;
};

TEST_P(FaultTest, WhicheverCallFailsTheAcknowledgedIsPresentAndTheRestIsAllOrNothing) {
  bool struck = true;
  for (uint64_t call = 0; struck; ++call) {
    SCOPED_TRACE(absl::StrCat("call ", call));
    acknowledged_.clear();
    tried_.clear();
    fakes::FakeEnv env(call);
    Live(env, "first");
    const bool once = GetParam().lasting == Lasting::kOnce;
    once ? env.FailCall(call, GetParam().status()) : env.FailFrom(call, GetParam().status());
    Live(env, "second");
    struck = env.has_failed();
    env.StopFailing();
    env.Crash(call);
    RecordingListener listener;
    const auto status = NewLog(env)->Open({}, listener);
    ASSERT_TRUE(status.ok()) << status;
    Check(listener);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultTest,
                         testing::Values(Fault{NoSpace, Lasting::kOnce, Durability::kAlways},
                                         Fault{NoSpace, Lasting::kForEver, Durability::kAlways},
                                         Fault{NoQuota, Lasting::kOnce, Durability::kAlways},
                                         Fault{DeviceError, Lasting::kOnce, Durability::kAlways},
                                         Fault{DeviceError, Lasting::kForEver, Durability::kAlways},
                                         Fault{DeviceError, Lasting::kOnce, Durability::kEverySec},
                                         Fault{NoSpace, Lasting::kForEver, Durability::kEverySec}));

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest() { EXPECT_TRUE(log_.Open({}, listener_).ok()); }

  fakes::FakeEnv env_;
  RecordingListener listener_;
  FileLog log_{env_, FileLogOptions{.folder = "log", .segment_bytes = kSegmentBytes}};
};

TEST_F(FullDiskTest, AppendsGoOnUntilTheSpaceAtHandIsUsedUpAndAgainWhenThereIsMore) {
  env_.RunTasks();
  env_.SetCapacity(log_.disk_bytes());
  int appended = 0;
  absl::Status status;
  while ((status = AppendValue(log_, std::string(3000, 'x'))).ok()) ++appended;
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(appended, 2 * (kSegmentBytes / 4096 - 1)) << "the current segment and the spare";
  EXPECT_TRUE(listener_.lost.empty());
  env_.SetCapacity(1 << 20);
  EXPECT_TRUE(AppendValue(log_, "x").ok());
}

TEST_F(FullDiskTest, ACheckpointGivesSpaceBackWithoutAnyNew) {
  env_.RunTasks();
  env_.SetCapacity(log_.disk_bytes());
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(AppendValue(log_, std::string(3000, 'x')).ok()) << round;
    log_.Checkpointed({1, log_.last_sequence()});
    env_.RunTasks();
  }
}

TEST_F(FullDiskTest, AReservationInVainLeavesNothingBehind) {
  env_.RunTasks();
  const uint64_t before = log_.disk_bytes();
  env_.SetCapacity(before + 6 * kSegmentBytes);
  EXPECT_TRUE(absl::IsResourceExhausted(log_.Reserve(20 * kSegmentBytes)));
  EXPECT_LE(log_.disk_bytes(), before + 4 * kSegmentBytes);
  EXPECT_TRUE(log_.Reserve(100).ok());
}

TEST_F(FullDiskTest, ASpareIsMadeAheadByTheWorker) {
  env_.RunTasks();
  const uint64_t calls = env_.calls();
  EXPECT_TRUE(log_.Reserve(kSegmentBytes).ok());
  EXPECT_EQ(env_.calls(), calls) << "the engine's thread makes nothing itself";
}

TEST(EverySecTest, AFailedSyncIsReportedAtTheNextPoll) {
  fakes::FakeEnv env;
  RecordingListener listener;
  FileLog log(env, FileLogOptions{
                       .folder = "log", .durability = Durability::kEverySec, .segment_bytes = kSegmentBytes});
  ASSERT_TRUE(log.Open({}, listener).ok());
  env.RunTasks();
  ASSERT_TRUE(AppendValue(log, "a").ok());
  env.FailCall(0, DeviceError());
  env.Advance(absl::Seconds(1));
  EXPECT_TRUE(listener.lost.empty());
  log.Poll();
  ASSERT_EQ(listener.lost.size(), 1u);
  EXPECT_EQ(listener.lost[0], DeviceError());
  EXPECT_EQ(AppendValue(log, "b"), DeviceError());
}

TEST(EverySecTest, ARecordIsSyncedWithinTheIntervalWithoutFurtherCalls) {
  fakes::FakeEnv env;
  {
    RecordingListener listener;
    FileLog log(
        env,
        FileLogOptions{.folder = "log", .durability = Durability::kEverySec, .segment_bytes = kSegmentBytes});
    ASSERT_TRUE(log.Open({}, listener).ok());
    ASSERT_TRUE(AppendValue(log, "a").ok());
    env.Advance(absl::Seconds(1));
    env.Crash(3);
  }
  RecordingListener listener;
  FileLog log(env, FileLogOptions{.folder = "log", .segment_bytes = kSegmentBytes});
  ASSERT_TRUE(log.Open({}, listener).ok());
  EXPECT_EQ(listener.records.size(), 1u);
}

}  // namespace
}  // namespace holdfast::storage::log
