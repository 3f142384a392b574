// How DurableStore comes to life: folder, tree, meta entries, replay.

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/codec.h"
#include "storage/durable_store.h"
#include "storage/meta.h"

namespace holdfast::storage {

absl::StatusOr<std::unique_ptr<Store>> DurableStore::Open(const StoreOptions& options,
                                                          const StoreParts& parts, StoreListener& listener) {
  Env& env = options.env == nullptr ? PosixEnv() : *options.env;
  absl::StatusOr<DataFolder> folder = DataFolder::Open(env, options.folder);
  if (!folder.ok()) return folder.status();
  absl::StatusOr<std::unique_ptr<Tree>> tree = parts.open_tree(options.folder);
  if (!tree.ok()) return tree.status();
  absl::StatusOr<std::unique_ptr<Snapshot>> base = (*tree)->NewSnapshot();
  if (!base.ok()) return base.status();
  const absl::StatusOr<Meta> meta = ReadMeta(env, **tree, **base);
  if (!meta.ok()) return meta.status();
  // Even where nothing is new: an earlier life may have been killed before it came to this.
  if (absl::Status status = env.SyncFolder(options.folder); !status.ok()) return status;
  auto store = std::unique_ptr<DurableStore>(new DurableStore(options, env, listener, *std::move(folder),
                                                              *std::move(tree), *std::move(base), *meta));
  const std::string log_folder = options.log_folder.empty() ? options.folder + "/log" : options.log_folder;
  if (absl::Status status = store->OpenLog(parts.new_log(log_folder)); !status.ok()) return status;
  return store;
}

absl::StatusOr<DurableStore::Meta> DurableStore::ReadMeta(Env& env, Tree& tree, Snapshot& base) {
  Meta meta;
  const std::optional<std::string_view> seed = base.Get(kHashSeedKey);
  const std::optional<std::string_view> position = base.Get(kPositionKey);
  // Damage reads as absence: without this a damaged folder would look new.
  if (!base.fault().ok()) return base.fault();
  if (!seed && !position) {
    meta.fresh = true;
    meta.hash_seed = env.Random64();
    if (absl::Status status = WriteMeta(tree, meta); !status.ok()) return status;
    if (absl::Status status = base.Renew(); !status.ok()) return status;
    return meta;
  }
  const std::optional<log::Position> decoded = DecodePosition(position.value_or(std::string_view()));
  if (!seed || seed->size() != sizeof(uint64_t) || !decoded) {
    return absl::DataLossError("data file: the meta entries are not whole");
  }
  meta.hash_seed = ReadU64(*seed);
  meta.position = *decoded;
  return meta;
}

absl::Status DurableStore::WriteMeta(Tree& tree, const Meta& meta) {
  absl::StatusOr<std::unique_ptr<TreeWriter>> writer = tree.NewWriter();
  if (!writer.ok()) return writer.status();
  std::string seed;
  AppendU64(seed, meta.hash_seed);
  (*writer)->Put(kHashSeedKey, seed);
  (*writer)->Put(kPositionKey, EncodePosition(meta.position));
  return (*writer)->Commit();
}

absl::Status DurableStore::OpenLog(std::unique_ptr<log::CommitLog> log) {
  log_ = std::move(log);
  if (absl::Status status = log_->Open(checkpointed_, *this); !status.ok()) return status;
  last_ = durable_ = log_->last_sequence();
  state_ = State::kOpen;
  TakeOver();
  transaction_.Open(epoch_);
  WatchDisk();
  return base_->fault();
}

absl::Status DurableStore::OnRecord(log::Position position, const Batch& batch) {
  if (fresh_) {
    return absl::DataLossError(
        "data file: newly created, but the log has records: data.mdb was lost or belongs to another folder");
  }
  if (position.sequence != last_ + 1) {
    return absl::DataLossError(
        absl::StrCat("log: record ", last_ + 1, " is missing; the next is ", position.sequence));
  }
  for (const Effect& effect : batch.effects) {
    if (effect.kind == EffectKind::kPut) {
      view_.Put(effect.key, effect.value, Memtable::Kind::kPut);
    } else {
      view_.Delete(effect.key);
    }
  }
  epoch_ = position.epoch;
  last_ = durable_ = position.sequence;
  ++replayed_records_;
  if (view_.active().bytes() < options_.memtable_bytes) return absl::OkStatus();
  // A long log is checkpointed on the way. If that fails (a full disk), memory has to hold the rest.
  if (view_.frozen() != nullptr && !FinishCheckpoint().ok()) return absl::OkStatus();
  StartCheckpoint();
  return absl::OkStatus();
}

}  // namespace holdfast::storage
