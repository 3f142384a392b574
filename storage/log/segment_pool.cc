#include "storage/log/segment_pool.h"

#include <algorithm>
#include <utility>

namespace holdfast::storage::log {
namespace {

constexpr absl::Duration kRefillPause = absl::Seconds(1);

}  // namespace

SegmentPool::SegmentPool(Env& env, Worker& worker, std::string folder, uint64_t segment_bytes,
                         size_t most_spares)
    : env_(env),
      worker_(worker),
      folder_(std::move(folder)),
      segment_bytes_(segment_bytes),
      most_spares_(most_spares) {}

absl::Status SegmentPool::TakeOver(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto parsed = ParseFileName(name);
    if (!parsed) continue;
    {
      const std::lock_guard lock(mutex_);
      last_number_ = std::max(last_number_, parsed->number);
    }
    if (parsed->kind == SegmentKind::kLive) continue;
    if (auto status = TakeOverSpare(name, parsed->number); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SegmentPool::TakeOverSpare(const std::string& name, uint64_t number) {
  const std::string path = folder_ + "/" + name;
  if (path == SparePath(number)) {
    const auto file = env_.Open(path, OpenMode::kRead, WriteMode::kBuffered);
    if (!file.ok()) return file.status();
    const auto bytes = (*file)->Size();
    if (!bytes.ok()) return bytes.status();
    const std::lock_guard lock(mutex_);
    if (*bytes == segment_bytes_ && spares_.size() < most_spares_) {
      spares_.push_back(number);
      return absl::OkStatus();
    }
  }
  return env_.Remove(path);
}

absl::Status SegmentPool::Secure(size_t count) {
  std::unique_lock lock(mutex_);
  return Secure(count, lock);
}

absl::Status SegmentPool::Secure(size_t count, std::unique_lock<std::mutex>& lock) {
  while (spares_.size() < count) {
    if (making_) {
      made_.wait(lock);
    } else if (auto status = AddOne(lock); !status.ok()) {
      RemoveSurplus();
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status SegmentPool::AddOne(std::unique_lock<std::mutex>& lock) {
  making_ = true;
  const uint64_t number = ++last_number_;
  lock.unlock();
  auto status = MakeSpare(env_, folder_, number, segment_bytes_);
  lock.lock();
  making_ = false;
  made_.notify_all();
  if (status.ok()) spares_.push_back(number);
  return status;
}

void SegmentPool::RemoveSurplus() {
  while (spares_.size() > most_spares_) {
    env_.Remove(SparePath(spares_.back())).IgnoreError();
    spares_.pop_back();
  }
}

absl::StatusOr<uint64_t> SegmentPool::Take() {
  std::unique_lock lock(mutex_);
  if (auto status = Secure(1, lock); !status.ok()) return status;
  const uint64_t number = spares_.back();
  spares_.pop_back();
  return number;
}

void SegmentPool::GiveBack(uint64_t number) {
  const std::lock_guard lock(mutex_);
  spares_.push_back(number);
}

void SegmentPool::Refill() {
  const std::lock_guard lock(mutex_);
  if (refill_given_ || recycling_ > 0 || !spares_.empty()) return;
  if (env_.Monotonic() < refill_not_before_) return;
  refill_given_ = true;
  worker_.Run(absl::ZeroDuration(), [this] { RefillNow(); });
}

void SegmentPool::RefillNow() {
  std::unique_lock lock(mutex_);
  if (!Secure(1, lock).ok()) refill_not_before_ = env_.Monotonic() + kRefillPause;
  refill_given_ = false;
}

void SegmentPool::RecycleInBackground(std::vector<RetiredSegment> segments) {
  {
    const std::lock_guard lock(mutex_);
    recycling_ += segments.size();
  }
  worker_.Run(absl::ZeroDuration(), [this, retired = std::move(segments)] {
    Recycle(retired);
    const std::lock_guard lock(mutex_);
    recycling_ -= retired.size();
  });
}

void SegmentPool::Recycle(const std::vector<RetiredSegment>& segments) {
  size_t room = 0;
  {
    const std::lock_guard lock(mutex_);
    room = most_spares_ - std::min(most_spares_, spares_.size());
  }
  std::vector<uint64_t> renamed;
  for (const auto& [number, bytes] : segments) {
    const std::string path = PathOf(folder_, {SegmentKind::kLive, number});
    const bool keep = bytes == segment_bytes_ && renamed.size() < room;
    if (!(keep ? env_.Rename(path, SparePath(number)) : env_.Remove(path)).ok()) break;
    if (keep) renamed.push_back(number);
  }
  // Until the rename is durable a crash may bring back the old name: the old contents must still be there
  // then.
  if (renamed.empty() || !env_.SyncFolder(folder_).ok()) return;
  const std::lock_guard lock(mutex_);
  spares_.insert(spares_.end(), renamed.begin(), renamed.end());
}

uint64_t SegmentPool::NewNumber() {
  const std::lock_guard lock(mutex_);
  return ++last_number_;
}

uint64_t SegmentPool::bytes() const {
  const std::lock_guard lock(mutex_);
  return (spares_.size() + recycling_) * segment_bytes_;
}

}  // namespace holdfast::storage::log
