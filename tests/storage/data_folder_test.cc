#include "storage/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/fakes/fake_env.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage {
namespace {

using testing::HasSubstr;

class DataFolderTest : public testing::Test {
 protected:
  void WriteFile(const std::string& path, std::string_view content) {
    std::unique_ptr<File> file = *env_.Open(path, OpenMode::kCreate, WriteMode::kBuffered);
    ASSERT_TRUE(file->Write(0, content).ok());
  }

  fakes::FakeEnv env_;
};

TEST_F(DataFolderTest, NewFolderGetsTheFormat) {
  const absl::StatusOr<DataFolder> folder = DataFolder::Open(env_, "/data");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(env_.Contents("/data/format"), "holdfast 1\n");
}

TEST_F(DataFolderTest, SecondServerIsRefusedWithTheHoldersProcess) {
  const fakes::TemporaryFolder place;
  const std::string path = place.path() + "/data";
  const absl::StatusOr<DataFolder> first = DataFolder::Open(PosixEnv(), path);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = DataFolder::Open(PosixEnv(), path).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second));
  EXPECT_THAT(std::string(second.message()), HasSubstr("process " + std::to_string(::getpid())));
}

TEST_F(DataFolderTest, FolderIsFreeAgainAfterDestruction) {
  for (int life = 0; life < 3; ++life) EXPECT_TRUE(DataFolder::Open(env_, "/data").ok());
}

TEST_F(DataFolderTest, NewerFormatIsRefusedByName) {
  ASSERT_TRUE(env_.CreateFolder("/data").ok());
  WriteFile("/data/format", "holdfast 2\n");
  const absl::Status status = DataFolder::Open(env_, "/data").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 2"));
}

TEST_F(DataFolderTest, DamagedFormatIsRefused) {
  ASSERT_TRUE(env_.CreateFolder("/data").ok());
  WriteFile("/data/format", "???");
  EXPECT_EQ(DataFolder::Open(env_, "/data").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DataFolderTest, DataWithoutFormatIsRefused) {
  ASSERT_TRUE(env_.CreateFolder("/data").ok());
  WriteFile("/data/data.mdb", "anything");
  EXPECT_TRUE(absl::IsFailedPrecondition(DataFolder::Open(env_, "/data").status()));
}

TEST_F(DataFolderTest, CrashAtAnyCallLeavesAFolderThatOpens) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    bool failed = true;
    for (uint64_t call = 0; failed; ++call) {
      fakes::FakeEnv env(seed);
      env.FailFrom(call, absl::DataLossError("EIO"));
      (void)DataFolder::Open(env, "/data");
      failed = env.has_failed();
      env.StopFailing();
      env.Crash(seed);
      EXPECT_TRUE(DataFolder::Open(env, "/data").ok()) << "seed " << seed << ", call " << call;
      EXPECT_EQ(env.Contents("/data/format"), "holdfast 1\n");
    }
  }
}

}  // namespace
}  // namespace holdfast::storage
