#include "server/engine/acl_file.h"

#include <gtest/gtest.h>

#include "server/commands/families.h"

namespace holdfast::server::engine {
namespace {

const command::Table& TheTable() {
  static const command::Table& table = *new command::Table(commands::AllFamilies());
  return table;
}

// The users as ACL LIST shows them, a line each, or what is wrong.
std::string Parse(std::string_view text) {
  const auto users = ParseAclFile("users.acl", text, TheTable(), false);
  if (!users.ok()) return std::string(users.status().message());
  std::string lines;
  for (const command::AclUser& user : *users) lines += user.Describe() + "\n";
  return lines;
}

constexpr std::string_view kNothingChanged =
    "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

std::string Wrong(std::string_view what) { return std::string(what) + std::string(kNothingChanged); }

TEST(AclFileTest, ReadsAUserALine) {
  EXPECT_EQ(Parse("user a on nopass ~x* +get\n\n  user b  off   (~y +set)\r\n"),
            "user a on nopass sanitize-payload ~x* resetchannels -@all +get\n"
            "user b off sanitize-payload resetchannels -@all (~y resetchannels -@all +set)\n");
  EXPECT_EQ(Parse(""), "");
}

TEST(AclFileTest, ReadsWhatItShows) {
  const std::string line =
      "user a on sanitize-payload #ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb %R~a ~b "
      "resetchannels &c +@all -@write +set|x (~z &* -@all +config|get)\n";
  EXPECT_EQ(Parse(line), line);
}

TEST(AclFileTest, SaysAllThatIsWrong) {
  EXPECT_EQ(Parse("bogus\nuser"), Wrong("users.acl:1 should start with user keyword followed by the "
                                        "username. users.acl:2 should start with user keyword followed by "
                                        "the username. "));
  EXPECT_EQ(Parse("user x bad worse\nuser y +nope"),
            Wrong("users.acl:1: Syntax error. users.acl:2: Error in applying operation '+nope': Unknown "
                  "command or category name in ACL. "));
  EXPECT_EQ(Parse("user a on\nuser a off\n"), Wrong("WARNING: Duplicate user 'a' found on line 2. "));
  EXPECT_EQ(Parse("user a (~x"), Wrong("users.acl:1: Unmatched parenthesis in selector definition."));
}

}  // namespace
}  // namespace holdfast::server::engine
