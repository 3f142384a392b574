#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/storage/filled_folder.h"

namespace holdfast::storage {
namespace {

// Space that is deleted comes back inside the data file. The log's: durable_store_test.cc.
class SpaceTest : public testing::Test {
 protected:
  SpaceTest() { folder_.Open(); }

  void PushMany() {
    folder_.Turn([](Keyspace& keyspace) {
      const std::string job(800, 'j');
      const std::vector<std::string_view> jobs(3000, job);
      List(keyspace, "jobs").Push(End::kFront, jobs);
    });
  }
  void PopAll() {
    folder_.Turn([](Keyspace& keyspace) {
      List list(keyspace, "jobs");
      list.Pop(End::kBack, list.size(), [](std::string_view) {});
    });
  }
  // A checkpoint, taken over by the engine's side.
  void Checkpoint() {
    folder_.Push("tick", "t");
    ASSERT_TRUE(folder_.store().Checkpoint().ok());
    folder_.store().Poll();
  }
  uint64_t used() { return folder_.store().disk().used_bytes - folder_.store().disk().live_log_bytes; }

  FilledFolder folder_;
};

TEST_F(SpaceTest, DeletedSpaceIsCountedAsFreeWithinTwoCheckpoints) {
  Checkpoint();
  const uint64_t before = used();
  PushMany();
  Checkpoint();
  const uint64_t full = used();
  ASSERT_GT(full, before + 2'000'000);
  PopAll();
  Checkpoint();
  Checkpoint();
  EXPECT_LT(used(), before + (full - before) / 10);
}

TEST_F(SpaceTest, DeletedSpaceIsUsedAgainInsteadOfGrowingTheFile) {
  uint64_t highest = 0;
  for (int round = 0; round < 12; ++round) {
    PushMany();
    Checkpoint();
    PopAll();
    Checkpoint();
    Checkpoint();
    const uint64_t bytes = folder_.store().stats().data_file_bytes;
    if (round <= 3) highest = bytes;
    // The free list itself takes a few pages more or less; a round's jobs take 3 MB.
    EXPECT_LE(bytes, highest + (128 << 10)) << "in round " << round;
  }
}

}  // namespace
}  // namespace holdfast::storage
