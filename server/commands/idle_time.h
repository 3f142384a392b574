#pragma once

#include <cstdint>
#include <string_view>

#include "server/command/context.h"

namespace holdfast::server::commands {

// For how many whole seconds a key of the client's database was not used. Where that is not remembered
// (storage/access_times.h), since the server started.
[[nodiscard]] int64_t IdleSeconds(const command::Context& context, std::string_view key);

}  // namespace holdfast::server::commands
