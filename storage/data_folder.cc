#include "storage/data_folder.h"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace holdfast::storage {
namespace {

constexpr const char* kLockName = "/holdfast.lock";
constexpr const char* kFormatName = "/format";
constexpr const char* kDataName = "/data.mdb";
constexpr const char* kFormatWord = "holdfast ";
constexpr size_t kMostSmallFileBytes = 64;

absl::StatusOr<std::string> ReadSmallFile(Env& env, const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  std::string content(kMostSmallFileBytes, '\0');
  const absl::StatusOr<size_t> bytes = (*file)->Read(0, absl::MakeSpan(content));
  if (!bytes.ok()) return bytes.status();
  content.resize(*bytes);
  return content;
}

// Durable when it returns, and never half there.
absl::Status WriteSmallFile(Env& env, const std::string& folder, const std::string& path,
                            std::string_view content) {
  const std::string draft = path + ".new";
  if (absl::Status status = env.Remove(draft); !status.ok() && !absl::IsNotFound(status)) return status;
  absl::StatusOr<std::unique_ptr<File>> file = env.Open(draft, OpenMode::kCreate, WriteMode::kBuffered);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Write(0, content);
  if (status.ok()) status = (*file)->Sync();
  if (status.ok()) status = env.Rename(draft, path);
  if (status.ok()) status = env.SyncFolder(folder);
  return status;
}

std::string ParentOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent;
}

// Syncs the parent even where the folder exists: an earlier life may have been killed in between.
absl::Status CreateFolder(Env& env, const std::string& path) {
  const absl::StatusOr<bool> existed = env.Exists(path);
  if (!existed.ok()) return existed.status();
  if (absl::Status status = env.CreateFolder(path); !status.ok()) return status;
  absl::Status status = env.SyncFolder(ParentOf(path));
  return *existed && absl::IsPermissionDenied(status) ? absl::OkStatus() : status;
}

// The process id is for people: a failure to read or write it changes nothing.
absl::StatusOr<std::unique_ptr<FileLock>> TakeLock(Env& env, const std::string& path) {
  const std::string lock_path = path + kLockName;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = env.Lock(lock_path);
  if (absl::IsFailedPrecondition(lock.status())) {
    const absl::StatusOr<std::string> holder = ReadSmallFile(env, lock_path);
    return absl::FailedPreconditionError(
        absl::StrCat("data folder ", path, ": in use by another server, process ",
                     holder.ok() ? absl::StripAsciiWhitespace(*holder) : "unknown"));
  }
  if (!lock.ok()) return lock.status();
  if (auto file = env.Open(lock_path, OpenMode::kWrite, WriteMode::kBuffered); file.ok()) {
    absl::Status ignored = (*file)->Truncate(0);
    ignored = (*file)->Write(0, absl::StrCat(::getpid(), "\n"));
  }
  return lock;
}

std::optional<uint64_t> ParseFormat(absl::string_view content) {
  uint64_t version = 0;
  if (!absl::ConsumePrefix(&content, kFormatWord) || !absl::SimpleAtoi(content, &version))
    return std::nullopt;
  return version;
}

absl::Status CheckOrWriteFormat(Env& env, const std::string& path) {
  const absl::StatusOr<std::string> content = ReadSmallFile(env, path + kFormatName);
  if (absl::IsNotFound(content.status())) {
    const absl::StatusOr<bool> used = env.Exists(path + kDataName);
    if (!used.ok()) return used.status();
    if (*used) {
      return absl::FailedPreconditionError(
          absl::StrCat("data folder ", path, ": data.mdb is there, but the file \"format\" is missing"));
    }
    return WriteSmallFile(env, path, path + kFormatName, absl::StrCat(kFormatWord, kFolderFormat, "\n"));
  }
  if (!content.ok()) return content.status();
  const std::optional<uint64_t> version = ParseFormat(*content);
  if (!version) {
    return absl::DataLossError(absl::StrCat("data folder ", path, ": the file \"format\" is damaged"));
  }
  if (*version > kFolderFormat) {
    return absl::FailedPreconditionError(absl::StrCat("data folder ", path, ": written in format ", *version,
                                                      "; this holdfast knows formats up to ", kFolderFormat,
                                                      ": use a newer one"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DataFolder> DataFolder::Open(Env& env, const std::string& path) {
  if (absl::Status status = CreateFolder(env, path); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = TakeLock(env, path);
  if (!lock.ok()) return lock.status();
  if (absl::Status status = CheckOrWriteFormat(env, path); !status.ok()) return status;
  return DataFolder(path, *std::move(lock));
}

absl::Status DataFolder::CheckFormat(Env& env, const std::string& path) {
  return CheckOrWriteFormat(env, path);
}

absl::StatusOr<DataFolder> DataFolder::OpenExisting(Env& env, const std::string& path) {
  const absl::StatusOr<bool> there = env.Exists(path + kDataName);
  if (!there.ok()) return there.status();
  if (!*there) return absl::NotFoundError(absl::StrCat("data folder ", path, ": there is no data.mdb in it"));
  return Open(env, path);
}

}  // namespace holdfast::storage
