#include "server/engine/command_host.h"

#include <string>

#include "server/command/acl_denial.h"
#include "server/command/words.h"
#include "server/engine/access.h"
#include "server/engine/refusal.h"

namespace holdfast::server::engine {

command::Client& CommandHost::Begin(const command::Client& caller) {
  session_.id = caller.id;
  session_.user = caller.user;
  session_.permissions = SessionOf(caller).permissions;
  session_.database = caller.database;
  session_.protocol = resp::Protocol::kResp2;
  session_.authenticated = true;
  session_.no_touch = caller.no_touch;
  session_.in_script = true;
  return session_;
}

std::optional<command::CommandError> CommandHost::Refusal(const command::Table::Entry& entry,
                                                          std::span<const std::string_view> words) {
  Session* const caller = state_.Find(session_.id);
  return RefusalByStore(caller == nullptr ? session_ : *caller, entry, words, state_);
}

std::optional<command::CommandError> CommandHost::Denial(const command::Table::Entry& entry,
                                                         std::span<const std::string_view> words) {
  const command::AclVerdict verdict = CheckAccess(state_, session_, entry, words, AccessContext::kScript);
  if (verdict.allowed()) return std::nullopt;
  state_.counters.Rejected(entry);
  return command::CommandError(command::Concat(
      {"ERR ACL failure in script: ",
       command::DenialText(verdict, *session_.permissions, entry, words, command::Naming::kHidden)}));
}

bool CommandHost::Allows(const command::Table::Entry& entry, std::span<const std::string_view> words) const {
  return LookUpAccess(session_, entry, words).allowed();
}

void CommandHost::Run(command::Client& client, const command::Table::Entry& entry,
                      std::span<const std::string_view> words, resp::ReplyWriter& reply) {
  runner_.RunNested(SessionOf(client), entry, words, reply);
}

absl::Duration CommandHost::BusyThreshold() const {
  return absl::Milliseconds(state_.settings.Integer("busy-reply-threshold"));
}

void CommandHost::Log(Severity severity, std::string_view line) {
  const bool loud = severity == Severity::kWarning;
  state_.process.Log(loud ? Process::Severity::kWarning : Process::Severity::kNotice, std::string(line));
}

}  // namespace holdfast::server::engine
