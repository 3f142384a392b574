#include "storage/durable_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::storage {
namespace {

// What is secured where the disk does not give more: some hundred deletes.
constexpr uint64_t kDrainBytes = 16 << 10;
constexpr absl::Duration kFullLogPause = absl::Milliseconds(100);

}  // namespace

DurableStore::DurableStore(const StoreOptions& options, Env& env, StoreListener& listener, DataFolder folder,
                           std::unique_ptr<Tree> tree, std::unique_ptr<Snapshot> base, const Meta& meta)
    : options_(options),
      env_(env),
      listener_(listener),
      folder_(std::move(folder)),
      tree_(std::move(tree)),
      base_(std::move(base)),
      view_(base_.get()),
      transaction_(view_, meta.hash_seed),
      checkpointer_(env, *tree_),
      last_(meta.position.sequence),
      durable_(meta.position.sequence),
      fresh_(meta.fresh),
      checkpointed_(meta.position) {}

DurableStore::~DurableStore() = default;

Transaction& DurableStore::BeginTurn(uint64_t expected_bytes) {
  if (state_ == State::kOpen) SecureTurn(expected_bytes);
  return transaction_;
}

void DurableStore::SecureTurn(uint64_t bytes) {
  secured_bytes_ = 0;
  // Asking a full disk costs a file that is made in vain: not with every turn.
  if (!log_is_full_ || env_.Monotonic() >= ask_log_again_) {
    log_is_full_ = !log_->Reserve(bytes).ok();
    if (!log_is_full_) secured_bytes_ = bytes;
    if (log_is_full_) ask_log_again_ = env_.Monotonic() + kFullLogPause;
  }
  if (log_is_full_) {
    if (log_->Reserve(kDrainBytes).ok()) secured_bytes_ = kDrainBytes;
    // Segments that the checkpoint holds wholly can be used again.
    checkpoint_requested_ = true;
  }
}

absl::Status DurableStore::Secure(uint64_t more_bytes) {
  if (state_ != State::kOpen) return absl::FailedPreconditionError("the store is sealed");
  const uint64_t bytes = transaction_.pending_bytes() + more_bytes;
  if (bytes <= secured_bytes_) return absl::OkStatus();
  absl::Status status = log_->Reserve(bytes);
  if (status.ok()) {
    secured_bytes_ = bytes;
    return status;
  }
  log_is_full_ = true;
  return absl::ResourceExhaustedError(std::string(status.message()));
}

Admission DurableStore::admission() const {
  if (state_ == State::kSealed) return Admission::kSealed;
  return RefusedByDisk() || quota_.level() >= DiskLevel::kFull ? Admission::kFull : Admission::kOpen;
}

uint64_t DurableStore::Commit() {
  if (state_ == State::kSealed) {
    transaction_.RollbackTurn();
    return durable_;
  }
  Batch& batch = transaction_.Seal();
  if (batch.empty()) {
    transaction_.Clear();
    return last_;
  }
  batch.time = env_.Now();
  absl::Status status;
  if (transaction_.pending_bytes() > secured_bytes_) status = log_->Reserve(EncodedBatchSize(batch));
  secured_bytes_ = 0;
  if (status.ok()) status = log_->Append(batch);
  if (!status.ok()) {
    transaction_.RollbackTurn();
    log_is_full_ = absl::IsResourceExhausted(status);
    if (log_is_full_) {
      listener_.OnTurnTakenBack(status);
    } else {
      Seal(status);
    }
    return durable_;
  }
  last_ = log_->last_sequence();
  transaction_.Clear();
  return last_;
}

void DurableStore::OnDurable(uint64_t sequence) {
  durable_ = sequence;
  if (state_ == State::kOpen) listener_.OnDurable(sequence);
}

void DurableStore::OnLeader(uint64_t epoch) {
  epoch_ = epoch;
  if (state_ == State::kOpen) transaction_.TakeEpoch(epoch);
}

void DurableStore::OnLost(const absl::Status& why) { lost_ = why; }

void DurableStore::Seal(const absl::Status& why) {
  state_ = State::kSealed;
  last_ = durable_;
  listener_.OnSealed(why);
}

void DurableStore::Poll() {
  if (state_ == State::kOpen) {
    log_->Poll();
    if (!lost_.ok()) Seal(lost_);
  }
  TakeOver();
  if (checkpointer_.paused()) {
    absl::Status status = ReopenTree();
    // Nothing can be read any more; the next Poll tries again.
    if (!status.ok() && state_ == State::kOpen) Seal(status);
  }
  WatchDisk();
  if (CheckpointIsDue()) StartCheckpoint();
  SlowDown();
}

absl::Status DurableStore::Close() {
  absl::Status status = Checkpoint();
  if (state_ == State::kOpen) {
    status.Update(log_->Close());
    state_ = State::kSealed;
  }
  return status;
}

const absl::Status& DurableStore::fault() const {
  if (fault_.ok()) fault_ = base_->fault();
  return fault_;
}

absl::Status DurableStore::TakeFault() {
  absl::Status fault = base_->TakeFault();
  if (fault_.ok()) fault_ = fault;
  return fault;
}

StoreStats DurableStore::stats() const {
  const Checkpointer::Progress progress = checkpointer_.progress();
  StoreStats stats;
  stats.epoch = epoch_;
  stats.turn = last_;
  stats.checkpointed_turn = checkpointed_.sequence;
  stats.data_file_bytes = progress.facts.file_bytes;
  stats.log_bytes = log_->disk_bytes();
  stats.replayed_records = replayed_records_;
  stats.checkpoints = progress.checkpoints;
  stats.failed_checkpoints = progress.failures;
  stats.last_checkpoint = progress.last_time;
  stats.last_checkpoint_duration = progress.last_duration;
  stats.last_checkpoint_status = progress.last_status;
  stats.waited = waited_;
  return stats;
}

}  // namespace holdfast::storage
