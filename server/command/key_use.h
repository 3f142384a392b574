#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server::command {

// What a command does with the value of one of its keys, in the words of COMMAND INFO: "RO access",
// "RW access delete", "OW update" ... A permission to read is needed where it says "access", one to write
// where it says "insert", "update" or "delete"; EXISTS ("RO") needs either.
struct KeyUse {
  // Views of the command's own text.
  std::string_view flags;
  // Words that, anywhere behind the key, make it another use: "GET" for SET, "SET|INCRBY" for BITFIELD.
  std::string_view words;
  std::string_view flags_with_words;

  // The flags that hold for a request.
  [[nodiscard]] std::string_view FlagsIn(std::span<const std::string_view> request) const;
};

enum KeyPermission : uint8_t { kReadKey = 1, kWriteKey = 2, kReadAndWriteKey = 3 };

// The KeyPermissions that a use asks for; 0: any of them will do.
[[nodiscard]] uint8_t PermissionsFor(std::string_view flags);

// One use a key specification, in their order: "RW access delete, RW insert". The last one holds for all
// that follow. "OW update; GET: RW access update" depends on the request's words.
[[nodiscard]] std::vector<KeyUse> ParseKeyUses(std::string_view text);

}  // namespace holdfast::server::command
