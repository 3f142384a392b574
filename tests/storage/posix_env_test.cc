#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/lmdb/status.h"
#include "storage/posix_error.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage {
namespace {

class PosixEnvTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::unique_ptr<File> Create(const std::string& name) {
    auto file = env_.Open(Path(name), OpenMode::kCreate, WriteMode::kBuffered);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  Env& env_ = PosixEnv();
  fakes::TemporaryFolder home_;
  const std::string& folder_ = home_.path();
};

TEST_F(PosixEnvTest, AFileReadsBackWhatWasWritten) {
  const auto file = Create("a");
  ASSERT_TRUE(file->Write(3, "hello").ok());
  ASSERT_TRUE(file->Sync().ok());
  std::string bytes(16, 'x');
  EXPECT_EQ(*file->Read(0, absl::MakeSpan(bytes)), 8u);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\0\0\0hello", 8));
  EXPECT_EQ(*file->Size(), 8u);
}

TEST_F(PosixEnvTest, ErrorsNameTheCallThePathAndTheReason) {
  const auto missing = env_.Open(Path("missing"), OpenMode::kRead, WriteMode::kBuffered);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.status().message(), "open " + Path("missing") + ": No such file or directory");
  Create("there");
  EXPECT_EQ(env_.Open(Path("there"), OpenMode::kCreate, WriteMode::kBuffered).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(PosixEnvTest, ADiskWithoutSpaceIsResourceExhausted) {
  auto full = env_.Open("/dev/full", OpenMode::kWrite, WriteMode::kBuffered);
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ((*full)->Write(0, "x").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(PosixEnvTest, ZeroFillMakesAFileOfZeros) {
  const auto file = Create("zeros");
  ASSERT_TRUE(file->ZeroFill(3'000'000).ok());
  EXPECT_EQ(*file->Size(), 3'000'000u);
  std::string bytes(4, 'x');
  ASSERT_TRUE(file->Read(2'999'996, absl::MakeSpan(bytes)).ok());
  EXPECT_EQ(bytes, std::string(4, '\0'));
}

TEST_F(PosixEnvTest, ListNamesEntriesInOrder) {
  Create("b");
  Create("a");
  ASSERT_TRUE(env_.CreateFolder(Path("c")).ok());
  ASSERT_TRUE(env_.CreateFolder(Path("c")).ok());
  EXPECT_EQ(*env_.List(folder_), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_TRUE(env_.Rename(Path("a"), Path("d")).ok());
  ASSERT_TRUE(env_.Remove(Path("b")).ok());
  EXPECT_EQ(*env_.List(folder_), (std::vector<std::string>{"c", "d"}));
  EXPECT_TRUE(env_.SyncFolder(folder_).ok());
  EXPECT_TRUE(*env_.Exists(Path("d")));
  EXPECT_FALSE(*env_.Exists(Path("b")));
}

TEST_F(PosixEnvTest, ALockIsHeldOnceAndFreedWithItsObject) {
  auto first = env_.Lock(Path("lock"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(env_.Lock(Path("lock")).status().code(), absl::StatusCode::kFailedPrecondition);
  first->reset();
  EXPECT_TRUE(env_.Lock(Path("lock")).ok());
}

TEST_F(PosixEnvTest, ADirectWriteIsReadBackWhereTheFileSystemAllowsIt) {
  Create("direct");
  auto file = env_.Open(Path("direct"), OpenMode::kWrite, WriteMode::kDirect);
  if (!file.ok()) {
    EXPECT_EQ(file.status().code(), absl::StatusCode::kUnimplemented);
    return;
  }
  const size_t block = env_.BlockBytes(folder_);
  auto* memory = static_cast<char*>(std::aligned_alloc(block, block));
  std::fill_n(memory, block, 'x');
  EXPECT_TRUE((*file)->Write(block, std::string_view(memory, block)).ok());
  EXPECT_EQ(*(*file)->Size(), 2 * block);
  std::free(memory);
}

TEST_F(PosixEnvTest, AWorkerRunsTasksInOrder) {
  const auto worker = env_.NewWorker(Worker::Priority::kNormal);
  std::string order;
  std::promise<void> done;
  worker->Run(absl::Milliseconds(2), [&] {
    order += "c";
    done.set_value();
  });
  worker->Run(absl::ZeroDuration(), [&] { order += "a"; });
  worker->Run(absl::ZeroDuration(), [&] { order += "b"; });
  done.get_future().wait();
  EXPECT_EQ(order, "abc");
}

TEST_F(PosixEnvTest, AWorkerOfLowPriorityGivesWayAndLeavesTheOthersAlone) {
  const int own = getpriority(PRIO_PROCESS, 0);
  std::promise<int> low;
  const auto worker = env_.NewWorker(Worker::Priority::kLow);
  worker->Run(absl::ZeroDuration(), [&] { low.set_value(getpriority(PRIO_PROCESS, 0)); });
  EXPECT_GT(low.get_future().get(), own);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), own);
}

TEST_F(PosixEnvTest, AWorkerDropsWhatIsNotDueWhenItEnds) {
  bool ran = false;
  env_.NewWorker(Worker::Priority::kNormal)->Run(absl::Hours(1), [&] { ran = true; });
  EXPECT_FALSE(ran);
}

TEST_F(PosixEnvTest, SpaceAndBlockBytesAreSensible) {
  const auto space = env_.Space(folder_);
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->available, 0u);
  EXPECT_GE(space->total, space->available);
  const size_t block = env_.BlockBytes(folder_);
  EXPECT_GE(block, 4096u);
  EXPECT_EQ(block & (block - 1), 0u);
}

TEST_F(PosixEnvTest, FullDisksAreToldFromBrokenOnes) {
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) {
    EXPECT_TRUE(absl::IsResourceExhausted(PosixError("write", "file", full))) << full;
    EXPECT_TRUE(absl::IsResourceExhausted(lmdb::ToStatus(full, "commit"))) << full;
  }
  EXPECT_TRUE(absl::IsDataLoss(PosixError("write", "file", EIO)));
  EXPECT_TRUE(absl::IsDataLoss(lmdb::ToStatus(EIO, "commit")));
}

TEST_F(PosixEnvTest, RandomNumbersDiffer) { EXPECT_NE(env_.Random64(), env_.Random64()); }

}  // namespace
}  // namespace holdfast::storage
