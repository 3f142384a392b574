#include "tests/fakes/fake_env.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace holdfast::fakes {
namespace {

using storage::File;
using storage::OpenMode;
using storage::WriteMode;

constexpr uint64_t kSeeds = 40;

std::unique_ptr<File> Create(FakeEnv& env, const std::string& path) {
  auto file = env.Open(path, OpenMode::kCreate, WriteMode::kBuffered);
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

// What `path` holds after a power cut, over many seeds.
template <typename Prepare>
std::set<std::string> AfterCrashes(const std::string& path, Prepare prepare) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    FakeEnv env(seed);
    prepare(env);
    env.Crash(seed);
    const auto exists = env.Exists(path);
    seen.insert(exists.ok() && *exists ? env.Contents(path) : "(gone)");
  }
  return seen;
}

TEST(FakeEnvTest, ACreationMayBeLostUntilItsFolderIsSynced) {
  const auto create = [](FakeEnv& env) { ASSERT_TRUE(Create(env, "f")->Sync().ok()); };
  EXPECT_EQ(AfterCrashes("f", create), (std::set<std::string>{"", "(gone)"}));
  const auto create_and_sync = [&](FakeEnv& env) {
    create(env);
    ASSERT_TRUE(env.SyncFolder(".").ok());
  };
  EXPECT_EQ(AfterCrashes("f", create_and_sync), std::set<std::string>{""});
}

TEST(FakeEnvTest, UnsyncedSectorsAreLostOrKeptEachByItself) {
  const std::string a(FakeDisk::kSector, 'a');
  const std::string zero(FakeDisk::kSector, '\0');
  const auto write = [&](FakeEnv& env) {
    const auto file = Create(env, "f");
    ASSERT_TRUE(env.SyncFolder(".").ok());
    ASSERT_TRUE(file->Write(0, zero + zero).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->Write(0, a + a).ok());
  };
  EXPECT_EQ(AfterCrashes("f", write), (std::set<std::string>{zero + zero, zero + a, a + zero, a + a}));
}

TEST(FakeEnvTest, ASyncedWriteSurvives) {
  const auto write = [](FakeEnv& env) {
    const auto file = Create(env, "f");
    ASSERT_TRUE(env.SyncFolder(".").ok());
    ASSERT_TRUE(file->Write(0, "abc").ok());
    ASSERT_TRUE(file->Sync().ok());
  };
  EXPECT_EQ(AfterCrashes("f", write), std::set<std::string>{"abc"});
}

TEST(FakeEnvTest, ASyncAfterAFailedOneMeansNothing) {
  const auto write = [](FakeEnv& env) {
    const auto file = Create(env, "f");
    ASSERT_TRUE(env.SyncFolder(".").ok());
    ASSERT_TRUE(file->Write(0, "abc").ok());
    env.FailCall(0, absl::DataLossError("EIO"));
    ASSERT_FALSE(file->Sync().ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_EQ(env.Contents("f"), "abc");
  };
  EXPECT_EQ(AfterCrashes("f", write), (std::set<std::string>{"", "abc"}));
}

TEST(FakeEnvTest, ARenameIsAtomicAndLostUntilItsFolderIsSynced) {
  const auto rename = [](FakeEnv& env) {
    ASSERT_TRUE(Create(env, "from")->Sync().ok());
    ASSERT_TRUE(env.SyncFolder(".").ok());
    ASSERT_TRUE(env.Rename("from", "to").ok());
  };
  EXPECT_EQ(AfterCrashes("to", rename), (std::set<std::string>{"", "(gone)"}));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    FakeEnv env(seed);
    rename(env);
    env.Crash(seed);
    EXPECT_EQ(env.List(".")->size(), 1u);
  }
}

TEST(FakeEnvTest, AnOpenFileIsDeadAfterTheCrash) {
  FakeEnv env;
  const auto file = Create(env, "f");
  env.Crash(1);
  EXPECT_FALSE(file->Write(0, "x").ok());
}

TEST(FakeEnvTest, TheNthCallFailsAndNoOther) {
  FakeEnv env;
  env.FailCall(1, absl::DataLossError("EIO"));
  EXPECT_TRUE(env.CreateFolder("a").ok());
  EXPECT_FALSE(env.has_failed());
  EXPECT_EQ(env.CreateFolder("b"), absl::DataLossError("EIO"));
  EXPECT_TRUE(env.has_failed());
  EXPECT_TRUE(env.CreateFolder("b").ok());
}

TEST(FakeEnvTest, TheClockStandsUntilItIsMovedAndTasksRunWhenTheyAreDue) {
  FakeEnv env;
  const absl::Time start = env.Now();
  EXPECT_EQ(env.Now(), start);
  std::string order;
  const auto worker = env.NewWorker(storage::Worker::Priority::kNormal);
  worker->Run(absl::Seconds(2), [&] { order += "b"; });
  worker->Run(absl::Seconds(1), [&] { order += "a"; });
  env.Advance(absl::Seconds(1));
  EXPECT_EQ(order, "a");
  env.Advance(absl::Seconds(1));
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(env.Now(), start + absl::Seconds(2));
}

TEST(FakeEnvTest, AFullDiskRefusesGrowthOnly) {
  FakeEnv env;
  const auto file = Create(env, "f");
  ASSERT_TRUE(file->Write(0, std::string(1000, 'x')).ok());
  env.SetCapacity(1000);
  EXPECT_TRUE(absl::IsResourceExhausted(file->Write(1000, "x")));
  EXPECT_TRUE(file->Write(500, "y").ok());
  EXPECT_EQ(env.Space(".")->available, 0u);
}

TEST(FakeEnvTest, ALockIsHeldOnceAndFreedByTheCrash) {
  FakeEnv env;
  const auto lock = env.Lock("lock");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(env.Lock("lock").status().code(), absl::StatusCode::kFailedPrecondition);
  env.Crash(1);
  EXPECT_TRUE(env.Lock("lock").ok());
}

}  // namespace
}  // namespace holdfast::fakes
