#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/env.h"

namespace holdfast::storage {

// The version of everything that this build writes below a data folder.
inline constexpr uint64_t kFolderFormat = 1;

// A data folder that belongs to this process until it is destroyed:
//
//   holdfast.lock  locked while a server runs; holds its process id
//   format         "holdfast 1\n"
//   data.mdb, lock.mdb, log/
class DataFolder {
 public:
  // Creates the folder (its parent must exist), locks it, and checks or writes its format.
  // kFailedPrecondition: another server holds it (its process id is in the message), a newer version wrote
  // it, or it holds a data file without a format.
  static absl::StatusOr<DataFolder> Open(Env& env, const std::string& path);

  // The same for tools: a folder without a data file is kNotFound, and nothing is created but the lock's
  // file.
  static absl::StatusOr<DataFolder> OpenExisting(Env& env, const std::string& path);

  // What Open says of the format of a folder that holds a data file. Takes no lock and changes nothing.
  [[nodiscard]] static absl::Status CheckFormat(Env& env, const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DataFolder(std::string path, std::unique_ptr<FileLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace holdfast::storage
