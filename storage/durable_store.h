#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/checkpointer.h"
#include "storage/data_folder.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/quota.h"
#include "storage/store.h"
#include "storage/transaction.h"
#include "storage/tree.h"
#include "storage/view.h"

namespace holdfast::storage {

// How the store finds what lies below it. Store::Open takes LMDB and FileLog; tests put others in.
struct StoreParts {
  std::function<absl::StatusOr<std::unique_ptr<Tree>>(const std::string& folder)> open_tree;
  std::function<std::unique_ptr<log::CommitLog>(const std::string& folder)> new_log;
};

// Store over a CommitLog, two memtables and a Tree. The order of a record's life:
//
//   Commit -> log (durable) -> active memtable, frozen at a turn's end -> checkpointer -> tree, with its
//   position -> Poll: snapshot renewed, frozen memtable dropped, log told that older segments are free
class DurableStore final : public Store, private log::Listener {
 public:
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options, const StoreParts& parts,
                                                     StoreListener& listener);
  ~DurableStore() override;

  Transaction& BeginTurn(uint64_t expected_bytes) override;
  [[nodiscard]] Admission admission() const override;
  [[nodiscard]] DiskFacts disk() const override;
  void SetQuota(const QuotaOptions& quota) override;
  [[nodiscard]] absl::Status Secure(uint64_t more_bytes) override;
  uint64_t Commit() override;
  [[nodiscard]] uint64_t durable_turn() const override { return durable_; }
  void Poll() override;
  [[nodiscard]] absl::Status Checkpoint() override;
  void RequestCheckpoint() override { checkpoint_requested_ = true; }
  [[nodiscard]] absl::Status Close() override;
  [[nodiscard]] const absl::Status& fault() const override;
  [[nodiscard]] absl::Status TakeFault() override;
  [[nodiscard]] StoreStats stats() const override;

 private:
  enum class State { kReplaying, kOpen, kSealed };
  // What the data folder's meta entries say.
  struct Meta {
    uint64_t hash_seed = 0;
    log::Position position;
    bool fresh = false;  // this opening created them
  };

  DurableStore(const StoreOptions& options, Env& env, StoreListener& listener, DataFolder folder,
               std::unique_ptr<Tree> tree, std::unique_ptr<Snapshot> base, const Meta& meta);
  static absl::StatusOr<Meta> ReadMeta(Env& env, Tree& tree, Snapshot& base);
  static absl::Status WriteMeta(Tree& tree, const Meta& meta);
  absl::Status OpenLog(std::unique_ptr<log::CommitLog> log);

  // log::Listener.
  absl::Status OnRecord(log::Position position, const Batch& batch) override;
  void OnLeader(uint64_t epoch) override;
  void OnDurable(uint64_t sequence) override;
  void OnLost(const absl::Status& why) override;

  void SecureTurn(uint64_t bytes);
  void Seal(const absl::Status& why);

  // The level from what is held now and what the file system said last; asks it again now and then.
  void WatchDisk();
  void AskFileSystem();
  // What a checkpoint and the log of those who drain must find on the file system.
  [[nodiscard]] uint64_t Headroom() const;
  [[nodiscard]] uint64_t used_bytes() const;
  [[nodiscard]] uint64_t memtable_bytes() const;
  // Records that the tree does not hold.
  [[nodiscard]] uint64_t live_log_bytes() const;
  // Whether a write was told that there is no space, or nothing more fits into memory because of one.
  [[nodiscard]] bool RefusedByDisk() const;

  // Checkpoints.
  [[nodiscard]] bool CheckpointIsDue();
  void StartCheckpoint();
  // Renews the snapshot after a commit of the checkpointer's; drops the frozen memtable if that is in it.
  void TakeOver();
  absl::Status ReopenTree();
  // The one under way, here and now.
  absl::Status FinishCheckpoint();
  void SlowDown();

  const StoreOptions options_;
  Env& env_;
  StoreListener& listener_;

  const DataFolder folder_;
  const std::unique_ptr<Tree> tree_;
  const std::unique_ptr<Snapshot> base_;
  View view_;
  Transaction transaction_;
  Checkpointer checkpointer_;
  std::unique_ptr<log::CommitLog> log_;

  State state_ = State::kReplaying;
  absl::Status lost_;  // what OnLost said, until Seal
  uint64_t epoch_ = 0;
  uint64_t last_ = 0;     // sequence of the newest record
  uint64_t durable_ = 0;  // of the newest durable one
  uint64_t replayed_records_ = 0;
  const bool fresh_;

  uint64_t secured_bytes_ = 0;  // of the current turn
  bool log_is_full_ = false;
  absl::Duration ask_log_again_ = absl::ZeroDuration();
  Quota quota_;
  DiskUse use_;                 // as of the last WatchDisk
  FileSystemSpace space_;       // as of the last AskFileSystem
  bool room_is_short_ = false;  // the file system has only the headroom left
  absl::Duration ask_file_system_again_ = -absl::InfiniteDuration();

  log::Position checkpointed_;
  uint64_t frozen_log_bytes_ = 0;        // written when the frozen memtable was frozen
  uint64_t checkpointed_log_bytes_ = 0;  // written when what the tree holds was frozen
  Checkpointer::Progress progress_;      // as of the last TakeOver
  uint64_t seen_commits_ = 0;            // of the checkpointer's, in base_
  bool checkpoint_requested_ = false;
  absl::Duration dirty_since_ = absl::InfiniteDuration();  // when Poll first saw something to checkpoint
  absl::Duration waited_ = absl::ZeroDuration();

  mutable absl::Status fault_;  // the first
};

}  // namespace holdfast::storage
