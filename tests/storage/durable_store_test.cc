#include "storage/durable_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/log/file_log.h"
#include "storage/meta.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_tree.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {
namespace {

using testing::HasSubstr;

// The store with faults: files and clock are FakeEnv's, the tree is in memory.
class DurableStoreTest : public testing::Test {
 protected:
  static constexpr uint64_t kSegmentBytes = 16 << 10;

  DurableStoreTest() {
    options_.env = &env_;
    options_.folder = "/data";
    options_.memtable_bytes = 1 << 20;
  }

  absl::Status TryOpen() {
    store_.reset();
    listener_ = RecordingStoreListener();
    StoreParts parts;
    parts.open_tree = [this](const std::string&) -> absl::StatusOr<std::unique_ptr<Tree>> {
      return fakes::OpenMemoryTree(tree_);
    };
    parts.new_log = [this](const std::string& folder) {
      return std::make_unique<log::FileLog>(
          env_, log::FileLogOptions{.folder = folder, .segment_bytes = segment_bytes_});
    };
    absl::StatusOr<std::unique_ptr<Store>> store = DurableStore::Open(options_, parts, listener_);
    if (store.ok()) store_ = *std::move(store);
    return store.status();
  }
  void Open() { ASSERT_TRUE(TryOpen().ok()); }

  uint64_t Put(const std::string& key, const std::string& value) {
    store_->BeginTurn(1024).Put(key, value);
    return store_->Commit();
  }
  std::string Get(const std::string& key) {
    return std::string(store_->BeginTurn(0).Get(key).value_or("(absent)"));
  }
  // What a server's idle second does.
  void Idle() {
    for (int i = 0; i < 10; ++i) {
      env_.Advance(absl::Milliseconds(100));
      store_->Poll();
    }
  }
  bool InTree(const std::string& key) { return tree_.map()->contains(key); }

  fakes::FakeEnv env_;
  fakes::MemoryTreeFile tree_;
  uint64_t segment_bytes_ = kSegmentBytes;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
};

TEST_F(DurableStoreTest, LogSegmentsNeverPileUpBeyondTheirBound) {
  // The current one and the spares that FileLogOptions allows; one more while a record is being written.
  constexpr size_t kIdleBound = 6;
  constexpr size_t kPuts = 40;
  Open();
  for (int round = 0; round < 50; ++round) {
    for (size_t i = 0; i < kPuts; ++i) {
      Put("K" + std::to_string(i), std::string(1000, 'x'));
      store_->Poll();
      // A block a record, three of them in a segment beside its header.
      EXPECT_LE(env_.List("/data/log")->size(), kIdleBound + (i + 1) / 3 + 1);
    }
    Idle();  // in its last moment the checkpoint is due,
    Idle();  // and now it is done
    EXPECT_LE(env_.List("/data/log")->size(), kIdleBound) << "in round " << round;
    EXPECT_LE(store_->stats().log_bytes, kIdleBound * kSegmentBytes);
  }
}

TEST_F(DurableStoreTest, CheckpointFollowsWithinTheInterval) {
  Open();
  Put("Ka", "1");
  store_->Poll();
  env_.RunTasks();
  EXPECT_FALSE(InTree("Ka"));
  env_.Advance(options_.checkpoint_interval);
  store_->Poll();
  env_.RunTasks();
  EXPECT_TRUE(InTree("Ka"));
  store_->Poll();
  EXPECT_EQ(store_->stats().checkpointed_turn, 1U);
  EXPECT_EQ(Get("Ka"), "1");
}

TEST_F(DurableStoreTest, IdleStoreDoesNotCheckpoint) {
  Open();
  Idle();
  const uint64_t commits = tree_.commits();
  Idle();
  EXPECT_EQ(tree_.commits(), commits);
}

TEST_F(DurableStoreTest, RequestedCheckpointStartsWithTheNextPoll) {
  Open();
  Put("Ka", "1");
  store_->RequestCheckpoint();
  store_->Poll();
  env_.RunTasks();
  EXPECT_TRUE(InTree("Ka"));
}

TEST_F(DurableStoreTest, CheckpointInTheMiddleOfATurnIsRefused) {
  Open();
  store_->BeginTurn(1024).Put("Ka", "1");
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->Checkpoint()));
  store_->Commit();
  EXPECT_TRUE(store_->Checkpoint().ok());
  EXPECT_TRUE(InTree("Ka"));
}

TEST_F(DurableStoreTest, FailedLogWriteSealsAndTakesTheTurnBack) {
  Open();
  Put("Ka", "before");
  Transaction& transaction = store_->BeginTurn(1024);
  transaction.Put("Ka", "after");
  transaction.Put("Kb", "after");
  env_.FailCall(0, absl::DataLossError("EIO"));
  EXPECT_EQ(store_->Commit(), 1U);
  ASSERT_EQ(listener_.sealed.size(), 1U);
  EXPECT_THAT(std::string(listener_.sealed[0].message()), HasSubstr("EIO"));
  EXPECT_EQ(store_->admission(), Admission::kSealed);
  EXPECT_EQ(Get("Ka"), "before");
  EXPECT_EQ(Get("Kb"), "(absent)");
}

