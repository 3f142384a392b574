#include <string>

#include "server/engine/info.h"
#include "server/engine/quoted.h"

// INFO's section on what only Holdfast has: disk levels and refusals.
namespace holdfast::server::engine {
namespace {

constexpr size_t kShownNames = 10;

std::string_view NameOf(storage::DiskLevel level) {
  switch (level) {
    case storage::DiskLevel::kNormal:
      return "normal";
    case storage::DiskLevel::kWarn:
      return "warn";
    case storage::DiskLevel::kFull:
      return "full";
    case storage::DiskLevel::kExhausted:
      return "exhausted";
  }
  return "unknown";
}

// refused_queue_1:name="queue:default",count=12
void AddLargest(InfoLines& lines, std::string_view prefix, const TopCounts& counts) {
  size_t place = 0;
  for (const TopCounts::Count& count : counts.Largest(kShownNames)) {
    lines.Add(command::Concat({prefix, "_", std::to_string(++place)}),
              command::Concat({"name=", Quoted(count.name), ",count=", std::to_string(count.count)}));
  }
}

}  // namespace

void InfoReport::Holdfast(Lines& lines, const ProcessFacts&) const {
  const storage::DiskFacts disk = state_.store->disk();
  lines.Add("disk_level", NameOf(disk.level));
  lines.Add("disk_used_bytes", disk.used_bytes);
  lines.Add("disk_used_tree_bytes", disk.tree_bytes);
  lines.Add("disk_used_memtable_bytes", disk.memtable_bytes);
  lines.Add("disk_used_log_bytes", disk.live_log_bytes);
  lines.Add("disk_quota_bytes", disk.quota_bytes);
  lines.Add("disk_limit_bytes", disk.limit_bytes);
  lines.Add("disk_warn_bytes", disk.warn_bytes);
  lines.Add("disk_full_bytes", disk.full_bytes);
  lines.Add("disk_reserve_bytes", disk.reserve_bytes());
  lines.Add("disk_reserve_used_bytes", disk.reserve_used_bytes());
  lines.Add("disk_free_bytes", disk.free_bytes);
  lines.Add("disk_file_system_bytes", disk.file_system_bytes);
  lines.Add("disk_refused_a_write", uint64_t{disk.refused_by_disk ? 1U : 0U});
  lines.Add("turns_taken_back", state_.counters.turns_taken_back);
  lines.Add("delayed_clients", state_.delayed.size());
  lines.Add("loans", state_.reserve.loans());
  lines.Add("loans_repaid_when_full", state_.reserve.repaid());
  lines.Add("allowance_used_bytes", state_.reserve.allowance_used());
  lines.Add("bookkeeping_used_bytes", state_.reserve.budget_used());
  lines.Add("hand_overs", state_.hand_overs.book().size());
  lines.Add("hand_overs_returned", state_.hand_overs.returned());
  const Refusals& refusals = state_.refusals;
  lines.Add("refused_commands", refusals.total());
  for (size_t i = 0; i < kRefusalReasons; ++i) {
    const auto reason = static_cast<RefusalReason>(i);
    lines.Add(command::Concat({"refused_", engine::NameOf(reason)}), refusals.of(reason));
  }
  AddLargest(lines, "refused_command", refusals.commands());
  AddLargest(lines, "refused_queue", refusals.queues());
  AddLargest(lines, "refused_client", refusals.clients());
}

}  // namespace holdfast::server::engine
