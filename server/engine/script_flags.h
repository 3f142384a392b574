#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/command/errors.h"

namespace holdfast::server::engine {

// What a script says of itself in its first line, "#!lua flags=no-writes,allow-oom", or a function when it is
// registered. https://redis.io/docs/interact/programmability/lua-api/#script_flags
struct ScriptFlags {
  // kAllowStale, kNoCluster and kAllowCrossSlotKeys are known and mean nothing here.
  enum Flag : uint8_t {
    kNoWrites = 1U << 0,
    kAllowOom = 1U << 1,
    kAllowStale = 1U << 2,
    kNoCluster = 1U << 3,
    kAllowCrossSlotKeys = 1U << 4,
  };

  // There is such a line: what it does not allow is refused before the script starts. True for functions.
  bool declared = false;
  uint8_t set = 0;

  // Length of that line without its end; Lua reads what follows, so that its line numbers stay right.
  size_t line_bytes = 0;

  [[nodiscard]] bool has(Flag flag) const { return (set & flag) != 0; }
  // False if there is no flag of that name.
  bool Add(std::string_view name);
  // Those that are set, in Redis's order.
  [[nodiscard]] std::vector<std::string_view> Names() const;
};

// Reads the first line of `body` into `flags`. An error in Redis's words if it is one that cannot be read.
[[nodiscard]] std::optional<command::CommandError> ReadScriptFlags(std::string_view body, ScriptFlags& flags);

}  // namespace holdfast::server::engine
