#include "tests/fakes/memory_store.h"

#include <algorithm>
#include <utility>

namespace holdfast::fakes {

MemoryStore::MemoryStore(std::shared_ptr<MemoryDisk> disk, storage::StoreListener& listener)
    : disk_(std::move(disk)), listener_(listener), durable_(disk_->turn) {
  disk_->transaction.Open(++disk_->epoch);
  disk_->transaction.access_times() = {};  // of this process
}

void MemoryStore::Sync() {
  durable_ = disk_->turn;
  listener_.OnDurable(durable_);
}

void MemoryStore::Fail(const absl::Status& why) {
  admission_ = storage::Admission::kSealed;
  listener_.OnSealed(why);
}

storage::Transaction& MemoryStore::BeginTurn(uint64_t) { return disk_->transaction; }

absl::Status MemoryStore::Secure(uint64_t) {
  if (disk_->transaction.mark().changes <= effect_limit_) return absl::OkStatus();
  return absl::ResourceExhaustedError("the log is full");
}

uint64_t MemoryStore::Commit() {
  const bool has_effects = !disk_->transaction.Seal().empty();
  if (has_effects && std::exchange(take_back_, false)) {
    disk_->transaction.RollbackTurn();
    listener_.OnTurnTakenBack(absl::ResourceExhaustedError("the disk is full"));
    return disk_->turn;
  }
  if (has_effects) ++disk_->turn;
  disk_->transaction.Clear();
  if (!held_ && durable_ < disk_->turn) Sync();
  return disk_->turn;
}

storage::DiskFacts MemoryStore::disk() const {
  storage::DiskFacts facts = disk_facts_;
  facts.memtable_bytes = disk_->view.active().bytes();
  if (admission_ == storage::Admission::kFull) {
    facts.level = std::max(facts.level, storage::DiskLevel::kFull);
    if (facts.limit_bytes == 0) facts.limit_bytes = 100 << 20;
    if (facts.full_bytes == 0) facts.full_bytes = 90 << 20;
  }
  return facts;
}

storage::StoreStats MemoryStore::stats() const {
  storage::StoreStats stats;
  stats.epoch = disk_->epoch;
  stats.turn = disk_->turn;
  stats.checkpointed_turn = disk_->turn;
  return stats;
}

}  // namespace holdfast::fakes
