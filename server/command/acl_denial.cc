#include "server/command/acl_denial.h"

#include "server/command/words.h"

namespace holdfast::server::command {

std::string DenialText(const AclVerdict& verdict, const AclUser& user, const Table::Entry& entry,
                       std::span<const std::string_view> words, Naming naming) {
  const bool is_key = verdict.denial == AclDenial::kKey;
  if (!is_key && verdict.denial != AclDenial::kChannel) {
    return Concat(
        {"User ", user.name(), " has no permissions to run the '", entry.command->name, "' command"});
  }
  const std::string_view kind = is_key ? "key" : "channel";
  if (naming == Naming::kHidden) return Concat({"No permissions to access a ", kind});
  return Concat(
      {"User ", user.name(), " has no permissions to access the '", words[verdict.word], "' ", kind});
}

}  // namespace holdfast::server::command
