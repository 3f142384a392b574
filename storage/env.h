#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace holdfast::storage {

// What a file is opened for.
enum class OpenMode {
  kRead,    // must exist; only Read and Size
  kWrite,   // must exist; read and write
  kCreate,  // must not exist; read and write
};

// How its writes reach the disk.
enum class WriteMode {
  kBuffered,  // through the page cache: durable after Sync
  kDirect,    // O_DIRECT | O_DSYNC: a Write is durable when it returns; offset, size and memory of every Read
              // and Write are multiples of Env::BlockBytes
};

// The file system that holds a path, in bytes.
struct FileSystemSpace {
  uint64_t total = 0;
  uint64_t available = 0;  // what an ordinary user may still write
};

// An open file. One thread at a time may use it, but Sync may run beside Write. Closed by destruction.
//
// Failures of File and Env say the call, the path and the system's text, and are
//   kResourceExhausted   no space: ENOSPC, EDQUOT, EFBIG
//   kDataLoss            the device failed: EIO, EUCLEAN, EBADMSG, ESTALE
//   kNotFound            ENOENT
//   kAlreadyExists       EEXIST
//   kPermissionDenied    EACCES, EPERM, EROFS
//   kUnimplemented       the file system cannot do it (O_DIRECT on tmpfs)
//   kInternal            anything else
class File {
 public:
  virtual ~File() = default;

  // Reads up to into.size() bytes; fewer only at the end of the file.
  [[nodiscard]] virtual absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) = 0;
  // All of `bytes` or an error, after which the range holds any mixture of old and new sectors.
  [[nodiscard]] virtual absl::Status Write(uint64_t offset, std::string_view bytes) = 0;
  // Makes what was written before the call durable (fdatasync). After an error nothing is known about it, and
  // a second Sync that succeeds means nothing: never retry.
  [[nodiscard]] virtual absl::Status Sync() = 0;
  // Writes zeros over the first `bytes` bytes, so that later writes there allocate nothing. Only for an empty
  // file in kBuffered mode; not durable before Sync. Fails early when the disk is too full.
  [[nodiscard]] virtual absl::Status ZeroFill(uint64_t bytes) = 0;
  [[nodiscard]] virtual absl::Status Truncate(uint64_t bytes) = 0;
  [[nodiscard]] virtual absl::StatusOr<uint64_t> Size() = 0;
};

// Held while it lives; released by the system when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// A thread beside the caller's for slow work. Tasks run one at a time, those that are due in the order they
// were given. Destruction waits for the running task and drops the others.
class Worker {
 public:
  enum class Priority {
    kNormal,
    kLow,  // gives way to the other threads where processors are scarce, as far as the system allows
  };

  virtual ~Worker() = default;
  // Runs `task` not before `delay` has passed. Any thread.
  virtual void Run(absl::Duration delay, std::function<void()> task) = 0;
};

// The only door to files, clocks, randomness and threads for slow work. Passed as `Env&` to whatever needs
// one: the real one is PosixEnv(), tests use fakes/fake_env.h with its own clock and a disk that can fail and
// lose power. Paths are used as they are. Thread-safe.
class Env {
 public:
  virtual ~Env() = default;

  // The wall clock; it may jump. For stored times and TTLs.
  [[nodiscard]] virtual absl::Time Now() = 0;
  // Time since some fixed moment; it never jumps. For deadlines and measurements.
  [[nodiscard]] virtual absl::Duration Monotonic() = 0;
  virtual void RandomBytes(absl::Span<char> into) = 0;
  [[nodiscard]] uint64_t Random64();

  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode open,
                                                                   WriteMode write) = 0;
  // Atomic; replaces `to`. Durable after SyncFolder, as are creations and removals.
  [[nodiscard]] virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual absl::Status Remove(const std::string& path) = 0;
  [[nodiscard]] virtual absl::StatusOr<bool> Exists(const std::string& path) = 0;

  // OK also when it is there already. Its parent must exist.
  [[nodiscard]] virtual absl::Status CreateFolder(const std::string& path) = 0;
  // Names (not paths) of all entries but "." and "..", sorted.
  [[nodiscard]] virtual absl::StatusOr<std::vector<std::string>> List(const std::string& folder) = 0;
  [[nodiscard]] virtual absl::Status SyncFolder(const std::string& folder) = 0;

  // Creates the file where needed and locks it for this process. kFailedPrecondition if another one holds it.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  [[nodiscard]] virtual absl::StatusOr<FileSystemSpace> Space(const std::string& path) = 0;
  // The smallest unit that the disk under `path` writes without reading: a power of two, at least 4096.
  [[nodiscard]] virtual size_t BlockBytes(const std::string& path) = 0;

  [[nodiscard]] virtual std::unique_ptr<Worker> NewWorker(Worker::Priority priority) = 0;
};

// The machine's own; lives for ever.
[[nodiscard]] Env& PosixEnv();

}  // namespace holdfast::storage
