#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/data_folder.h"
#include "storage/env.h"

namespace holdfast::storage {

// Gives the space of deleted entries back to the file system: writes what a data file holds to a new file
// beside it, closely packed, reads that again and compares, and puts it in the old one's place.
//
//   absl::StatusOr<Compaction> compaction = Compaction::Begin(env, "/var/lib/holdfast");
//   ... tell of compaction->plan() ...
//   absl::StatusOr<uint64_t> bytes = compaction->Run();
//
// Broken off at any moment, also by a power cut, it leaves the old file or the new one, whole; a half-written
// copy is removed by the next Begin. The log stays as it is: the position that it is replayed from is copied
// with everything else. LMDB's lock.mdb goes, since it tells of the old file; the next opening makes another.
class Compaction {
 public:
  struct Plan {
    uint64_t file_bytes = 0;  // the data file now
    uint64_t live_bytes = 0;  // what its tables take: as much is needed for the copy, at most
    uint64_t free_bytes = 0;  // on the file system
  };

  // Takes the folder's lock until it is destroyed. kNotFound: no data file. kFailedPrecondition: a server
  // runs. kDataLoss: damage, which must be mended first (`holdfast-tool salvage`).
  static absl::StatusOr<Compaction> Begin(Env& env, const std::string& folder);

  [[nodiscard]] const Plan& plan() const { return plan_; }
  // The new file's size. Once. kResourceExhausted: not enough room, nothing changed; kDataLoss: a damaged
  // entry, nothing changed.
  [[nodiscard]] absl::StatusOr<uint64_t> Run();

 private:
  Compaction(Env& env, DataFolder folder, const Plan& plan, uint64_t map_bytes)
      : env_(&env), folder_(std::move(folder)), plan_(plan), map_bytes_(map_bytes) {}
  [[nodiscard]] std::string path(const char* name) const { return folder_.path() + "/" + name; }
  [[nodiscard]] absl::Status WriteCopy();
  [[nodiscard]] absl::Status Replace();

  Env* env_;
  DataFolder folder_;
  Plan plan_;
  uint64_t map_bytes_;
};

}  // namespace holdfast::storage
