#include <algorithm>
#include <string>

#include "storage/compaction.h"
#include "tools/tool/commands.h"
#include "tools/tool/tool.h"

namespace holdfast::tool {

int Compact(const Context& context, std::span<const std::string_view> words) {
  const std::string folder(words[0]);
  absl::StatusOr<storage::Compaction> compaction = storage::Compaction::Begin(context.env, folder);
  if (!compaction.ok()) return Fail(context, compaction.status());
  const storage::Compaction::Plan& plan = compaction->plan();
  context.out << folder << "/data.mdb takes " << Bytes(plan.file_bytes) << "; its live data at most "
              << Bytes(plan.live_bytes) << ". The copy needs that much room; " << Bytes(plan.free_bytes)
              << " are free." << std::endl;
  const absl::StatusOr<uint64_t> bytes = compaction->Run();
  if (!bytes.ok()) return Fail(context, bytes.status());
  const uint64_t gained = plan.file_bytes - std::min(plan.file_bytes, *bytes);
  context.out << "Done: it takes " << Bytes(*bytes) << " now; " << Bytes(gained) << " are free again.\n";
  return kDone;
}

}  // namespace holdfast::tool
