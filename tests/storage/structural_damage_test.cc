#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "tests/storage/filled_folder.h"

namespace holdfast::storage {
namespace {

using testing::HasSubstr;

// LMDB dies of damage in its pages' heads, so the store looks before it lets LMDB.
class StructuralDamageTest : public testing::Test {
 protected:
  // OK if the folder opened; then it also took jobs and checkpoints.
  absl::Status OpenAndWork(absl::Duration structure_check) {
    StoreOptions options = folder_.options();
    options.structure_check = structure_check;
    RecordingStoreListener listener;
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options, listener);
    if (!store.ok()) return store.status();
    for (int i = 0; i < 20; ++i) {
      Keyspace keyspace((*store)->BeginTurn(64 << 10), 0);
      const std::string job(3000, 'j');
      const std::string_view element = job;
      List(keyspace, "queue").Push(End::kFront, {&element, 1});
      String(keyspace, "string:" + std::to_string(i * 13)).Set(job);
      (*store)->Commit();
      EXPECT_TRUE((*store)->Checkpoint().ok());
    }
    return (*store)->Close();
  }

  FilledFolder folder_;
};

TEST_F(StructuralDamageTest, SixteenFlippedBytesAtPageHeadsAreRefusedWithFileAndByteOrDoNoHarm) {
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  int refused = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = sound;
    for (int i = 0; i < 16; ++i) {
      bytes[random() % (bytes.size() / 4096) * 4096 + random() % 16] ^= static_cast<char>(1 << random() % 8);
    }
    FilledFolder::WriteFile(folder_.data_path(), bytes);
    const absl::Status status = OpenAndWork(absl::InfiniteDuration());
    if (status.ok()) continue;
    ++refused;
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("data.mdb, byte ")) << seed;
    EXPECT_THAT(status.message(), HasSubstr("holdfast-tool")) << seed;
    EXPECT_EQ(FilledFolder::ReadFile(folder_.data_path()), bytes) << seed;
  }
  EXPECT_GT(refused, 20);
}

TEST_F(StructuralDamageTest, SoundFolderOpensWithAnyBudget) {
  for (const absl::Duration budget :
       {absl::ZeroDuration(), absl::Milliseconds(250), absl::InfiniteDuration()}) {
    EXPECT_TRUE(OpenAndWork(budget).ok()) << budget;
  }
}

TEST_F(StructuralDamageTest, UpperPagesAreLookedAtWithoutAnyBudget) {
  std::string bytes = FilledFolder::ReadFile(folder_.data_path());
  for (size_t page = 2; page < bytes.size() / 4096; ++page) {
    constexpr size_t kKindAt = 10;
    if (bytes[page * 4096 + kKindAt] == 1)
      bytes[page * 4096 + kKindAt] = 2;  // every branch claims to be a leaf
  }
  FilledFolder::WriteFile(folder_.data_path(), bytes);
  EXPECT_TRUE(absl::IsDataLoss(OpenAndWork(absl::ZeroDuration())));
}

}  // namespace
}  // namespace holdfast::storage
