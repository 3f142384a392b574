#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "server/command/errors.h"

namespace holdfast::server::engine {

// What a script says of itself in its first line: "#!lua flags=no-writes,allow-oom".
// https://redis.io/docs/interact/programmability/lua-api/#script_flags
struct ScriptFlags {
  bool declared = false;  // there is such a line: what it does not allow is refused before the script starts
  bool no_writes = false;
  bool allow_oom = false;
  // "allow-stale", "no-cluster" and "allow-cross-slot-keys" are known and mean nothing here.

  // Length of that line without its end; Lua reads what follows, so that its line numbers stay right.
  size_t line_bytes = 0;
};

// Reads the first line of `body` into `flags`. An error in Redis's words if it is one that cannot be read.
[[nodiscard]] std::optional<command::CommandError> ReadScriptFlags(std::string_view body, ScriptFlags& flags);

}  // namespace holdfast::server::engine
