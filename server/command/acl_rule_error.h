#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::server::command {

// Why an ACL rule is refused.
enum class AclRuleError : uint8_t {
  kUnknownName,  // a command or category
  kSyntax,
  kNoSuchPassword,
  kNotAHash,
  kBehindAllKeys,      // a key pattern behind ~*
  kBehindAllChannels,  // a channel pattern behind &*
  kWordOfSubcommand,   // +config|get|x
  kDuplicateUser,
};

// In Redis's words, without a code.
[[nodiscard]] std::string_view TextOf(AclRuleError error);

}  // namespace holdfast::server::command
