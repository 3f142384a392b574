#include "storage/lmdb/lmdb_tree.h"

#include <atomic>
#include <utility>

#include "storage/lmdb/environment.h"
#include "storage/lmdb/snapshot.h"
#include "storage/lmdb/writer.h"

namespace holdfast::storage::lmdb {
namespace {

class LmdbTree final : public Tree {
 public:
  LmdbTree(std::string folder, uint64_t map_bytes, std::unique_ptr<Environment> environment)
      : folder_(std::move(folder)), map_bytes_(map_bytes), environment_(std::move(environment)) {}

  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() override {
    auto snapshot = std::make_unique<LmdbSnapshot>(environment_);
    if (absl::Status status = snapshot->Renew(); !status.ok()) return status;
    return snapshot;
  }

  absl::StatusOr<std::unique_ptr<TreeWriter>> NewWriter() override {
    if (needs_reopen())
      return absl::UnavailableError("data file: must be opened again after a failed commit");
    return LmdbWriter::Begin(*environment_, broken_);
  }

  bool needs_reopen() const override { return broken_; }

  absl::Status Reopen() override {
    environment_.reset();
    absl::StatusOr<std::unique_ptr<Environment>> opened = Environment::Open(folder_, map_bytes_);
    broken_ = !opened.ok();
    if (!opened.ok()) return opened.status();
    environment_ = *std::move(opened);
    return absl::OkStatus();
  }

  TreeFacts Measure() override { return environment_ == nullptr ? TreeFacts{} : environment_->Measure(); }

 private:
  const std::string folder_;
  const uint64_t map_bytes_;
  std::unique_ptr<Environment> environment_;  // null after a Reopen that failed
  std::atomic<bool> broken_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Tree>> OpenTree(const std::string& folder, uint64_t map_bytes) {
  absl::StatusOr<std::unique_ptr<Environment>> environment = Environment::Open(folder, map_bytes);
  if (!environment.ok()) return environment.status();
  return std::make_unique<LmdbTree>(folder, map_bytes, *std::move(environment));
}

}  // namespace holdfast::storage::lmdb
