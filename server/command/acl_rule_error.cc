#include "server/command/acl_rule_error.h"

namespace holdfast::server::command {

std::string_view TextOf(AclRuleError error) {
  switch (error) {
    case AclRuleError::kUnknownName:
      return "Unknown command or category name in ACL";
    case AclRuleError::kSyntax:
      return "Syntax error";
    case AclRuleError::kNoSuchPassword:
      return "The password you are trying to remove from the user does not exist";
    case AclRuleError::kNotAHash:
      return "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "
             "characters";
    case AclRuleError::kBehindAllKeys:
      return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have "
             "any "
             "effect. Try 'resetkeys' to start with an empty list of patterns";
    case AclRuleError::kBehindAllChannels:
      return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not "
             "have "
             "any effect. Try 'resetchannels' to start with an empty list of channels";
    case AclRuleError::kWordOfSubcommand:
      return "Allowing first-arg of a subcommand is not supported";
    case AclRuleError::kDuplicateUser:
      return "Duplicate user found. A user can only be defined once in config files";
  }
  return "Wrong format";
}

}  // namespace holdfast::server::command
