#include "tests/fakes/memory_tree.h"

#include <utility>

namespace holdfast::fakes {
namespace {

using Map = MemoryTreeFile::Map;

class MapCursor final : public storage::Cursor {
 public:
  explicit MapCursor(std::shared_ptr<const Map> map) : map_(std::move(map)), place_(map_->end()) {}

  void Seek(std::string_view key) override { place_ = map_->lower_bound(key); }
  void SeekBefore(std::string_view key) override {
    place_ = map_->lower_bound(key);
    Prev();
  }
  void Next() override { ++place_; }
  void Prev() override { place_ = place_ == map_->begin() ? map_->end() : std::prev(place_); }
  [[nodiscard]] bool valid() const override { return place_ != map_->end(); }
  [[nodiscard]] std::string_view key() const override { return place_->first; }
  [[nodiscard]] std::string_view value() const override { return place_->second; }

 private:
  const std::shared_ptr<const Map> map_;
  Map::const_iterator place_;
};

class MemorySnapshot final : public storage::Snapshot {
 public:
  explicit MemorySnapshot(const MemoryTreeFile& file) : file_(file), map_(file.map()) {}

  absl::Status Renew() override {
    map_ = file_.map();
    fault_ = absl::OkStatus();
    return fault_;
  }
  void Drop() override {
    map_ = std::make_shared<const Map>();
    fault_ = absl::UnavailableError("dropped");
  }
  absl::Status TakeFault() override { return fault_; }
  std::optional<std::string_view> Get(std::string_view key) override {
    const auto found = map_->find(key);
    if (found == map_->end()) return std::nullopt;
    return found->second;
  }
  std::unique_ptr<storage::Cursor> NewCursor() override { return std::make_unique<MapCursor>(map_); }
  void Release() override {}
  [[nodiscard]] const absl::Status& fault() const override { return fault_; }

 private:
  const MemoryTreeFile& file_;
  std::shared_ptr<const Map> map_;
  absl::Status fault_;
};

}  // namespace

class MemoryTreeWriter final : public storage::TreeWriter {
 public:
  MemoryTreeWriter(MemoryTreeFile& file, uint64_t capacity)
      : file_(file), map_(*file.map()), capacity_(capacity) {
    for (const auto& [key, value] : map_) bytes_ += key.size() + value.size();
  }

  void Put(std::string_view key, std::string_view value) override {
    if (!status_.ok()) return;
    Delete(key);
    bytes_ += key.size() + value.size();
    if (bytes_ > capacity_) {
      status_ = absl::ResourceExhaustedError("memory tree is full");
      return;
    }
    map_.insert_or_assign(std::string(key), std::string(value));
  }
  void Delete(std::string_view key) override {
    const auto found = map_.find(key);
    if (!status_.ok() || found == map_.end()) return;
    bytes_ -= found->first.size() + found->second.size();
    map_.erase(found);
  }
  uint64_t DeletePrefix(std::string_view prefix, uint64_t limit) override {
    uint64_t deleted = 0;
    for (; deleted < limit && status_.ok(); ++deleted) {
      const auto first = First(prefix);
      if (!first) break;
      Delete(std::string(first->first));
    }
    return deleted;
  }
  std::optional<std::pair<std::string_view, std::string_view>> First(std::string_view prefix) override {
    const auto found = map_.lower_bound(prefix);
    if (!status_.ok() || found == map_.end() || !found->first.starts_with(prefix)) return std::nullopt;
    return *found;
  }
  [[nodiscard]] const absl::Status& status() const override { return status_; }
  absl::Status Commit() override {
    if (status_.ok()) status_ = file_.Commit(std::move(map_));
    return status_;
  }

 private:
  MemoryTreeFile& file_;
  Map map_;
  const uint64_t capacity_;
  uint64_t bytes_ = 0;
  absl::Status status_;
};

class MemoryTree final : public storage::Tree {
 public:
  explicit MemoryTree(MemoryTreeFile& file) : file_(file) {
    const absl::MutexLock lock(&file_.mutex_);
    Settle();
  }

  absl::StatusOr<std::unique_ptr<storage::Snapshot>> NewSnapshot() override {
    return std::make_unique<MemorySnapshot>(file_);
  }
  absl::StatusOr<std::unique_ptr<storage::TreeWriter>> NewWriter() override {
    uint64_t capacity = 0;
    {
      const absl::MutexLock lock(&file_.mutex_);
      if (file_.broken_) return absl::UnavailableError("memory tree: reopen first");
      capacity = file_.capacity_;
    }
    return std::make_unique<MemoryTreeWriter>(file_, capacity);
  }
  bool needs_reopen() const override {
    const absl::MutexLock lock(&file_.mutex_);
    return file_.broken_;
  }
  absl::Status Reopen() override {
    const absl::MutexLock lock(&file_.mutex_);
    if (file_.reopen_failures_ > 0) {
      --file_.reopen_failures_;
      return file_.why_not_reopened_;
    }
    Settle();
    return absl::OkStatus();
  }
  storage::TreeFacts Measure() override {
    storage::TreeFacts facts;
    for (const auto& [key, value] : *file_.map()) facts.used_bytes += key.size() + value.size();
    facts.file_bytes = facts.used_bytes;
    return facts;
  }

 private:
  void Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_.mutex_) {
    if (file_.kept_ != nullptr) file_.map_ = std::exchange(file_.kept_, nullptr);
    file_.broken_ = false;
  }

  MemoryTreeFile& file_;
};

void MemoryTreeFile::FailCommits(uint64_t count, absl::Status why, Failure failure) {
  const absl::MutexLock lock(&mutex_);
  failures_ = count;
  why_ = std::move(why);
  failure_ = failure;
}

void MemoryTreeFile::FailReopens(uint64_t count, absl::Status why) {
  const absl::MutexLock lock(&mutex_);
  reopen_failures_ = count;
  why_not_reopened_ = std::move(why);
}

void MemoryTreeFile::SetCapacity(uint64_t bytes) {
  const absl::MutexLock lock(&mutex_);
  capacity_ = bytes;
}

std::shared_ptr<const MemoryTreeFile::Map> MemoryTreeFile::map() const {
  const absl::MutexLock lock(&mutex_);
  return map_;
}

uint64_t MemoryTreeFile::commits() const {
  const absl::MutexLock lock(&mutex_);
  return commits_;
}

absl::Status MemoryTreeFile::Commit(Map map) {
  const absl::MutexLock lock(&mutex_);
  auto committed = std::make_shared<const Map>(std::move(map));
  if (failures_ > 0) {
    --failures_;
    broken_ = true;
    if (failure_ == Failure::kKeptCommit) kept_ = std::move(committed);
    return why_;
  }
  map_ = std::move(committed);
  ++commits_;
  return absl::OkStatus();
}

std::unique_ptr<storage::Tree> OpenMemoryTree(MemoryTreeFile& file) {
  return std::make_unique<MemoryTree>(file);
}

}  // namespace holdfast::fakes
