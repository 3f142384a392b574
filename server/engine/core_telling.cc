#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "server/command/words.h"
#include "server/engine/core.h"

// The part of the core that says in the log how full the disk is and who is refused.
namespace holdfast::server::engine {
namespace {

using storage::DiskFacts;
using storage::DiskLevel;

constexpr absl::Duration kBetweenRefusalReports = absl::Seconds(10);
// Level changes are told at once, unless there were several of late: use that stays at a threshold would
// otherwise fill the log.
constexpr absl::Duration kBetweenLevelReports = absl::Seconds(10);
constexpr int kLevelReportsAtOnce = 4;

std::string_view MeaningOf(DiskLevel level) {
  switch (level) {
    case DiskLevel::kNormal:
      return "normal: all commands run";
    case DiskLevel::kWarn:
      return "warn: it fills; all commands run";
    case DiskLevel::kFull:
      return "full: commands that grow data are refused with -OOM until there is space; reading and removing "
             "go on";
    case DiskLevel::kExhausted:
      return "exhausted: the reserve is used up; commands that grow data are refused with -OOM; reading and "
             "removing go on";
  }
  return "unknown";
}

std::string Figures(const DiskFacts& disk) {
  return command::Concat({"used ", HumanBytes(disk.used_bytes), " of ", HumanBytes(disk.limit_bytes),
                          disk.refused_by_disk ? " (and the disk refused a write)" : "",
                          disk.quota_bytes != 0 && disk.limit_bytes == disk.quota_bytes
                              ? ", which is maxdisk"
                              : ", which is what the file system has room for",
                          "; ", HumanBytes(disk.free_bytes), " are free on it"});
}

}  // namespace

void Engine::Core::TellOfLevel() {
  const DiskFacts disk = state_.store->disk();
  const DiskLevel before = std::exchange(seen_level_, disk.level);
  if (disk.level < before) ServeAll();
  if (disk.level != before) ++untold_changes_;
  const absl::Duration now = state_.env.Monotonic();
  if (untold_changes_ == 0 ||
      level_reports_paid_until_ > now + (kLevelReportsAtOnce - 1) * kBetweenLevelReports) {
    return;
  }
  level_reports_paid_until_ = std::max(level_reports_paid_until_, now) + kBetweenLevelReports;
  const uint64_t changes = std::exchange(untold_changes_, 0);
  const bool loud = disk.level != DiskLevel::kNormal;
  state_.process.Log(
      loud ? Process::Severity::kWarning : Process::Severity::kNotice,
      command::Concat(
          {"disk level ", MeaningOf(disk.level), " (", Figures(disk),
           changes > 1 ? "; changed " + std::to_string(changes) + " times since the last such line" : "",
           ")"}));
}

// Pops may have stayed blocked for want of log space.
void Engine::Core::ServeAll() {
  BeginTurn();
  for (int database = 0; database < storage::Transaction::kMaxDatabases; ++database) SpreadDatabase(database);
  Spread();
  EndTurn();
}

void Engine::Core::TellOfRefusals(absl::Time now) {
  if (now < next_refusal_report_) return;
  const std::string report = state_.refusals.TakeReport();
  if (report.empty()) return;
  next_refusal_report_ = now + kBetweenRefusalReports;
  state_.process.Log(Process::Severity::kWarning, report);
}

void Engine::Core::TellOfPolicy() {
  const std::string& policy = state_.settings.Text("maxmemory-policy");
  if (policy == told_policy_) return;
  told_policy_ = policy;
  if (policy == "noeviction") return;
  state_.process.Log(
      Process::Severity::kWarning,
      command::Concat({"maxmemory-policy ", policy, " has no effect: nothing is ever evicted here"}));
}

}  // namespace holdfast::server::engine
