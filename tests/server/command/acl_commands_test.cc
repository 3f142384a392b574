#include "server/command/acl_commands.h"

#include <gtest/gtest.h>

#include "server/command/words.h"
#include "tests/server/command/acl_fixture.h"

namespace holdfast::server::command {
namespace {

class AclCommandsTest : public testing::Test {
 protected:
  // Applies rules separated by spaces; the text of the first refusal, or what Describe says.
  std::string Apply(std::string_view rules) {
    for (const std::string_view rule : SplitWords(rules)) {
      if (const auto error = commands_.Apply(rule)) return std::string(TextOf(*error));
    }
    return commands_.Describe();
  }
  bool Allows(const std::vector<std::string_view>& words) const {
    return commands_.Allows(*AclTable().Named(words), words);
  }

  AclCommands commands_{AclTable()};
};

TEST_F(AclCommandsTest, AllowsNothingAtFirstButTheLogin) {
  EXPECT_FALSE(Allows({"get", "k"}));
  EXPECT_TRUE(Allows({"auth", "secret"}));
  EXPECT_EQ(commands_.Describe(), "-@all");
}

TEST_F(AclCommandsTest, AppliesRulesInOrder) {
  EXPECT_EQ(Apply("+@read -get"), "-@all +@read -get");
  EXPECT_TRUE(Allows({"hget", "k", "f"}));
  EXPECT_FALSE(Allows({"get", "k"}));
  EXPECT_FALSE(Allows({"set", "k", "v"}));
}

TEST_F(AclCommandsTest, AllIsMoreThanEveryCommand) {
  EXPECT_EQ(Apply("+@all"), "+@all");
  EXPECT_TRUE(commands_.allows_all());
  EXPECT_EQ(Apply("-get +get"), "+@all +get");
  EXPECT_FALSE(commands_.allows_all());
  EXPECT_TRUE(Allows({"get", "k"}));
  EXPECT_EQ(Apply("-@ALL"), "-@all");
}

TEST_F(AclCommandsTest, ALaterRuleTakesThePlaceOfAnEarlierOne) {
  EXPECT_EQ(Apply("+@all -@hash -@slow +hget"), "+@all -@hash -@slow +hget");
  EXPECT_EQ(Apply("-@hash"), "+@all -@slow +hget -@hash");
  EXPECT_EQ(Apply("+@HaSh"), "+@all -@slow +hget +@hash");
  EXPECT_EQ(Apply("-@all +config +config|get -config|set +config"), "-@all +config");
  EXPECT_EQ(Apply("-@all +select|0 +select|0 +debug|segfault +debug"), "-@all +select|0 +debug");
}

TEST_F(AclCommandsTest, ContainersStandForTheirSubcommands) {
  EXPECT_EQ(Apply("+config -config|set"), "-@all +config -config|set");
  EXPECT_TRUE(Allows({"config", "get", "x"}));
  EXPECT_FALSE(Allows({"config", "set", "x", "y"}));
  Apply("-config +config|set");
  EXPECT_FALSE(Allows({"config", "get", "x"}));
  EXPECT_TRUE(Allows({"config", "set", "x", "y"}));
}

TEST_F(AclCommandsTest, FirstWordsOpenACommandForThemselves) {
  Apply("+select|0 +debug|sleep");
  EXPECT_TRUE(Allows({"select", "0"}));
  EXPECT_FALSE(Allows({"select", "1"}));
  EXPECT_FALSE(Allows({"select"}));
  EXPECT_TRUE(Allows({"debug", "sleep", "1"}));
  Apply("-select");
  EXPECT_FALSE(Allows({"select", "0"}));
}

TEST_F(AclCommandsTest, TakesNamesOfCommandsThatAreLeftOut) {
  EXPECT_EQ(Apply("+@all -GeoAdd"), "+@all -geoadd");
}

TEST_F(AclCommandsTest, RefusesWhatItDoesNotKnow) {
  const std::string unknown = "Unknown command or category name in ACL";
  for (const std::string_view rule : {"+nope", "-nope", "+", "+@nope", "+@", "-get|x", "+config|nope",
                                      "-config|nope", "+get|a|b", "+nope|x"}) {
    EXPECT_EQ(Apply(rule), unknown) << rule;
  }
  EXPECT_EQ(Apply("+config|get|x"), "Allowing first-arg of a subcommand is not supported");
  EXPECT_EQ(Apply("+config|"), "Syntax error");
  EXPECT_EQ(commands_.Describe(), "-@all");
}

}  // namespace
}  // namespace holdfast::server::command
