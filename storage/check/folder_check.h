#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/check/file_check.h"
#include "storage/check/findings.h"
#include "storage/check/keyspace_check.h"
#include "storage/check/log_check.h"
#include "storage/env.h"

namespace holdfast::storage::check {

struct FolderFacts {
  bool server_runs = false;  // then the state looked at is its last checkpoint, and the log is left alone
  FileFacts file;
  std::optional<LogFacts> log;            // nullopt: not looked at
  std::optional<KeyspaceFacts> keyspace;  // nullopt: LMDB cannot be trusted with the file
};

// Checks a data folder from its pages up, and changes nothing in it. Without a server it holds the folder's
// lock; beside one it holds a state of LMDB's, so that the data file may grow under load while it works.
// `log_folder` empty: "log" in the folder. An error: the folder cannot be read, or a newer version wrote it.
[[nodiscard]] absl::StatusOr<FolderFacts> CheckFolder(Env& env, const std::string& folder,
                                                      const std::string& log_folder, Findings& findings);

}  // namespace holdfast::storage::check
