#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/engine/settings.h"

namespace holdfast::server {

// Reads a configuration file in redis.conf's syntax into `settings`: a directive a line, its name and its
// value separated by spaces, quotes as in redis.conf, comments behind '#' at a line's start. kInvalidArgument
// names the file, the line, what is wrong and, for a mistyped name, the nearest one.
[[nodiscard]] absl::Status ReadConfigText(std::string_view file, std::string_view text,
                                          engine::Settings& settings);

// Reads the command line after the program's name: an optional file first, then "--name value [value ...]"
// for any directive. Later ones win. kInvalidArgument as above, kNotFound if the file cannot be read.
[[nodiscard]] absl::Status ReadCommandLine(std::span<const std::string_view> words,
                                           engine::Settings& settings);

// What --help prints.
[[nodiscard]] std::string UsageText();

}  // namespace holdfast::server
