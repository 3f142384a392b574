#include "tests/fakes/fake_env.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::fakes {
namespace {

using storage::OpenMode;
using storage::WriteMode;

constexpr size_t kBlock = 4096;

bool Aligned(uint64_t offset, const void* memory, size_t bytes) {
  return offset % kBlock == 0 && bytes % kBlock == 0 && reinterpret_cast<uintptr_t>(memory) % kBlock == 0;
}

}  // namespace

class FakeEnv::OpenFile final : public storage::File {
 public:
  OpenFile(FakeEnv& env, FakeDisk::InodePointer inode, OpenMode open, WriteMode mode, uint64_t life)
      : env_(env), inode_(std::move(inode)), open_(open), mode_(mode), life_(life) {}

  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
    const std::lock_guard lock(env_.mutex_);
    if (auto status = Enter(FileCall::kOther, offset, into.data(), into.size()); !status.ok()) return status;
    if (offset >= inode_->current.size()) return size_t{0};
    if (mode_ == WriteMode::kBuffered || inode_->doomed.empty()) {
      return inode_->current.copy(into.data(), into.size(), offset);
    }
    return FakeDisk::DirectView(*inode_).copy(into.data(), into.size(), offset);
  }

  absl::Status Write(uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(env_.mutex_);
    if (open_ == OpenMode::kRead) return absl::InternalError("write: the file is open for reading");
    if (auto status = Enter(FileCall::kWrite, offset, bytes.data(), bytes.size()); !status.ok()) {
      if (alive()) env_.disk_.TearWrite(*inode_, offset, bytes, mode_, env_.random_);
      return status;
    }
    return env_.disk_.Write(*inode_, offset, bytes, mode_);
  }

  absl::Status Sync() override {
    const std::lock_guard lock(env_.mutex_);
    if (auto status = Enter(FileCall::kSync, 0, nullptr, 0); !status.ok()) {
      if (alive()) FakeDisk::FailSync(*inode_);
      return status;
    }
    FakeDisk::Sync(*inode_);
    return absl::OkStatus();
  }

  absl::Status ZeroFill(uint64_t bytes) override {
    const std::lock_guard lock(env_.mutex_);
    if (auto status = Enter(FileCall::kPreallocate, 0, nullptr, 0); !status.ok()) return status;
    return env_.disk_.Resize(*inode_, bytes);
  }

  absl::Status Truncate(uint64_t bytes) override {
    const std::lock_guard lock(env_.mutex_);
    if (auto status = Enter(FileCall::kOther, 0, nullptr, 0); !status.ok()) return status;
    return env_.disk_.Resize(*inode_, bytes);
  }

  absl::StatusOr<uint64_t> Size() override {
    const std::lock_guard lock(env_.mutex_);
    if (auto status = Enter(FileCall::kOther, 0, nullptr, 0); !status.ok()) return status;
    return uint64_t{inode_->current.size()};
  }

 private:
  bool alive() const { return life_ == env_.life_; }

  absl::Status Enter(FileCall call, uint64_t offset, const void* memory, size_t bytes) {
    if (!alive()) return absl::InternalError("the power was cut while the file was open");
    if (mode_ == WriteMode::kDirect && !Aligned(offset, memory, bytes)) {
      return absl::InternalError("a direct access that is not aligned");
    }
    return env_.Enter(call);
  }

  FakeEnv& env_;
  const FakeDisk::InodePointer inode_;
  const OpenMode open_;
  const WriteMode mode_;
  const uint64_t life_;
};

class FakeEnv::HeldLock final : public storage::FileLock {
 public:
  HeldLock(FakeEnv& env, std::string path, uint64_t life) : env_(env), path_(std::move(path)), life_(life) {}
  ~HeldLock() override {
    const std::lock_guard lock(env_.mutex_);
    if (life_ == env_.life_) env_.locks_.erase(path_);
  }

 private:
  FakeEnv& env_;
  const std::string path_;
  const uint64_t life_;
};

class FakeEnv::TaskQueue final : public storage::Worker {
 public:
  explicit TaskQueue(FakeEnv& env) : env_(env) {}
  ~TaskQueue() override {
    const std::lock_guard lock(env_.mutex_);
    std::erase_if(env_.tasks_, [this](const auto& entry) { return entry.second.owner == this; });
  }

  void Run(absl::Duration delay, std::function<void()> task) override {
    const std::lock_guard lock(env_.mutex_);
    env_.tasks_.emplace(env_.monotonic_ + delay, Task{this, std::move(task)});
  }

 private:
  FakeEnv& env_;
};

void FakeEnv::SetNow(absl::Time now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

void FakeEnv::Advance(absl::Duration step) {
  {
    const std::lock_guard lock(mutex_);
    now_ += step;
    monotonic_ += step;
  }
  RunTasks();
}

void FakeEnv::RunTasks() {
  while (RunOneTask()) {
  }
}

bool FakeEnv::RunOneTask() {
  std::function<void()> run;
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty() || tasks_.begin()->first > monotonic_) return false;
    run = std::move(tasks_.begin()->second.run);
    tasks_.erase(tasks_.begin());
  }
  run();
  return true;
}

