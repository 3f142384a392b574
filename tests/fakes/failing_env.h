#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/env.h"

namespace holdfast::fakes {

// The machine's own Env, whose file calls from a chosen one on all fail: what a kill or a broken disk leaves,
// in real files, for code that must work with LMDB. One thread.
class FailingEnv final : public storage::Env {
 public:
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  // The call after `skip` others, and all that follow, fail with `why`.
  void FailFrom(uint64_t skip, absl::Status why) {
    calls_ = 0;
    fail_from_ = skip;
    failure_ = std::move(why);
  }
  [[nodiscard]] bool has_failed() const { return calls_ > fail_from_; }
  // What Space says from now on.
  void SetFreeBytes(uint64_t bytes) { free_bytes_ = bytes; }

  absl::Time Now() override { return real_.Now(); }
  absl::Duration Monotonic() override { return real_.Monotonic(); }
  void RandomBytes(absl::Span<char> into) override { real_.RandomBytes(into); }
  absl::StatusOr<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode open,
                                                      storage::WriteMode write) override {
    if (auto status = Enter(); !status.ok()) return status;
    auto file = real_.Open(path, open, write);
    if (!file.ok()) return file.status();
    return std::make_unique<CountedFile>(*this, *std::move(file));
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    auto status = Enter();
    return status.ok() ? real_.Rename(from, to) : status;
  }
  absl::Status Remove(const std::string& path) override {
    auto status = Enter();
    return status.ok() ? real_.Remove(path) : status;
  }
  absl::StatusOr<bool> Exists(const std::string& path) override {
    if (auto status = Enter(); !status.ok()) return status;
    return real_.Exists(path);
  }
  absl::Status CreateFolder(const std::string& path) override {
    auto status = Enter();
    return status.ok() ? real_.CreateFolder(path) : status;
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& folder) override {
    if (auto status = Enter(); !status.ok()) return status;
    return real_.List(folder);
  }
  absl::Status SyncFolder(const std::string& folder) override {
    auto status = Enter();
    return status.ok() ? real_.SyncFolder(folder) : status;
  }
  absl::StatusOr<std::unique_ptr<storage::FileLock>> Lock(const std::string& path) override {
    if (auto status = Enter(); !status.ok()) return status;
    return real_.Lock(path);
  }
  absl::StatusOr<storage::FileSystemSpace> Space(const std::string& path) override {
    if (auto status = Enter(); !status.ok()) return status;
    if (free_bytes_ != kNever) return storage::FileSystemSpace{free_bytes_, free_bytes_};
    return real_.Space(path);
  }
  size_t BlockBytes(const std::string& path) override { return real_.BlockBytes(path); }
  std::unique_ptr<storage::Worker> NewWorker(storage::Worker::Priority priority) override {
    return real_.NewWorker(priority);
  }

 private:
  class CountedFile final : public storage::File {
   public:
    CountedFile(FailingEnv& env, std::unique_ptr<storage::File> file) : env_(env), file_(std::move(file)) {}
    absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
      if (auto status = env_.Enter(); !status.ok()) return status;
      return file_->Read(offset, into);
    }
    absl::Status Write(uint64_t offset, std::string_view bytes) override {
      auto status = env_.Enter();
      return status.ok() ? file_->Write(offset, bytes) : status;
    }
    absl::Status Sync() override {
      auto status = env_.Enter();
      return status.ok() ? file_->Sync() : status;
    }
    absl::Status ZeroFill(uint64_t bytes) override {
      auto status = env_.Enter();
      return status.ok() ? file_->ZeroFill(bytes) : status;
    }
    absl::Status Truncate(uint64_t bytes) override {
      auto status = env_.Enter();
      return status.ok() ? file_->Truncate(bytes) : status;
    }
    absl::StatusOr<uint64_t> Size() override {
      if (auto status = env_.Enter(); !status.ok()) return status;
      return file_->Size();
    }

   private:
    FailingEnv& env_;
    std::unique_ptr<storage::File> file_;
  };

  absl::Status Enter() { return calls_++ >= fail_from_ ? failure_ : absl::OkStatus(); }

  storage::Env& real_ = storage::PosixEnv();
  uint64_t calls_ = 0;
  uint64_t fail_from_ = kNever;
  uint64_t free_bytes_ = kNever;
  absl::Status failure_;
};

}  // namespace holdfast::fakes
