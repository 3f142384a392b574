#include "storage/salvage/salvage.h"

#include <string>

#include "tools/tool/commands.h"
#include "tools/tool/tool.h"

namespace holdfast::tool {

int Salvage(const Context& context, std::span<const std::string_view> words) {
  const std::string folder(words[0]);
  const std::string new_folder(words[1]);
  const std::string log_folder(words.size() > 2 ? words[2] : "");
  storage::check::Findings findings = SayFindings(context);
  const absl::StatusOr<storage::salvage::Facts> facts =
      storage::salvage::Salvage(context.env, folder, new_folder, log_folder, findings);
  if (!facts.ok()) return Fail(context, facts.status());
  context.out << new_folder << " holds " << facts->keys << " keys with " << facts->elements
              << " elements now, out of " << facts->entries << " entries and " << facts->records
              << " log records that could be read. A server can open it.\n";
  if (facts->found_again > 0) {
    context.out << facts->found_again
                << " values whose key is lost are under \"salvaged:*\" in database 0.\n";
  }
  if (findings.damages() == 0) {
    context.out << "Nothing was lost.\n";
    return kDone;
  }
  context.out << findings.damages() << " damages are named above; look at what was lost before you go on.\n";
  return kDamaged;
}

}  // namespace holdfast::tool