absl::Status FakeEnv::Enter(FileCall call) {
  const uint64_t number = calls_++;
  if (number < fail_from_ || number >= fail_until_) return absl::OkStatus();
  if (!has_failed_) first_failed_ = call;
  has_failed_ = true;
  return failure_;
}

void FakeEnv::FailCall(uint64_t skip, absl::Status why) {
  const std::lock_guard lock(mutex_);
  fail_from_ = calls_ + skip;
  fail_until_ = fail_from_ + 1;
  failure_ = std::move(why);
  has_failed_ = false;
}

void FakeEnv::FailFrom(uint64_t skip, absl::Status why) {
  FailCall(skip, std::move(why));
  const std::lock_guard lock(mutex_);
  fail_until_ = kNever;
}

void FakeEnv::StopFailing() {
  const std::lock_guard lock(mutex_);
  fail_from_ = kNever;
}

bool FakeEnv::has_failed() const {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

FakeEnv::FileCall FakeEnv::first_failed() const {
  const std::lock_guard lock(mutex_);
  return first_failed_;
}

uint64_t FakeEnv::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FakeEnv::Crash(uint64_t seed) {
  const std::lock_guard lock(mutex_);
  ++life_;
  tasks_.clear();
  locks_.clear();
  std::mt19937_64 random(seed);
  disk_.Crash(random);
}

void FakeEnv::SetCapacity(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  disk_.set_capacity(bytes);
}

void FakeEnv::DenyDirect() {
  const std::lock_guard lock(mutex_);
  direct_ = false;
}

std::string FakeEnv::Contents(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto inode = const_cast<FakeDisk&>(disk_).Open(path, OpenMode::kRead);
  return inode.ok() ? (*inode)->current : "";
}

void FakeEnv::Overwrite(const std::string& path, uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (const auto inode = disk_.Open(path, OpenMode::kWrite); inode.ok()) {
    disk_.Write(**inode, offset, bytes, WriteMode::kDirect).IgnoreError();
  }
}

void FakeEnv::Cut(const std::string& path, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (const auto inode = disk_.Open(path, OpenMode::kWrite); inode.ok()) {
    disk_.Resize(**inode, bytes).IgnoreError();
    FakeDisk::Sync(**inode);
  }
}

absl::Time FakeEnv::Now() {
  const std::lock_guard lock(mutex_);
  return now_;
}

absl::Duration FakeEnv::Monotonic() {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

void FakeEnv::RandomBytes(absl::Span<char> into) {
  const std::lock_guard lock(mutex_);
  for (char& byte : into) byte = static_cast<char>(random_());
}

absl::StatusOr<std::unique_ptr<storage::File>> FakeEnv::Open(const std::string& path, OpenMode open,
                                                             WriteMode write) {
  const std::lock_guard lock(mutex_);
  if (auto status = Enter(FileCall::kOther); !status.ok()) return status;
  if (write == WriteMode::kDirect && !direct_) {
    return absl::UnimplementedError(absl::StrCat("open ", path, ": Operation not supported"));
  }
  auto inode = disk_.Open(path, open);
  if (!inode.ok()) return inode.status();
  return std::make_unique<OpenFile>(*this, *std::move(inode), open, write, life_);
}

absl::Status FakeEnv::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  auto status = Enter(FileCall::kRename);
  return status.ok() ? disk_.Rename(from, to) : status;
}

absl::Status FakeEnv::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto status = Enter(FileCall::kOther);
  return status.ok() ? disk_.Remove(path) : status;
}

absl::StatusOr<bool> FakeEnv::Exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto status = Enter(FileCall::kOther); !status.ok()) return status;
  return disk_.Exists(path);
}

absl::Status FakeEnv::CreateFolder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto status = Enter(FileCall::kOther);
  return status.ok() ? disk_.CreateFolder(path) : status;
}

absl::StatusOr<std::vector<std::string>> FakeEnv::List(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (auto status = Enter(FileCall::kOther); !status.ok()) return status;
  return disk_.List(folder);
}

absl::Status FakeEnv::SyncFolder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  auto status = Enter(FileCall::kSync);
  return status.ok() ? disk_.SyncFolder(folder) : status;
}

absl::StatusOr<std::unique_ptr<storage::FileLock>> FakeEnv::Lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto status = Enter(FileCall::kOther); !status.ok()) return status;
  if (!locks_.insert(path).second) {
    return absl::FailedPreconditionError(absl::StrCat("lock ", path, ": another process holds it"));
  }
  return std::make_unique<HeldLock>(*this, path, life_);
}

absl::StatusOr<storage::FileSystemSpace> FakeEnv::Space(const std::string& /*path*/) {
  const std::lock_guard lock(mutex_);
  if (auto status = Enter(FileCall::kOther); !status.ok()) return status;
  return storage::FileSystemSpace{
      .total = disk_.capacity(),
      .available = disk_.capacity() - std::min(disk_.capacity(), disk_.used_bytes())};
}

size_t FakeEnv::BlockBytes(const std::string& /*path*/) { return kBlock; }

std::unique_ptr<storage::Worker> FakeEnv::NewWorker(storage::Worker::Priority /*priority*/) {
  return std::make_unique<TaskQueue>(*this);
}

}  // namespace holdfast::fakes
