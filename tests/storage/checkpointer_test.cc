#include "storage/checkpointer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "storage/codec.h"
#include "storage/meta.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_tree.h"

namespace holdfast::storage {
namespace {

using Failure = fakes::MemoryTreeFile::Failure;

class CheckpointerTest : public testing::Test {
 protected:
  static std::shared_ptr<const Memtable> Puts(const std::string& key, const std::string& value) {
    auto memtable = std::make_shared<Memtable>();
    memtable->Put(key, value, Memtable::Kind::kPut);
    return memtable;
  }
  std::string At(const std::string& key) {
    const auto map = file_.map();
    const auto found = map->find(key);
    return found == map->end() ? "(absent)" : found->second;
  }
  void PutTrash(uint64_t id, int elements) {
    const std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    std::string trash = "T\x01";
    AppendU64(trash, id);
    writer->Put(trash, "L");
    for (int i = 0; i < elements; ++i) {
      std::string element = TablePrefix(Table::kList, id);
      AppendU32(element, static_cast<uint32_t>(i));
      writer->Put(element, "x");
    }
    ASSERT_TRUE(writer->Commit().ok());
  }

  fakes::FakeEnv env_;
  fakes::MemoryTreeFile file_;
  std::unique_ptr<Tree> tree_ = fakes::OpenMemoryTree(file_);
  Checkpointer checkpointer_{env_, *tree_};
};

TEST_F(CheckpointerTest, AppliesPutsDeletesAndPositionTogether) {
  checkpointer_.Start(Puts("a", "1"), {1, 10});
  EXPECT_FALSE(checkpointer_.TakeDone().has_value());
  env_.RunTasks();
  ASSERT_TRUE(checkpointer_.TakeDone().has_value());
  EXPECT_FALSE(checkpointer_.TakeDone().has_value());
  EXPECT_EQ(At("a"), "1");
  EXPECT_EQ(DecodePosition(At(std::string(kPositionKey))), (log::Position{1, 10}));

  auto deletes = std::make_shared<Memtable>();
  deletes->Delete("a");
  checkpointer_.Start(deletes, {1, 11});
  env_.RunTasks();
  EXPECT_EQ(At("a"), "(absent)");
  EXPECT_EQ(DecodePosition(At(std::string(kPositionKey))), (log::Position{1, 11}));
  EXPECT_EQ(checkpointer_.progress().checkpoints, 2U);
}

TEST_F(CheckpointerTest, FullDiskIsTriedAgainUntilThereIsSpace) {
  file_.SetCapacity(3);
  checkpointer_.Start(Puts("a", "1"), {1, 1});
  env_.RunTasks();
  for (int second = 0; second < 5; ++second) env_.Advance(absl::Seconds(1));
  EXPECT_FALSE(checkpointer_.TakeDone().has_value());
  EXPECT_GT(checkpointer_.progress().failures, 3U);
  EXPECT_TRUE(absl::IsResourceExhausted(checkpointer_.progress().last_status));
  EXPECT_EQ(At("a"), "(absent)");
  file_.SetCapacity(1000);
  env_.Advance(absl::Seconds(1));
  EXPECT_TRUE(checkpointer_.TakeDone().has_value());
  EXPECT_TRUE(checkpointer_.progress().last_status.ok());
  EXPECT_EQ(At("a"), "1");
}

TEST_F(CheckpointerTest, FailedCommitPausesUntilTheTreeIsReopened) {
  for (const Failure failure : {Failure::kLostCommit, Failure::kKeptCommit}) {
    file_.FailCommits(1, absl::DataLossError("EIO"), failure);
    checkpointer_.Start(Puts("a", "1"), {1, 1});
    env_.Advance(absl::Seconds(10));
    EXPECT_TRUE(checkpointer_.paused());
    EXPECT_FALSE(checkpointer_.TakeDone().has_value());
    ASSERT_TRUE(tree_->Reopen().ok());
    checkpointer_.Resume();
    env_.Advance(absl::Seconds(1));
    EXPECT_FALSE(checkpointer_.paused());
    EXPECT_TRUE(checkpointer_.TakeDone().has_value());
    EXPECT_EQ(At("a"), "1");
  }
}

TEST_F(CheckpointerTest, FinishNowNeedsNoWorker) {
  checkpointer_.Start(Puts("a", "1"), {1, 1});
  EXPECT_TRUE(checkpointer_.FinishNow().ok());
  EXPECT_TRUE(checkpointer_.TakeDone().has_value());
  EXPECT_TRUE(checkpointer_.FinishNow().ok());
  file_.SetCapacity(3);
  checkpointer_.Start(Puts("b", "1"), {1, 2});
  EXPECT_TRUE(absl::IsResourceExhausted(checkpointer_.FinishNow()));
}

TEST_F(CheckpointerTest, SweepsWhatAnEarlierLifeLeft) {
  PutTrash(7, 12'000);
  for (int i = 0; i < 10; ++i) env_.Advance(absl::Milliseconds(20));
  EXPECT_TRUE(file_.map()->empty());
}

// A tree whose every transaction takes ten milliseconds.
class SlowTree : public Tree {
 public:
  static constexpr absl::Duration kStep = absl::Milliseconds(10);

  SlowTree(fakes::FakeEnv& env, Tree& tree) : env_(env), tree_(tree) {}
  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() override { return tree_.NewSnapshot(); }
  absl::StatusOr<std::unique_ptr<TreeWriter>> NewWriter() override { return tree_.NewWriter(); }
  [[nodiscard]] bool needs_reopen() const override { return tree_.needs_reopen(); }
  absl::Status Reopen() override { return tree_.Reopen(); }
  TreeFacts Measure() override {
    env_.Advance(kStep);
    return tree_.Measure();
  }

 private:
  fakes::FakeEnv& env_;
  Tree& tree_;
};

TEST_F(CheckpointerTest, SweepsLeaveMostOfTheTimeToOthers) {
  env_.RunTasks();
  PutTrash(8, 12'000);
  SlowTree slow(env_, *tree_);
  Checkpointer sweeper(env_, slow);
  env_.RunTasks();
  const size_t after_one = file_.map()->size();
  EXPECT_LT(after_one, 8'000U);
  EXPECT_GT(after_one, 0U);
  env_.Advance(2 * SlowTree::kStep);
  EXPECT_EQ(file_.map()->size(), after_one);
  env_.Advance(8 * SlowTree::kStep);
  EXPECT_LT(file_.map()->size(), after_one);
  while (!file_.map()->empty()) env_.Advance(SlowTree::kStep);
}

TEST_F(CheckpointerTest, SweepsInAHurryDoNotPause) {
  env_.RunTasks();
  PutTrash(7, 60'000);
  Checkpointer sweeper(env_, *tree_);
  sweeper.set_hurry(true);
  env_.RunTasks();
  EXPECT_TRUE(file_.map()->empty());
}

TEST_F(CheckpointerTest, LargeTrashOfACheckpointIsSweptAfterIt) {
  env_.RunTasks();
  PutTrash(7, 2'500);
  checkpointer_.Start(Puts("a", "1"), {1, 1});
  env_.RunTasks();
  ASSERT_TRUE(checkpointer_.TakeDone().has_value());
  EXPECT_GT(file_.map()->size(), 1000U);
  EXPECT_LT(file_.map()->size(), 2000U);
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(file_.map()->size(), 2U);  // a and the position
}

TEST_F(CheckpointerTest, SweepThatFailsIsTriedAgain) {
  env_.RunTasks();
  PutTrash(7, 2'500);
  checkpointer_.Start(Puts("a", "1"), {1, 1});
  env_.RunTasks();
  file_.FailCommits(1, absl::DataLossError("EIO"));
  env_.Advance(absl::Seconds(1));
  EXPECT_TRUE(checkpointer_.paused());
  ASSERT_TRUE(tree_->Reopen().ok());
  checkpointer_.Resume();
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(file_.map()->size(), 2U);
}

TEST_F(CheckpointerTest, DestructionDropsWhatHasNotBegun) {
  {
    Checkpointer other(env_, *tree_);
    other.Start(Puts("a", "1"), {1, 1});
  }
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(At("a"), "(absent)");
}

// Says when it was first asked for a writer.
class WatchedTree final : public Tree {
 public:
  explicit WatchedTree(Tree& tree) : tree_(tree) {}
  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() override { return tree_.NewSnapshot(); }
  absl::StatusOr<std::unique_ptr<TreeWriter>> NewWriter() override {
    if (!asked_.HasBeenNotified()) asked_.Notify();
    return tree_.NewWriter();
  }
  bool needs_reopen() const override { return tree_.needs_reopen(); }
  absl::Status Reopen() override { return tree_.Reopen(); }
  TreeFacts Measure() override { return tree_.Measure(); }

  absl::Notification asked_;

 private:
  Tree& tree_;
};

TEST_F(CheckpointerTest, DestructionWaitsForTheSweepUnderWay) {
  PutTrash(7, 12'000);
  const size_t before = file_.map()->size();
  WatchedTree watched(*tree_);
  {
    const Checkpointer threaded(PosixEnv(), watched);
    watched.asked_.WaitForNotification();
  }
  EXPECT_LT(file_.map()->size(), before);
  EXPECT_GT(file_.map()->size(), 2U);
}

}  // namespace
}  // namespace holdfast::storage