TEST_F(DurableStoreTest, SealedStoreReadsOnRefusesWritesAndStillCheckpoints) {
  Open();
  Put("Ka", "1");
  env_.FailCall(0, absl::DataLossError("EIO"));
  Put("Kb", "2");
  ASSERT_EQ(store_->admission(), Admission::kSealed);
  EXPECT_FALSE(store_->Secure(0).ok());
  EXPECT_EQ(Put("Kc", "3"), 1U);
  EXPECT_EQ(Get("Kc"), "(absent)");
  Idle();
  Idle();
  EXPECT_TRUE(InTree("Ka"));
  EXPECT_FALSE(InTree("Kb"));
  EXPECT_EQ(Get("Ka"), "1");
  EXPECT_TRUE(store_->Close().ok());
  EXPECT_EQ(listener_.sealed.size(), 1U);
  Open();
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  EXPECT_EQ(Get("Ka"), "1");
}

TEST_F(DurableStoreTest, FullLogDiskIsFullUntilSpaceReturns) {
  Open();
  Put("Ka", "1");
  env_.SetCapacity(0);
  const std::string large(4 * kSegmentBytes, 'x');
  Transaction& transaction = store_->BeginTurn(1024);
  const Transaction::Mark mark = transaction.mark();
  transaction.Put("Klarge", large);
  EXPECT_TRUE(absl::IsResourceExhausted(store_->Secure(0)));
  EXPECT_EQ(store_->admission(), Admission::kFull);
  transaction.RollbackTo(mark);
  EXPECT_EQ(store_->Commit(), 1U);
  EXPECT_EQ(Get("Klarge"), "(absent)");

  env_.SetCapacity(1 << 30);
  Idle();
  store_->BeginTurn(1024).Put("Klarge", large);
  EXPECT_TRUE(store_->Secure(0).ok());
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  EXPECT_EQ(store_->Commit(), 2U);
  EXPECT_TRUE(listener_.sealed.empty());
}

TEST_F(DurableStoreTest, DeletesGoOnWhenTheLogDiskIsFull) {
  segment_bytes_ = 256 << 10;
  Open();
  for (int i = 0; i < 200; ++i) Put("K" + std::to_string(i), "job");
  env_.SetCapacity(0);
  for (int i = 0; i < 200; ++i) {
    Transaction& transaction = store_->BeginTurn(1 << 20);
    EXPECT_EQ(store_->admission(), Admission::kFull);
    transaction.Delete("K" + std::to_string(i));
    ASSERT_TRUE(store_->Secure(0).ok()) << i;
    store_->Commit();
    env_.Advance(absl::Milliseconds(10));
    store_->Poll();
  }
  EXPECT_TRUE(listener_.sealed.empty());
  EXPECT_EQ(Get("K199"), "(absent)");
}

TEST_F(DurableStoreTest, GrowthIsRefusedWhileThereIsStillSpaceToDrain) {
  options_.segment_bytes = kSegmentBytes;
  Open();
  Put("Ka", "1");
  Idle();
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  const uint64_t taken = (uint64_t{1} << 40) - env_.Space("/data")->available;
  const uint64_t headroom = 2 * kSegmentBytes + options_.memtable_bytes / 4;
  env_.SetCapacity(taken + headroom);
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kExhausted);
  EXPECT_EQ(store_->disk().limit_bytes, store_->disk().used_bytes);
  EXPECT_EQ(store_->admission(), Admission::kFull);
  // One tenth below what can be held is full as well.
  env_.SetCapacity(taken + headroom + store_->disk().used_bytes / 9);
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kFull);
  env_.SetCapacity(taken + headroom + store_->disk().used_bytes);
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kNormal);
  EXPECT_EQ(store_->admission(), Admission::kOpen);
}

TEST_F(DurableStoreTest, UsedIsTreeMemtablesAndTheLogThatNoCheckpointHolds) {
  Open();
  const DiskFacts empty = store_->disk();
  EXPECT_EQ(empty.memtable_bytes, 0U);
  EXPECT_EQ(empty.live_log_bytes, 0U);
  EXPECT_EQ(empty.used_bytes, empty.tree_bytes);
  Put("Ka", std::string(5000, 'a'));
  const DiskFacts written = store_->disk();
  EXPECT_GT(written.memtable_bytes, 5000U);
  EXPECT_EQ(written.live_log_bytes, 8192U);  // whole blocks
  EXPECT_EQ(written.used_bytes, empty.tree_bytes + written.memtable_bytes + 8192U);
  Idle();
  Idle();
  const DiskFacts checkpointed = store_->disk();
  EXPECT_EQ(checkpointed.memtable_bytes, 0U);
  EXPECT_EQ(checkpointed.live_log_bytes, 0U);
  EXPECT_EQ(checkpointed.used_bytes, empty.tree_bytes + 5002U);
}

