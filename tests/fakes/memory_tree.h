#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/tree.h"

namespace holdfast::fakes {

// What a tree on disk is to MemoryTree: outlives the trees that open it, and with them a power cut. Only
// commits change it, so an unfinished one is absent afterwards. Thread-safe.
class MemoryTreeFile {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  // The next `count` commits fail with `why`. kLostCommit: the state stays as it was; kKeptCommit: the new
  // state is there after Reopen, as when only the report of success was lost.
  enum class Failure { kLostCommit, kKeptCommit };
  void FailCommits(uint64_t count, absl::Status why, Failure failure = Failure::kLostCommit);
  // The next `count` calls of Reopen fail with `why`.
  void FailReopens(uint64_t count, absl::Status why);
  // Writers that would make the map hold more bytes of keys and values fail with kResourceExhausted.
  void SetCapacity(uint64_t bytes);
  [[nodiscard]] std::shared_ptr<const Map> map() const;
  [[nodiscard]] uint64_t commits() const;

 private:
  friend class MemoryTree;
  friend class MemoryTreeWriter;
  [[nodiscard]] absl::Status Commit(Map map);

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Map> map_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const Map>();
  std::shared_ptr<const Map> kept_ ABSL_GUARDED_BY(mutex_);  // a failed commit's, seen after Reopen
  uint64_t capacity_ ABSL_GUARDED_BY(mutex_) = UINT64_MAX;
  uint64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status why_ ABSL_GUARDED_BY(mutex_);
  Failure failure_ ABSL_GUARDED_BY(mutex_) = Failure::kLostCommit;
  uint64_t reopen_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status why_not_reopened_ ABSL_GUARDED_BY(mutex_);
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
};

// Tree over a MemoryTreeFile, which must outlive it: LMDB's behaviour without its file.
[[nodiscard]] std::unique_ptr<storage::Tree> OpenMemoryTree(MemoryTreeFile& file);

}  // namespace holdfast::fakes
