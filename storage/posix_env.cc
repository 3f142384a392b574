#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/env.h"
#include "storage/posix_error.h"
#include "storage/posix_file.h"
#include "storage/posix_worker.h"

namespace holdfast::storage {
namespace {

constexpr mode_t kFolderPermissions = 0750;
constexpr mode_t kLockPermissions = 0640;
constexpr size_t kUsualBlock = 4096;
constexpr size_t kLargestBlock = 65536;

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int descriptor) : descriptor_(descriptor) {}
  ~PosixFileLock() override { ::close(descriptor_); }
  PosixFileLock(const PosixFileLock&) = delete;
  PosixFileLock& operator=(const PosixFileLock&) = delete;

 private:
  const int descriptor_;
};

class PosixEnvironment final : public Env {
 public:
  absl::Time Now() override { return absl::Now(); }

  absl::Duration Monotonic() override {
    struct timespec now {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return absl::DurationFromTimespec(now);
  }

  void RandomBytes(absl::Span<char> into) override {
    while (!into.empty()) {
      const ssize_t got = ::getrandom(into.data(), into.size(), 0);
      if (got < 0 && errno != EINTR) std::abort();  // The kernel has no randomness: nothing safe can follow.
      into.remove_prefix(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    }
  }

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode open,
                                             WriteMode write) override {
    return OpenPosixFile(path, open, write);
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : PosixError("rename", from, errno);
  }

  absl::Status Remove(const std::string& path) override {
    return ::unlink(path.c_str()) == 0 ? absl::OkStatus() : PosixError("remove", path, errno);
  }

  absl::StatusOr<bool> Exists(const std::string& path) override {
    if (::access(path.c_str(), F_OK) == 0) return true;
    if (errno == ENOENT) return false;
    return PosixError("access", path, errno);
  }

  absl::Status CreateFolder(const std::string& path) override {
    if (::mkdir(path.c_str(), kFolderPermissions) == 0) return absl::OkStatus();
    const int error = errno;
    struct stat facts {};
    const bool is_folder = ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    return error == EEXIST && is_folder ? absl::OkStatus() : PosixError("create folder", path, error);
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& folder) override {
    DIR* stream = ::opendir(folder.c_str());
    if (stream == nullptr) return PosixError("list", folder, errno);
    const absl::Cleanup close = [stream] { ::closedir(stream); };
    std::vector<std::string> names;
    for (errno = 0; const dirent* entry = ::readdir(stream); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return PosixError("list", folder, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::Status SyncFolder(const std::string& folder) override {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return PosixError("open folder", folder, errno);
    const absl::Cleanup close = [descriptor] { ::close(descriptor); };
    return ::fsync(descriptor) == 0 ? absl::OkStatus() : PosixError("sync folder", folder, errno);
  }

  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockPermissions);
    if (descriptor < 0) return PosixError("open", path, errno);
    auto lock = std::make_unique<PosixFileLock>(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return PosixError("lock", path, errno);
    return absl::FailedPreconditionError(absl::StrCat("lock ", path, ": another process holds it"));
  }

  absl::StatusOr<FileSystemSpace> Space(const std::string& path) override {
    struct statvfs facts {};
    if (::statvfs(path.c_str(), &facts) != 0) return PosixError("statvfs", path, errno);
    return FileSystemSpace{.total = uint64_t{facts.f_blocks} * facts.f_frsize,
                           .available = uint64_t{facts.f_bavail} * facts.f_frsize};
  }

  size_t BlockBytes(const std::string& path) override {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return kUsualBlock;
    const auto bytes = static_cast<size_t>(facts.st_blksize);
    const bool usable = bytes >= kUsualBlock && bytes <= kLargestBlock && (bytes & (bytes - 1)) == 0;
    return usable ? bytes : kUsualBlock;
  }

  std::unique_ptr<Worker> NewWorker(Worker::Priority priority) override { return NewPosixWorker(priority); }
};

}  // namespace

Env& PosixEnv() {
  static PosixEnvironment* const kEnv = new PosixEnvironment;  // Never destroyed: threads may outlive main.
  return *kEnv;
}

}  // namespace holdfast::storage
