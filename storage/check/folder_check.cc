#include "storage/check/folder_check.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/data_folder.h"
#include "storage/lmdb/held_state.h"
#include "storage/pages/page_file.h"

namespace holdfast::storage::check {
namespace {

constexpr int kTriesForAState = 20;

// A state of the running server's, and the meta page that describes it: a checkpoint may overwrite that one
// between the two looks, but not while the state is held.
struct RunningState {
  std::unique_ptr<lmdb::HeldState> state;
  pages::Meta meta;
};

absl::StatusOr<RunningState> HoldState(const std::string& folder, pages::PageFile& file) {
  for (int i = 0; i < kTriesForAState; ++i) {
    absl::StatusOr<std::unique_ptr<lmdb::HeldState>> state = lmdb::HeldState::Open(folder);
    if (!state.ok()) return state.status();
    if (absl::Status status = file.ReadMetas(); !status.ok()) return status;
    for (const pages::PageNumber number : {0, 1}) {
      const std::optional<pages::Meta>& meta = file.meta(number);
      if (meta && meta->transaction == (*state)->transaction()) return RunningState{*std::move(state), *meta};
    }
  }
  return absl::UnavailableError(
      absl::StrCat(folder, ": the server writes faster than can be followed; try again"));
}

void CheckMap(lmdb::HeldState& state, FolderFacts& facts, Findings& findings) {
  const absl::StatusOr<std::unique_ptr<Snapshot>> map = state.OpenMap();
  if (!map.ok()) {
    findings.Damage("data file", std::string(map.status().message()));
    return;
  }
  facts.keyspace = CheckKeyspace(**map, findings);
}

absl::Status CheckRunning(Env& env, const std::string& folder, pages::PageFile& file, FolderFacts& facts,
                          Findings& findings) {
  if (!CheckMetas(file, findings)) return absl::OkStatus();
  absl::StatusOr<RunningState> running = HoldState(folder, file);
  if (!running.ok()) return running.status();
  facts.file = CheckFile(env, file, running->meta, findings);
  if (facts.file.structure_is_sound) CheckMap(*running->state, facts, findings);
  return absl::OkStatus();
}

absl::Status CheckClosed(Env& env, const std::string& folder, const std::string& log_folder,
                         pages::PageFile& file, FolderFacts& facts, Findings& findings) {
  const bool metas_are_sound = CheckMetas(file, findings);
  if (file.newest()) facts.file = CheckFile(env, file, *file.newest(), findings);
  if (metas_are_sound && facts.file.structure_is_sound) {
    const absl::StatusOr<std::unique_ptr<lmdb::HeldState>> state = lmdb::HeldState::Open(folder);
    if (!state.ok()) return state.status();
    CheckMap(**state, facts, findings);
  }
  const log::Position none;
  facts.log = CheckLog(env, log_folder, facts.file.checkpoint.value_or(none), findings);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FolderFacts> CheckFolder(Env& env, const std::string& folder, const std::string& log_folder,
                                        Findings& findings) {
  absl::StatusOr<std::unique_ptr<pages::PageFile>> file = pages::PageFile::Open(env, folder + "/data.mdb");
  if (!file.ok()) return file.status();
  if (absl::Status status = DataFolder::CheckFormat(env, folder); !status.ok()) return status;
  FolderFacts facts;
  const absl::StatusOr<std::unique_ptr<FileLock>> lock = env.Lock(folder + "/holdfast.lock");
  facts.server_runs = absl::IsFailedPrecondition(lock.status());
  if (!lock.ok() && !facts.server_runs) return lock.status();
  const std::string log = log_folder.empty() ? folder + "/log" : log_folder;
  const absl::Status status = facts.server_runs ? CheckRunning(env, folder, **file, facts, findings)
                                                : CheckClosed(env, folder, log, **file, facts, findings);
  if (!status.ok()) return status;
  return facts;
}

}  // namespace holdfast::storage::check
