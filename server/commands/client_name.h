#pragma once

#include <optional>
#include <string_view>

#include "server/command/errors.h"

namespace holdfast::server::commands {

// Whether `name` may be a connection's name (CLIENT SETNAME, HELLO SETNAME): printable ASCII without spaces,
// so that CLIENT LIST stays one line a client. Empty is allowed.
[[nodiscard]] std::optional<command::CommandError> CheckClientName(std::string_view name);

// Printable ASCII without spaces.
[[nodiscard]] bool IsOneWord(std::string_view text);

}  // namespace holdfast::server::commands
