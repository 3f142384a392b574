#include "storage/salvage/salvage.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/check/log_check.h"
#include "storage/codec.h"
#include "storage/data_folder.h"
#include "storage/lmdb/lmdb_tree.h"
#include "storage/meta.h"
#include "storage/salvage/raw_map.h"
#include "storage/salvage/rebuild.h"
#include "storage/store.h"

namespace holdfast::storage::salvage {
namespace {

// Nobody waits for these turns.
struct NoListener final : public StoreListener {
  void OnDurable(uint64_t) override {}
  void OnTurnTakenBack(const absl::Status&) override {}
  void OnSealed(const absl::Status&) override {}
};

absl::StatusOr<std::unique_ptr<FileLock>> LockSource(Env& env, const std::string& folder,
                                                     check::Findings& findings) {
  absl::StatusOr<std::unique_ptr<FileLock>> lock = env.Lock(folder + "/holdfast.lock");
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("data folder ", folder, ": a server runs on it; stop it first"));
  }
  if (!lock.ok()) return lock;
  const absl::Status format = DataFolder::CheckFormat(env, folder);
  if (absl::IsDataLoss(format)) findings.Damage(folder + "/format", std::string(format.message()));
  const absl::StatusOr<bool> has_format = env.Exists(folder + "/format");
  if (absl::IsFailedPrecondition(format) && has_format.ok() && *has_format)
    return format;  // a newer version's
  return lock;
}

uint64_t FileBytes(Env& env, const std::string& path) {
  const absl::StatusOr<std::unique_ptr<File>> file = env.Open(path, OpenMode::kRead, WriteMode::kBuffered);
  if (!file.ok()) return 0;
  return (*file)->Size().value_or(0);
}

// Address space for what can be read of the folder, and once more for the new one: two of a store's usual
// size are more than some machines give a process (`ulimit -v`, a sanitizer's runtime).
uint64_t MapBytesFor(Env& env, const std::string& folder, const std::string& log_folder) {
  uint64_t bytes = FileBytes(env, folder + "/data.mdb");
  const absl::StatusOr<std::vector<std::string>> segments = env.List(log_folder);
  if (segments.ok()) {
    for (const std::string& name : *segments) bytes += FileBytes(env, absl::StrCat(log_folder, "/", name));
  }
  // Pages may end up half full, and small records cost more in a tree than in the log.
  constexpr uint64_t kGrowth = 8;
  constexpr uint64_t kLeast = 1ULL << 30;
  const uint64_t most = StoreOptions().map_bytes;
  return bytes > most / kGrowth ? most : std::max(kLeast, bytes * kGrowth);
}

// All that is left of the folder's map, in a tree of its own in `place`.
absl::StatusOr<std::unique_ptr<Tree>> Gather(Env& env, const std::string& folder,
                                             const std::string& log_folder, const std::string& place,
                                             uint64_t map_bytes, check::Findings& findings, Facts& facts) {
  if (absl::Status status = env.CreateFolder(place); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Tree>> tree = lmdb::OpenTree(place, map_bytes);
  if (!tree.ok()) return tree.status();
  {
    RawMap from_file(**tree);
    from_file.ReadFile(env, folder + "/data.mdb", findings);
    if (absl::Status status = from_file.Finish(); !status.ok()) return status;
    facts.entries = from_file.entries();
  }
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = (*tree)->NewSnapshot();
  if (!snapshot.ok()) return snapshot.status();
  const std::string_view stored = (*snapshot)->Get(kPositionKey).value_or(std::string_view());
  // Without it every record is put over the rest: the last effect on each key is what counts.
  const log::Position applied = DecodePosition(stored).value_or(log::Position());
  snapshot->reset();
  RawMap from_log(**tree);
  check::ReadLog(env, log_folder, applied, findings, [&](log::Position, const Batch& batch) {
    ++facts.records;
    from_log.Apply(batch);
  });
  if (absl::Status status = from_log.Finish(); !status.ok()) return status;
  return tree;
}

absl::Status MakeFolder(Env& env, Tree& tree, const std::string& folder, uint64_t map_bytes,
                        check::Findings& findings, Facts& facts) {
  const absl::StatusOr<std::unique_ptr<Snapshot>> map = tree.NewSnapshot();
  if (!map.ok()) return map.status();
  StoreOptions options;
  options.env = &env;
  options.folder = folder;
  options.map_bytes = map_bytes;
  // Close syncs; until then the folder has another name.
  options.durability = log::Durability::kOff;
  NoListener listener;
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options, listener);
  if (!store.ok()) return store.status();
  if (absl::Status status = Rebuild(**map, **store, findings, facts); !status.ok()) return status;
  return (*store)->Close();
}

}  // namespace

absl::StatusOr<Facts> Salvage(Env& env, const std::string& folder, const std::string& new_folder,
                              const std::string& log_folder, check::Findings& findings) {
  const absl::StatusOr<bool> taken = env.Exists(new_folder);
  if (!taken.ok()) return taken.status();
  if (*taken) return absl::AlreadyExistsError(absl::StrCat(new_folder, " is there already: give a new name"));
  const absl::StatusOr<std::unique_ptr<FileLock>> lock = LockSource(env, folder, findings);
  if (!lock.ok()) return lock.status();

  const std::string partial = new_folder + ".partial";
  std::error_code ignored;
  std::filesystem::remove_all(partial, ignored);
  if (absl::Status status = env.CreateFolder(partial); !status.ok()) return status;
  Facts facts;
  {
    const std::string log = log_folder.empty() ? folder + "/log" : log_folder;
    const uint64_t map_bytes = MapBytesFor(env, folder, log);
    const absl::StatusOr<std::unique_ptr<Tree>> tree =
        Gather(env, folder, log, partial + "/map", map_bytes, findings, facts);
    if (!tree.ok()) return tree.status();
    if (absl::Status status = MakeFolder(env, **tree, partial + "/data", map_bytes, findings, facts);
        !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = env.Rename(partial + "/data", new_folder); !status.ok()) return status;
  const std::string parent = std::filesystem::path(new_folder).parent_path();
  if (absl::Status status = env.SyncFolder(parent.empty() ? "." : parent); !status.ok()) return status;
  std::filesystem::remove_all(partial, ignored);
  return facts;
}

}  // namespace holdfast::storage::salvage
