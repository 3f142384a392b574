#include "storage/compaction.h"

#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/checksum.h"
#include "storage/lmdb/bulk_writer.h"
#include "storage/lmdb/stored_value.h"
#include "storage/pages/page_file.h"
#include "storage/pages/page_walk.h"

namespace holdfast::storage {
namespace {

using pages::PageFile;
using pages::PageWalk;
using pages::WalkScope;

constexpr const char* kDataName = "data.mdb";
constexpr const char* kLockName = "lock.mdb";
constexpr const char* kCopyName = "data.mdb.compact";
// Meta pages, the tables' roots, and what the last commits of the copy leave free.
constexpr uint64_t kFewPages = 64;

// Verifies every entry of a walk and sums them up, so that two files can be compared.
class Sums : public pages::WalkVisitor {
 public:
  struct Sum {
    uint64_t entries = 0;
    uint32_t checksum = 0;
    bool operator==(const Sum&) const = default;
  };

  explicit Sums(std::string path) : path_(std::move(path)) {}

  void OnEntry(std::string_view table, std::string_view key, std::string_view value,
               uint64_t offset) override {
    if (!lmdb::ReadStored(key, value)) {
      OnFault(offset, std::string(lmdb::Damaged(key).message()));
      return;
    }
    Sum& sum = sums_[std::string(table)];
    ++sum.entries;
    sum.checksum = Crc32c(Crc32c(sum.checksum, key), value);
    Take(table, key, value);
  }
  void OnFault(uint64_t offset, const std::string& what) override {
    if (!status_.ok()) return;
    status_ = absl::DataLossError(absl::StrCat(path_, ", byte ", offset, ": ", what,
                                               ". \"holdfast-tool check\" names all damage; \"holdfast-tool "
                                               "salvage\" copies what is sound to a new folder"));
  }

  [[nodiscard]] const absl::Status& status() const { return status_; }
  [[nodiscard]] const std::map<std::string, Sum>& sums() const { return sums_; }

 protected:
  void Fail(absl::Status why) { status_.Update(std::move(why)); }

 private:
  virtual void Take(std::string_view, std::string_view, std::string_view) {}

  const std::string path_;
  std::map<std::string, Sum> sums_;
  absl::Status status_;
};

class Copier final : public Sums {
 public:
  Copier(std::string path, lmdb::BulkWriter& writer) : Sums(std::move(path)), writer_(writer) {}

 private:
  void Take(std::string_view table, std::string_view key, std::string_view value) override {
    if (status().ok()) Fail(writer_.Append(table, key, value));
  }

  lmdb::BulkWriter& writer_;
};

absl::Status Walk(Env& env, const std::string& path, WalkScope scope, Sums& sums, Compaction::Plan* plan,
                  uint64_t* map_bytes) {
  const absl::StatusOr<std::unique_ptr<PageFile>> file = PageFile::Open(env, path);
  if (!file.ok()) return file.status();
  // A file whose older meta page is damaged could be compacted; but who finds damage should look first.
  for (const pages::PageNumber number : {0, 1}) {
    if (!(*file)->meta(number)) sums.OnFault(number * (*file)->page_bytes(), (*file)->fault(number).what);
  }
  if (!sums.status().ok()) return sums.status();
  const pages::Meta meta = *(*file)->newest();
  PageWalk walk(env, **file, meta, sums);
  walk.Run(scope);
  if (plan != nullptr) {
    plan->file_bytes = (*file)->file_bytes();
    plan->live_bytes = (walk.table_pages() + kFewPages) * (*file)->page_bytes();
    *map_bytes = meta.map_bytes;
  }
  return sums.status();
}

absl::Status RemoveIfThere(Env& env, const std::string& path) {
  absl::Status status = env.Remove(path);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::StatusOr<Compaction> Compaction::Begin(Env& env, const std::string& folder) {
  absl::StatusOr<DataFolder> locked = DataFolder::OpenExisting(env, folder);
  if (!locked.ok()) return locked.status();
  if (absl::Status status = RemoveIfThere(env, folder + "/" + kCopyName); !status.ok()) return status;
  const std::string path = folder + "/" + kDataName;
  Plan plan;
  uint64_t map_bytes = 0;
  Sums sums(path);
  if (absl::Status status = Walk(env, path, WalkScope::kBranches, sums, &plan, &map_bytes); !status.ok()) {
    return status;
  }
  const absl::StatusOr<FileSystemSpace> space = env.Space(folder);
  if (!space.ok()) return space.status();
  plan.free_bytes = space->available;
  return Compaction(env, *std::move(locked), plan, map_bytes);
}

absl::StatusOr<uint64_t> Compaction::Run() {
  if (plan_.free_bytes < plan_.live_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("compacting ", folder_.path(), " needs ", plan_.live_bytes, " bytes for the copy, and ",
                     plan_.free_bytes, " are free: make room, or delete more first"));
  }
  absl::Status status = WriteCopy();
  if (!status.ok()) {
    RemoveIfThere(*env_, path(kCopyName)).IgnoreError();
    return status;
  }
  const absl::StatusOr<std::unique_ptr<File>> copy =
      env_->Open(path(kCopyName), OpenMode::kRead, WriteMode::kBuffered);
  if (!copy.ok()) return copy.status();
  const absl::StatusOr<uint64_t> bytes = (*copy)->Size();
  if (!bytes.ok()) return bytes.status();
  if (status = Replace(); !status.ok()) return status;
  return *bytes;
}

absl::Status Compaction::WriteCopy() {
  absl::StatusOr<std::unique_ptr<lmdb::BulkWriter>> writer =
      lmdb::BulkWriter::Create(path(kCopyName), map_bytes_);
  if (!writer.ok()) return writer.status();
  Copier copier(path(kDataName), **writer);
  absl::Status status = Walk(*env_, path(kDataName), WalkScope::kValues, copier, nullptr, nullptr);
  if (status.ok()) status = (*writer)->Finish();
  writer->reset();
  if (!status.ok()) return status;

  const absl::StatusOr<std::unique_ptr<File>> copy =
      env_->Open(path(kCopyName), OpenMode::kWrite, WriteMode::kBuffered);
  if (!copy.ok()) return copy.status();
  if (status = (*copy)->Sync(); !status.ok()) return status;
  Sums read_back(path(kCopyName));
  if (status = Walk(*env_, path(kCopyName), WalkScope::kValues, read_back, nullptr, nullptr); !status.ok()) {
    return status;
  }
  if (read_back.sums() == copier.sums()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(path(kCopyName), " does not hold what was written to it"));
}

absl::Status Compaction::Replace() {
  // A process that still reads the old file shares this lock with the next server; it would tell that one of
  // transactions that the new file has never seen.
  if (absl::Status status = RemoveIfThere(*env_, path(kLockName)); !status.ok()) return status;
  if (absl::Status status = env_->Rename(path(kCopyName), path(kDataName)); !status.ok()) return status;
  return env_->SyncFolder(folder_.path());
}

}  // namespace holdfast::storage
