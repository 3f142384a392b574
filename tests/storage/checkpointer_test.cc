#include "storage/checkpointer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

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

}  // namespace
}  // namespace holdfast::storage
