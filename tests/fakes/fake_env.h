#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/env.h"
#include "tests/fakes/fake_disk.h"

namespace holdfast::fakes {

// An Env in memory: the clock stands until it is moved, randomness comes from a seed, the disk can lose power
// (see fake_disk.h for what it then forgets) and any call can be made to fail. Workers have no thread: their
// tasks run inside RunTasks and Advance, so that a test decides what happens in which order.
//
//   FakeEnv env;
//   env.FailCall(3, absl::DataLossError("EIO"));  // the fourth file call from here
//   ... use env ...
//   env.Crash(seed);                              // whatever was open is dead now
//
// Thread-safe, as every Env.
class FakeEnv final : public storage::Env {
 public:
  // What a call does that needs the disk; a folder is synced too.
  enum class FileCall : uint8_t { kOther, kWrite, kSync, kPreallocate, kRename };

  explicit FakeEnv(uint64_t seed = 1) : random_(seed) {}

  // --- What tests do with it.
  void SetNow(absl::Time now);
  // Moves both clocks, then runs the tasks that are due.
  void Advance(absl::Duration step);
  // Runs the workers' tasks that are due now, and those that they give, until none is left.
  void RunTasks();

  // The `skip`-th call (0 is the next) to Env's or File's file functions fails with `why`; once.
  void FailCall(uint64_t skip, absl::Status why);
  // As FailCall, and so do all calls after it, until StopFailing.
  void FailFrom(uint64_t skip, absl::Status why);
  void StopFailing();
  [[nodiscard]] bool has_failed() const;        // whether an armed failure has struck
  [[nodiscard]] FileCall first_failed() const;  // which call it struck, first
  [[nodiscard]] uint64_t calls() const;         // file calls so far

  // The power cut. Files and locks that are open are dead: each call on them fails, and workers' tasks are
  // gone.
  void Crash(uint64_t seed);
  // The disk's size; a write beyond it fails as with ENOSPC.
  void SetCapacity(uint64_t bytes);
  // As tmpfs: opening a file in kDirect mode is kUnimplemented.
  void DenyDirect();
  // A file's bytes as a reader sees them, and a change of them that is durable: damage.
  [[nodiscard]] std::string Contents(const std::string& path) const;
  void Overwrite(const std::string& path, uint64_t offset, std::string_view bytes);
  void Cut(const std::string& path, uint64_t bytes);

  // --- Env.
  absl::Time Now() override;
  absl::Duration Monotonic() override;
  void RandomBytes(absl::Span<char> into) override;
  absl::StatusOr<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode open,
                                                      storage::WriteMode write) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<bool> Exists(const std::string& path) override;
  absl::Status CreateFolder(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& folder) override;
  absl::Status SyncFolder(const std::string& folder) override;
  absl::StatusOr<std::unique_ptr<storage::FileLock>> Lock(const std::string& path) override;
  absl::StatusOr<storage::FileSystemSpace> Space(const std::string& path) override;
  size_t BlockBytes(const std::string& path) override;
  std::unique_ptr<storage::Worker> NewWorker(storage::Worker::Priority priority) override;

 private:
  class OpenFile;
  class HeldLock;
  class TaskQueue;
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  struct Task {
    const TaskQueue* owner;
    std::function<void()> run;
  };

  // Counts a file call; an error if it is to fail. With the lock held.
  absl::Status Enter(FileCall call);
  bool RunOneTask();

  mutable std::mutex mutex_;  // guards all below
  FakeDisk disk_;
  std::mt19937_64 random_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Duration monotonic_ = absl::ZeroDuration();
  std::multimap<absl::Duration, Task> tasks_;
  std::set<std::string> locks_;
  uint64_t life_ = 0;  // rises with each crash
  uint64_t calls_ = 0;
  uint64_t fail_from_ = kNever;
  uint64_t fail_until_ = kNever;
  absl::Status failure_;
  bool has_failed_ = false;
  FileCall first_failed_ = FileCall::kOther;
  bool direct_ = true;
};

}  // namespace holdfast::fakes
