#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/command/command.h"

namespace holdfast::server::command {

// Which ACL categories a command is in, one bit each: bit i is CategoryNames()[i].
using Categories = uint32_t;

// In the order of ACL CAT: "keyspace", "read" ... without '@'.
[[nodiscard]] std::span<const std::string_view> CategoryNames();

// The bit of one category, its name in any case; nullopt if there is none of that name.
[[nodiscard]] std::optional<Categories> FindCategory(std::string_view name);

// What follows from the command's flags, and from its group unless it names categories of its own.
[[nodiscard]] Categories CategoriesOf(const Command& command);

}  // namespace holdfast::server::command
