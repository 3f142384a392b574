#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "storage/store.h"
#include "storage/transaction.h"
#include "storage/view.h"

namespace holdfast::fakes {

// What outlives a MemoryStore: hand the same disk to the next one to restart a server.
struct MemoryDisk {
  MemoryDisk() : transaction(view, /*hash_seed=*/1) {}

  storage::View view;
  storage::Transaction transaction;
  uint64_t epoch = 0;
  uint64_t turn = 0;
};

// A store without files: one memtable, and a log that is durable at once, or when the test says so.
class MemoryStore final : public storage::Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk, storage::StoreListener& listener);

  // --- What tests do with it.
  void set_admission(storage::Admission admission) { admission_ = admission; }
  // What disk() says, but for the level, which is at least kFull while the admission is.
  void set_disk(const storage::DiskFacts& disk) { disk_facts_ = disk; }
  // What the last SetQuota said.
  [[nodiscard]] const storage::QuotaOptions& quota() const { return quota_; }
  // From now on turns become durable with Sync only.
  void HoldDurability() { held_ = true; }
  // Everything committed is durable.
  void Sync();
  // The log fails: what is not durable is gone.
  void Fail(const absl::Status& why);
  // The next turn with effects meets a full disk and is taken back.
  void TakeBackNextTurn() { take_back_ = true; }
  // Secure answers kResourceExhausted for turns of more effects.
  void LimitEffects(size_t effects) { effect_limit_ = effects; }

  // --- Store.
  storage::Transaction& BeginTurn(uint64_t expected_bytes) override;
  [[nodiscard]] storage::Admission admission() const override { return admission_; }
  [[nodiscard]] storage::DiskFacts disk() const override;
  void SetQuota(const storage::QuotaOptions& quota) override { quota_ = quota; }
  [[nodiscard]] absl::Status Secure(uint64_t more_bytes) override;
  uint64_t Commit() override;
  [[nodiscard]] uint64_t durable_turn() const override { return durable_; }
  void Poll() override {}
  [[nodiscard]] absl::Status Checkpoint() override { return absl::OkStatus(); }
  void RequestCheckpoint() override {}
  [[nodiscard]] absl::Status Close() override { return absl::OkStatus(); }
  [[nodiscard]] const absl::Status& fault() const override { return disk_->view.fault(); }
  [[nodiscard]] absl::Status TakeFault() override { return fault(); }
  [[nodiscard]] storage::StoreStats stats() const override;

 private:
  std::shared_ptr<MemoryDisk> disk_;
  storage::StoreListener& listener_;
  storage::Admission admission_ = storage::Admission::kOpen;
  storage::DiskFacts disk_facts_;
  storage::QuotaOptions quota_;
  bool take_back_ = false;
  bool held_ = false;
  uint64_t durable_ = 0;
  size_t effect_limit_ = SIZE_MAX;
};

}  // namespace holdfast::fakes
