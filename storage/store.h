#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/quota.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// What the owner of a store is told. Calls come on the engine's thread, from inside Commit or Poll.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  // Every turn up to and including `turn` (the value Commit returned) survives a power cut: release its
  // replies.
  virtual void OnDurable(uint64_t turn) = 0;
  // The store can promise nothing any more. It is sealed: memtables are back at the last durable turn, reads
  // go on, writes are refused. Close clients whose replies are pending: their outcome is unknown.
  virtual void OnSealed(const absl::Status& why) = 0;
  // The turn that Commit was about to write met a full disk and was taken back: nothing of it is there. Close
  // the clients that have replies in it: they say what is not true.
  virtual void OnTurnTakenBack(const absl::Status& why) = 0;
};

struct StoreOptions {
  Env* env = nullptr;      // null: PosixEnv()
  std::string folder;      // holds the LMDB file and, unless log_folder is set, the log in "log/"
  std::string log_folder;  // empty: folder + "/log"
  log::Durability durability = log::Durability::kAlways;
  uint64_t map_bytes = 1ULL << 40;        // LMDB's address space: far above any quota
  uint64_t memtable_bytes = 32ULL << 20;  // the active memtable is frozen and checkpointed at this size
  absl::Duration checkpoint_interval = absl::Seconds(1);
  uint64_t segment_bytes = 16ULL << 20;
  // How long Open may look for structural damage of the data file, which LMDB would not survive; first at the
  // pages that most depends on. Infinite: all of it. Zero: only at those.
  absl::Duration structure_check = absl::Milliseconds(250);
};

// What a turn may do now.
enum class Admission {
  kOpen,    // everything
  kFull,    // the disk level is kFull or above: commands that grow data are refused with -OOM, the rest runs;
            // goes by itself when space returns
  kSealed,  // a write or sync failed: reads only; effects are taken back by Commit
};

// How full the disk is. Cheap. Level and limits are as of the last Poll, but for what the disk itself refused
// since; what is held is as of now, the tree's part as of the last checkpoint.
struct DiskFacts {
  DiskLevel level = DiskLevel::kNormal;
  uint64_t used_bytes = 0;   // LMDB pages in use, memtables, records that no checkpoint holds yet
  uint64_t quota_bytes = 0;  // what maxdisk says; 0: nothing
  uint64_t limit_bytes = 0;  // the tighter of it and the file system: kExhausted begins here
  uint64_t warn_bytes = 0;   // kWarn begins here
  uint64_t full_bytes = 0;   // kFull begins here; from here to the limit is the reserve
  uint64_t free_bytes = 0;   // on the file system, as it says
  uint64_t file_system_bytes = 0;
  uint64_t tree_bytes = 0;  // the parts of used_bytes
  uint64_t memtable_bytes = 0;
  uint64_t live_log_bytes = 0;
  bool refused_by_disk = false;  // a write was told that there is no space: the level is kExhausted by that

  [[nodiscard]] uint64_t reserve_bytes() const { return limit_bytes - full_bytes; }
  // How much of the reserve is in use; more than reserve_bytes() where a limit was lowered below the use.
  [[nodiscard]] uint64_t reserve_used_bytes() const {
    return used_bytes > full_bytes ? used_bytes - full_bytes : 0;
  }
};

// Facts for INFO and metrics.
struct StoreStats {
  uint64_t epoch = 0;
  uint64_t turn = 0;               // sequence of the newest log record
  uint64_t checkpointed_turn = 0;  // the newest record that the checkpoint holds
  uint64_t data_file_bytes = 0;
  uint64_t log_bytes = 0;         // of all segments, also those that wait for use
  uint64_t replayed_records = 0;  // at the last opening
  uint64_t checkpoints = 0;
  uint64_t failed_checkpoints = 0;
  absl::Time last_checkpoint;
  absl::Duration last_checkpoint_duration;
  absl::Status last_checkpoint_status;
  absl::Duration waited;  // how long Poll has slowed turns down because both memtables were full
};

// The durable state of one data folder: log in front, memtables in the middle, LMDB behind. After Commit's
// turn was reported by OnDurable it survives power loss. Used by the engine's thread; owns the checkpointer's
// thread.
//
//   absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options, listener);
//   Transaction& transaction = (*store)->BeginTurn(64 << 10);
//   ... run commands, Secure after each one that changed something ...
//   const uint64_t turn = (*store)->Commit();
//   (*store)->Poll();
class Store {
 public:
  // Locks the folder (kFailedPrecondition: another server holds it), creates or checks the format (a newer
  // version is refused by name), opens LMDB, replays the log, takes a new epoch. The listener must outlive
  // the store.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options, StoreListener& listener);
  virtual ~Store() = default;

  // The transaction of the turn that begins. Secures log space for `expected_bytes` of effects beforehand, so
  // that Commit never meets ENOSPC; where there is not that much, for as little as deletes need.
  virtual Transaction& BeginTurn(uint64_t expected_bytes) = 0;
  // What the turn may do. May change with BeginTurn, Secure, Commit and Poll.
  [[nodiscard]] virtual Admission admission() const = 0;
  // The level and the figures behind it.
  [[nodiscard]] virtual DiskFacts disk() const = 0;
  // From now on; without a call there is no quota, only the file system's bound.
  virtual void SetQuota(const QuotaOptions& quota) = 0;

  // Makes sure that the log can take the turn as it is now plus `more_bytes`: asked after each command that
  // changed something, before its reply counts. Cheap within what BeginTurn secured. kResourceExhausted: take
  // back the last command. A turn that Commit finds unsecured, with no space to be had, is taken back.
  [[nodiscard]] virtual absl::Status Secure(uint64_t more_bytes) = 0;

  // Ends the turn: one log record if there were effects. Returns the turn whose OnDurable releases the
  // replies, which may come before Commit returns; a turn without effects returns the newest one (possibly
  // durable already: compare with durable_turn()).
  virtual uint64_t Commit() = 0;
  [[nodiscard]] virtual uint64_t durable_turn() const = 0;

  // Between turns, after each and at least every 100 ms: takes over finished checkpoints, starts due ones,
  // lets the log go on. Cheap when nothing is due. Waits a few ms when the checkpointer does not keep up.
  virtual void Poll() = 0;

  // SAVE, SHUTDOWN: everything durable is in LMDB when it returns. Blocks. Between turns: with effects in the
  // current one it is kFailedPrecondition.
  [[nodiscard]] virtual absl::Status Checkpoint() = 0;
  // BGSAVE: starts one if none runs.
  virtual void RequestCheckpoint() = 0;
  // The clean end: checkpoint, close the log.
  [[nodiscard]] virtual absl::Status Close() = 0;

  // OK, or the first damaged entry that a read met since Open (kDataLoss names table and key).
  [[nodiscard]] virtual const absl::Status& fault() const = 0;
  // OK, or the first damaged entry that a read met since the last call: asked after each command, whose
  // effects must not count if it saw the entry as absent.
  [[nodiscard]] virtual absl::Status TakeFault() = 0;
  [[nodiscard]] virtual StoreStats stats() const = 0;
};

}  // namespace holdfast::storage
