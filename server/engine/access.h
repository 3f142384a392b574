#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/command/acl_user.h"
#include "server/command/errors.h"
#include "server/engine/state.h"

// What a connection's user may do. A user that may do everything costs one look.
namespace holdfast::server::engine {

// Where something was denied, as ACL LOG says it.
enum class AccessContext : uint8_t { kTopLevel, kMulti, kScript };

// Of a client's own commands, EXEC's included.
[[nodiscard]] inline AccessContext ContextOf(const Session& session) {
  return session.in_multi ? AccessContext::kMulti : AccessContext::kTopLevel;
}

// A look only: nothing is logged.
[[nodiscard]] inline command::AclVerdict LookUpAccess(const Session& session,
                                                      const command::Table::Entry& entry,
                                                      std::span<const std::string_view> words) {
  if (session.permissions->unrestricted()) return {};
  return session.permissions->Check(entry, words);
}

// What is denied is counted and stands in ACL LOG.
[[nodiscard]] command::AclVerdict CheckAccess(State& state, const Session& session,
                                              const command::Table::Entry& entry,
                                              std::span<const std::string_view> words, AccessContext context);

// The same; the error that answers it, or nullopt.
[[nodiscard]] std::optional<command::CommandError> AccessRefusal(State& state, const Session& session,
                                                                 const command::Table::Entry& entry,
                                                                 std::span<const std::string_view> words);

// A line of ACL LOG. `object`: the command, key or channel; `user`: who was denied.
void LogDenial(State& state, const Session& session, command::AclDenial denial, AccessContext context,
               std::string_view object, std::string_view user);

}  // namespace holdfast::server::engine
