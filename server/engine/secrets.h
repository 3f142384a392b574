#pragma once

#include <string_view>
#include <vector>

#include "resp/request.h"

namespace holdfast::server::engine {

// A request's words as others may see them (MONITOR, SLOWLOG): what follows AUTH, as a command or as HELLO's
// option or MIGRATE's (there AUTH2, too), what follows ACL SETUSER, and the passwords that CONFIG SET sets
// stand as "(redacted)".
[[nodiscard]] std::vector<std::string_view> WithoutSecrets(resp::Request words);

}  // namespace holdfast::server::engine
