#include "storage/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "storage/posix_error.h"

namespace holdfast::storage {
namespace {

constexpr mode_t kFilePermissions = 0640;
constexpr uint64_t kZeroFillStep = 1 << 20;

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int descriptor, WriteMode mode)
      : path_(std::move(path)), descriptor_(descriptor), mode_(mode) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t got =
          ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got < 0 && errno != EINTR) return Failure("read");
      done += static_cast<size_t>(std::max<ssize_t>(got, 0));
      // Only the end of the file cuts a direct read short, and asking on from there would not be aligned.
      if (mode_ == WriteMode::kDirect && got > 0 && done < into.size()) break;
    }
    return done;
  }

  absl::Status Write(uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno != EINTR) return Failure("write");
      const auto done = static_cast<size_t>(std::max<ssize_t>(put, 0));
      bytes.remove_prefix(done);
      offset += done;
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    return ::fdatasync(descriptor_) == 0 ? absl::OkStatus() : Failure("fdatasync");
  }

  absl::Status ZeroFill(uint64_t bytes) override {
    // fallocate alone would leave extents that each first write has to convert; but it fails at once when
    // there is no room, before anything is written.
    const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) return PosixError("allocate", path_, error);
    const std::string zeros(std::min(bytes, kZeroFillStep), '\0');
    for (uint64_t offset = 0; offset < bytes; offset += zeros.size()) {
      const size_t step = std::min<uint64_t>(zeros.size(), bytes - offset);
      if (auto status = Write(offset, std::string_view(zeros).substr(0, step)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Truncate(uint64_t bytes) override {
    return ::ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0 ? absl::OkStatus() : Failure("truncate");
  }

  absl::StatusOr<uint64_t> Size() override {
    struct stat facts {};
    if (::fstat(descriptor_, &facts) != 0) return Failure("stat");
    return static_cast<uint64_t>(facts.st_size);
  }

 private:
  absl::Status Failure(const char* call) const {
    // Some file systems take O_DIRECT at open and refuse the first access.
    const int error = errno == EINVAL && mode_ == WriteMode::kDirect ? EOPNOTSUPP : errno;
    return PosixError(call, path_, error);
  }

  const std::string path_;
  const int descriptor_;
  const WriteMode mode_;
};

int FlagsOf(OpenMode open, WriteMode write) {
  int flags = O_CLOEXEC | (open == OpenMode::kRead ? O_RDONLY : O_RDWR);
  if (open == OpenMode::kCreate) flags |= O_CREAT | O_EXCL;
  if (write == WriteMode::kDirect) flags |= O_DIRECT | O_DSYNC;
  return flags;
}

}  // namespace

absl::StatusOr<std::unique_ptr<File>> OpenPosixFile(const std::string& path, OpenMode open, WriteMode write) {
  const int descriptor = ::open(path.c_str(), FlagsOf(open, write), kFilePermissions);
  if (descriptor < 0) {
    const int error = errno == EINVAL && write == WriteMode::kDirect ? EOPNOTSUPP : errno;
    return PosixError("open", path, error);
  }
  return std::make_unique<PosixFile>(path, descriptor, write);
}

}  // namespace holdfast::storage
