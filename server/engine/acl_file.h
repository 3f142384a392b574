#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/command/acl_user.h"

namespace holdfast::server::engine {

// The file of `aclfile`: a user a line, "user worker on >secret ~jobs:* +@all", in any order.

// The users of its text, without a default user that it does not name. What is wrong with it is said in
// Redis's words, all of it at once; `file` is its name there.
[[nodiscard]] absl::StatusOr<std::vector<command::AclUser>> ParseAclFile(std::string_view file,
                                                                         std::string_view text,
                                                                         const command::Table& table,
                                                                         bool all_channels);

}  // namespace holdfast::server::engine