TEST_F(DurableStoreTest, QuotaBelowTheUseIsFullUntilEnoughIsDeleted) {
  Open();
  for (int i = 0; i < 100; ++i) Put("K" + std::to_string(100 + i), std::string(1000, 'x'));
  Idle();
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kNormal);
  store_->SetQuota({.most_bytes = 50'000});
  EXPECT_EQ(store_->disk().level, DiskLevel::kExhausted);
  EXPECT_EQ(store_->admission(), Admission::kFull);
  EXPECT_EQ(store_->disk().quota_bytes, 50'000U);
  EXPECT_EQ(store_->disk().reserve_bytes(), 5'000U);
  EXPECT_GT(store_->disk().reserve_used_bytes(), 50'000U);
  for (int i = 0; i < 54; ++i) {
    store_->BeginTurn(1024).Delete("K" + std::to_string(100 + i));
    ASSERT_TRUE(store_->Secure(0).ok());
    store_->Commit();
  }
  Idle();
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kFull);
  store_->BeginTurn(1024).Delete("K154");
  store_->BeginTurn(1024).Delete("K155");
  store_->BeginTurn(1024).Delete("K156");
  store_->Commit();
  Idle();
  Idle();
  EXPECT_EQ(store_->disk().level, DiskLevel::kWarn);
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  store_->SetQuota({.most_bytes = 1 << 20});
  EXPECT_EQ(store_->disk().level, DiskLevel::kNormal);
}

TEST_F(DurableStoreTest, QuotaMayBeAPartOfTheFileSystem) {
  Open();
  env_.SetCapacity(100 << 20);
  Idle();
  store_->SetQuota({.most_percent = 25});
  EXPECT_EQ(store_->disk().quota_bytes, 25U << 20);
  EXPECT_EQ(store_->disk().limit_bytes, 25U << 20);
  EXPECT_EQ(store_->disk().file_system_bytes, 100U << 20);
}

TEST_F(DurableStoreTest, SmallQuotaIsCheckpointedSoonerThanALargeOne) {
  options_.memtable_bytes = 64 << 20;
  Open();
  store_->SetQuota({.most_bytes = 64 << 20});
  Put("Ka", std::string(900 << 10, 'a'));
  store_->Poll();
  env_.RunTasks();
  EXPECT_FALSE(InTree("Ka"));
  Put("Kb", std::string(400 << 10, 'b'));
  store_->Poll();
  env_.RunTasks();
  EXPECT_TRUE(InTree("Kb"));
}

TEST_F(DurableStoreTest, TurnThatWasNotSecuredIsTakenBackWhenThereIsNoSpace) {
  Open();
  Put("Ka", "1");
  env_.SetCapacity(0);
  store_->BeginTurn(1024).Put("Klarge", std::string(4 * kSegmentBytes, 'x'));
  EXPECT_EQ(store_->Commit(), 1U);
  EXPECT_EQ(listener_.taken_back.size(), 1U);
  EXPECT_TRUE(listener_.sealed.empty());
  EXPECT_EQ(Get("Klarge"), "(absent)");
  EXPECT_EQ(Get("Ka"), "1");
}

// File systems that copy what is overwritten find no space even for what was laid out before.
TEST_F(DurableStoreTest, LogWriteThatMeetsAFullDiskTakesTheTurnBackAndTheStoreGoesOn) {
  Open();
  Put("Ka", "before");
  store_->BeginTurn(1024).Put("Ka", "refused");
  env_.FailFrom(0, absl::ResourceExhaustedError("EDQUOT"));
  EXPECT_EQ(store_->Commit(), 1U);
  EXPECT_EQ(listener_.taken_back.size(), 1U);
  EXPECT_EQ(store_->admission(), Admission::kFull);
  EXPECT_EQ(store_->disk().level, DiskLevel::kExhausted);
  EXPECT_TRUE(store_->disk().refused_by_disk);
  EXPECT_EQ(Get("Ka"), "before");
  Idle();
  EXPECT_EQ(store_->admission(), Admission::kFull);

  env_.StopFailing();
  Idle();
  const uint64_t epoch = store_->stats().epoch;
  EXPECT_EQ(Put("Kb", "after"), 2U);
  EXPECT_GT(store_->stats().epoch, 1U);
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  EXPECT_GE(store_->stats().epoch, epoch);
  EXPECT_TRUE(listener_.sealed.empty());
  env_.Crash(1);
  Open();
  EXPECT_EQ(Get("Ka"), "before");
  EXPECT_EQ(Get("Kb"), "after");
}

TEST_F(DurableStoreTest, FullDataDiskIsFullUntilSpaceReturns) {
  Open();
  tree_.SetCapacity(100);
  Put("Kb", std::string(200, 'b'));
  Idle();
  Idle();
  EXPECT_EQ(store_->admission(), Admission::kFull);
  EXPECT_GT(store_->stats().failed_checkpoints, 0U);
  EXPECT_EQ(Get("Kb"), std::string(200, 'b'));
  tree_.SetCapacity(1 << 20);
  Idle();
  Idle();
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  EXPECT_TRUE(InTree("Kb"));
}

TEST_F(DurableStoreTest, FailedCheckpointIsReportedAndTriedAgainOnAReopenedTree) {
  for (const auto failure :
       {fakes::MemoryTreeFile::Failure::kLostCommit, fakes::MemoryTreeFile::Failure::kKeptCommit}) {
    Open();
    tree_.FailCommits(2, absl::DataLossError("EIO"), failure);
    Put("Ka", "1");
    store_->RequestCheckpoint();
    store_->Poll();
    env_.RunTasks();
    store_->Poll();
    EXPECT_EQ(store_->stats().failed_checkpoints, 1U);
    EXPECT_EQ(store_->stats().last_checkpoint_status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(store_->admission(), Admission::kOpen);
    EXPECT_EQ(Get("Ka"), "1");
    Put("Ka", "2");
    Idle();
    Idle();
    EXPECT_EQ(store_->stats().failed_checkpoints, 2U);
    EXPECT_TRUE(store_->stats().last_checkpoint_status.ok());
    EXPECT_EQ(Get("Ka"), "2");
    EXPECT_EQ(tree_.map()->find("Ka")->second, "2");
  }
}

TEST_F(DurableStoreTest, SaveReopensTheTreeByItself) {
  Open();
  Put("Ka", "1");
  tree_.FailCommits(1, absl::DataLossError("EIO"));
  EXPECT_TRUE(store_->Checkpoint().ok());
  EXPECT_TRUE(InTree("Ka"));
}

TEST_F(DurableStoreTest, TreeThatDoesNotReopenSeals) {
  Open();
  Put("Ka", "1");
  ASSERT_TRUE(store_->Checkpoint().ok());
  Put("Kb", "2");
  tree_.FailCommits(1, absl::DataLossError("EIO"));
  tree_.FailReopens(2, absl::DataLossError("no such device"));
  store_->RequestCheckpoint();
  store_->Poll();
  env_.RunTasks();
  store_->Poll();
  ASSERT_EQ(listener_.sealed.size(), 1U);
  EXPECT_THAT(std::string(listener_.sealed[0].message()), HasSubstr("no such device"));
  EXPECT_TRUE(absl::IsUnavailable(store_->TakeFault()));
  store_->Poll();
  store_->Poll();
  EXPECT_TRUE(store_->TakeFault().ok());
  EXPECT_EQ(Get("Ka"), "1");
}

TEST_F(DurableStoreTest, MemtablesThatAreBothFullSlowTurnsDown) {
  options_.memtable_bytes = 1;
  Open();
  Put("Ka", "1");
  store_->Poll();
  Put("Kb", "2");
  store_->Poll();  // the worker has not run yet
  EXPECT_EQ(Get("Ka"), "1");
  EXPECT_EQ(Get("Kb"), "2");
  EXPECT_EQ(store_->admission(), Admission::kOpen);
  env_.RunTasks();
  store_->Poll();
  env_.RunTasks();
  store_->Poll();
  EXPECT_TRUE(InTree("Kb"));
}

TEST_F(DurableStoreTest, RecordsBehindTheCheckpointAreNotReplayed) {
  Open();
  for (int i = 0; i < 10; ++i) Put("Ka", std::to_string(i));
  ASSERT_TRUE(store_->Checkpoint().ok());
  Put("Kb", "x");
  env_.Crash(1);
  Open();
  EXPECT_EQ(store_->stats().replayed_records, 1U);
  EXPECT_EQ(Get("Ka"), "9");
  EXPECT_EQ(Get("Kb"), "x");
  EXPECT_EQ(DecodePosition(tree_.map()->find(kPositionKey)->second)->sequence, 10U);
}

TEST_F(DurableStoreTest, DamagedMetaEntryIsRefused) {
  Open();
  Put("Ka", "1");
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  const std::unique_ptr<Tree> tree = fakes::OpenMemoryTree(tree_);
  const std::unique_ptr<TreeWriter> writer = *tree->NewWriter();
  writer->Delete(kHashSeedKey);
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_EQ(TryOpen().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace holdfast::storage
