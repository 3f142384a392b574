#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server::command {

// A word that names an option, and how many arguments follow it.
struct OptionWord {
  std::string word;
  int arguments = 0;
};

// What a command does with the value of one of its keys, in the words of COMMAND INFO: "RO access",
// "RW access delete", "OW update" ... A permission to read is needed where it says "access", one to write
// where it says "insert", "update" or "delete"; EXISTS ("RO") needs either.
//
// All views are of the command's own text.
struct KeyUse {
  // Which requests do less with it.
  enum class Narrows : uint8_t {
    kNever,
    kWithout,  // those without any of the words: SET without GET
    kOnly,     // those that have nothing but these options: BITFIELD with GET and OVERFLOW alone
  };

  std::string_view flags;
  Narrows narrows = Narrows::kNever;
  size_t from = 0;  // the first word of a request that is looked at for that; the name is 0
  std::vector<OptionWord> options{};
  std::string_view narrow_flags{};

  // The flags that hold for a request.
  [[nodiscard]] std::string_view FlagsIn(std::span<const std::string_view> request) const;
};

enum KeyPermission : uint8_t { kReadKey = 1, kWriteKey = 2, kReadAndWriteKey = 3 };

// The KeyPermissions that a use asks for; 0: any of them will do.
[[nodiscard]] uint8_t PermissionsFor(std::string_view flags);

// One use a key specification, in their order: "RW access delete, RW insert". The last one holds for all
// that follow. What a request's words make narrower stands behind a semicolon:
// "RW access update; from 3 without GET: OW update" and
// "RW access update; from 2 only GET+2 OVERFLOW+1: RO access".
[[nodiscard]] std::vector<KeyUse> ParseKeyUses(std::string_view text);

}  // namespace holdfast::server::command
