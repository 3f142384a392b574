#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/command/acl_user.h"

namespace holdfast::server::command {

// Whether the text names the key or channel: ACL DRYRUN tells it, an error does not.
enum class Naming : uint8_t { kHidden, kNamed };

// Why a user may not run a request, in Redis 7.2's words, without the code NOPERM.
[[nodiscard]] std::string DenialText(const AclVerdict& verdict, const AclUser& user,
                                     const Table::Entry& entry, std::span<const std::string_view> words,
                                     Naming naming);

}  // namespace holdfast::server::command
