#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "storage/log/file_log.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/storage/log/conformance.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kSegmentBytes = 64 << 10;

class OnFakeDisk {
 public:
  static constexpr size_t kLargeBytes = 5 * kSegmentBytes + 123;

  std::unique_ptr<CommitLog> NewLog(Durability durability) {
    return std::make_unique<FileLog>(
        env_, FileLogOptions{.folder = "log", .durability = durability, .segment_bytes = kSegmentBytes});
  }
  void Crash() { env_.Crash(++crashes_); }
  template <typename Done>
  void RunBackground(Done) {
    env_.RunTasks();
  }

 protected:
  fakes::FakeEnv env_;

 private:
  uint64_t crashes_ = 0;
};

class OnFakeDiskWithoutDirectWrites : public OnFakeDisk {
 public:
  OnFakeDiskWithoutDirectWrites() { env_.DenyDirect(); }
};

class OnRealFiles {
 public:
  static constexpr size_t kLargeBytes = 5 * kSegmentBytes + 123;

  std::unique_ptr<CommitLog> NewLog(Durability durability) {
    return std::make_unique<FileLog>(PosixEnv(), FileLogOptions{.folder = folder_.path() + "/log",
                                                                .durability = durability,
                                                                .segment_bytes = kSegmentBytes});
  }
  void Crash() {}
  template <typename Done>
  void RunBackground(Done done) {
    const auto most = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done() && std::chrono::steady_clock::now() < most) std::this_thread::yield();
  }

 private:
  fakes::TemporaryFolder folder_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(OnFakeDisk, CommitLogConformance, OnFakeDisk);
INSTANTIATE_TYPED_TEST_SUITE_P(OnFakeDiskWithoutDirectWrites, CommitLogConformance,
                               OnFakeDiskWithoutDirectWrites);
INSTANTIATE_TYPED_TEST_SUITE_P(OnRealFiles, CommitLogConformance, OnRealFiles);

}  // namespace
}  // namespace holdfast::storage::log
