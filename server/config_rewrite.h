#pragma once

#include <string>
#include <string_view>

#include "server/engine/settings.h"

namespace holdfast::server {

// What CONFIG REWRITE makes of a configuration file's text: comments and order stay, each directive has its
// value of now, and what differs from the presets without standing there comes at the end. `user` lines
// become those of the users of now, unless these stand in an ACL file.
[[nodiscard]] std::string RewriteConfigText(std::string_view text, const engine::Settings& settings);

// Replaces the file by that, atomically. Returns why it failed; empty if it did not.
[[nodiscard]] std::string RewriteConfigFile(const std::string& file, const engine::Settings& settings);

}  // namespace holdfast::server
