#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "storage/env.h"

namespace holdfast::tool {

// What holdfast-tool exits with.
enum ExitCode : int {
  kDone = 0,     // done; all that was looked at is sound
  kFailed = 1,   // could not be done: folder in use, no room, cannot be read
  kUsage = 2,    // wrong words
  kDamaged = 3,  // done, and damage was found
};

// holdfast-tool: `words` are those behind the program's name. Results go to `out`, reasons to `err`.
[[nodiscard]] int Run(std::span<const std::string_view> words, storage::Env& env, std::ostream& out,
                      std::ostream& err);

}  // namespace holdfast::tool
