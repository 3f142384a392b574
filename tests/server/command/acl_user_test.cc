#include "server/command/acl_user.h"

#include <gtest/gtest.h>

#include "server/command/acl_denial.h"
#include "tests/server/command/acl_fixture.h"

namespace holdfast::server::command {
namespace {

using Rules = std::vector<std::string_view>;

constexpr std::string_view kHashOfA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

class AclUserTest : public testing::Test {
 protected:
  // The first refusal, or what the user is then.
  std::string Apply(const Rules& rules) {
    for (const std::string_view rule : rules) {
      if (const auto error = user_.Apply(rule)) return std::string(TextOf(*error));
    }
    return user_.Describe();
  }
  // "" if allowed.
  std::string Denial(const Rules& words) const {
    const Table::Entry& entry = *AclTable().Named(words);
    const AclVerdict verdict = user_.Check(entry, words);
    return verdict.allowed() ? "" : DenialText(verdict, user_, entry, words, Naming::kNamed);
  }

  AclUser user_{AclTable(), "u", false};
};

TEST_F(AclUserTest, IsNobodyAtFirst) {
  EXPECT_EQ(user_.Describe(), "user u off sanitize-payload resetchannels -@all");
  EXPECT_FALSE(user_.Accepts(""));
  EXPECT_FALSE(user_.unrestricted());
}

TEST_F(AclUserTest, TheDefaultUserMayDoEverything) {
  const AclUser user = AclUser::Default(AclTable());
  EXPECT_EQ(user.Describe(), "user default on nopass sanitize-payload ~* &* +@all");
  EXPECT_TRUE(user.unrestricted());
  EXPECT_TRUE(user.Accepts("anything"));
  EXPECT_FALSE(user.needs_password());
}

TEST_F(AclUserTest, KeepsHashesOfPasswords) {
  EXPECT_EQ(Apply({"on", ">a", ">a"}),
            "user u on sanitize-payload #" + std::string(kHashOfA) + " resetchannels -@all");
  EXPECT_TRUE(user_.Accepts("a"));
  EXPECT_FALSE(user_.Accepts("b"));
  EXPECT_FALSE(user_.Accepts(kHashOfA));
  Apply({"<a", "#" + std::string(kHashOfA)});
  EXPECT_TRUE(user_.Accepts("a"));
  Apply({"off"});
  EXPECT_FALSE(user_.Accepts("a"));
}

TEST_F(AclUserTest, RefusesWrongHashes) {
  const std::string wrong =
      "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";
  EXPECT_EQ(Apply({"#abc"}), wrong);
  EXPECT_EQ(Apply({"#" + std::string(64, 'A')}), wrong);
  EXPECT_EQ(Apply({"!abc"}), wrong);
  EXPECT_EQ(Apply({"<a"}), "The password you are trying to remove from the user does not exist");
}

TEST_F(AclUserTest, NoPasswordAndAPasswordExcludeEachOther) {
  Apply({"on", ">a", "nopass"});
  EXPECT_TRUE(user_.passwords().empty());
  EXPECT_TRUE(user_.Accepts("b"));
  Apply({">a"});
  EXPECT_FALSE(user_.Accepts("b"));
  Apply({"resetpass"});
  EXPECT_FALSE(user_.Accepts("a"));
}

TEST_F(AclUserTest, KeysNeedWhatTheCommandDoesWithThem) {
  Apply({"+@all", "%R~read*", "%W~write*", "~both*"});
  EXPECT_EQ(Denial({"get", "read1"}), "");
  EXPECT_EQ(Denial({"get", "write1"}), "User u has no permissions to access the 'write1' key");
  EXPECT_EQ(Denial({"set", "write1", "v"}), "");
  EXPECT_EQ(Denial({"set", "write1", "v", "get"}), "User u has no permissions to access the 'write1' key");
  EXPECT_EQ(Denial({"set", "both1", "v", "GET"}), "");
  EXPECT_EQ(Denial({"rename", "both1", "write1"}), "");
  EXPECT_EQ(Denial({"rename", "both1", "read1"}), "User u has no permissions to access the 'read1' key");
  EXPECT_EQ(Denial({"strlen", "read1"}), "");
  EXPECT_EQ(Denial({"strlen", "write1"}), "");
  EXPECT_EQ(Denial({"strlen", "other"}), "User u has no permissions to access the 'other' key");
}

TEST_F(AclUserTest, CountedKeysAreFound) {
  Apply({"+@all", "~a*"});
  EXPECT_EQ(Denial({"eval", "", "2", "a1", "b1", "c"}), "User u has no permissions to access the 'b1' key");
  EXPECT_EQ(Denial({"eval", "", "1", "a1", "b1"}), "");
  EXPECT_EQ(Denial({"eval", "", "9", "b1"}), "");
}

TEST_F(AclUserTest, ChannelsMatchAndPatternsAreLiteral) {
  Apply({"+@all", "allkeys", "&c*"});
  EXPECT_EQ(Denial({"publish", "c1", "b"}), "");
  EXPECT_EQ(Denial({"publish", "b", "c1"}), "User u has no permissions to access the 'b' channel");
  EXPECT_EQ(Denial({"subscribe", "c1", "b"}), "User u has no permissions to access the 'b' channel");
  EXPECT_EQ(Denial({"psubscribe", "c*"}), "");
  EXPECT_EQ(Denial({"psubscribe", "c1"}), "User u has no permissions to access the 'c1' channel");
  EXPECT_EQ(Denial({"unsubscribe", "b"}), "");
}

TEST_F(AclUserTest, DescribesPatternsShortly) {
  EXPECT_EQ(Apply({"%R~a", "%W~a", "%wr~b", "%r~c", "~", "~a", "&x", "&x"}),
            "user u off sanitize-payload ~a ~b %R~c ~ resetchannels &x -@all");
  EXPECT_EQ(Apply({"allkeys", "&*", "allcommands"}), "user u off sanitize-payload ~* &* +@all");
  EXPECT_TRUE(user_.unrestricted());
  EXPECT_EQ(Apply({"resetkeys", "resetchannels", "nocommands"}),
            "user u off sanitize-payload resetchannels -@all");
}

TEST_F(AclUserTest, RefusesPatternsThatMeanNothing) {
  EXPECT_EQ(Apply({"~*", "~a"}),
            "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any "
            "effect. Try 'resetkeys' to start with an empty list of patterns");
  EXPECT_EQ(Apply({"&*", "&a"}),
            "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have "
            "any effect. Try 'resetchannels' to start with an empty list of channels");
  Apply({"reset"});
  for (const std::string_view rule : {"%X~a", "%~a", "%RR~a", "%", "~a b", "&a b", "nonsense", " ", ")"}) {
    EXPECT_EQ(Apply({rule}), "Syntax error") << rule;
  }
}

TEST_F(AclUserTest, OneSelectorMustAllowTheWholeRequest) {
  Apply({"(%R~r* +@read)", "( %W~w*  +set )"});
  EXPECT_EQ(user_.Describe(),
            "user u off sanitize-payload resetchannels -@all (%R~r* resetchannels -@all +@read) "
            "(%W~w* resetchannels -@all +set)");
  EXPECT_EQ(Denial({"get", "r1"}), "");
  EXPECT_EQ(Denial({"set", "w1", "v"}), "");
  EXPECT_EQ(Denial({"set", "r1", "v"}), "User u has no permissions to access the 'r1' key");
  EXPECT_EQ(Denial({"hget", "w1", "f"}), "User u has no permissions to access the 'w1' key");
  EXPECT_EQ(Denial({"select", "0"}), "User u has no permissions to run the 'select' command");
  Apply({"clearselectors"});
  EXPECT_EQ(user_.selectors().size(), 1);
}

TEST_F(AclUserTest, SelectorsTakeNoWordsAboutTheUser) {
  for (const std::string_view rule : {"(on)", "(reset)", "(>a)", "((~a))", "(nonsense)"}) {
    EXPECT_EQ(Apply({rule}), "Syntax error") << rule;
  }
  EXPECT_EQ(user_.selectors().size(), 1);
}

TEST_F(AclUserTest, ASelectorMayAllowEverything) {
  Apply({"(~* &* +@all)"});
  EXPECT_TRUE(user_.unrestricted());
}

TEST(JoinSelectorsTest, JoinsUpToTheParenthesis) {
  std::optional<size_t> unmatched;
  const Rules words = {"on", "(~a", "+get", ")", "()", "+set"};
  EXPECT_EQ(JoinSelectors(words, unmatched), (std::vector<std::string>{"on", "(~a +get )", "()", "+set"}));
  EXPECT_FALSE(unmatched);
  EXPECT_EQ(JoinSelectors(Rules{"(~a", "(~b", "(+get)", "+set"}, unmatched),
            (std::vector<std::string>{"(~b (+get)", "+set"}));
  EXPECT_FALSE(unmatched);
  (void)JoinSelectors(Rules{"on", "(~a"}, unmatched);
  EXPECT_EQ(unmatched, 1);
}

}  // namespace
}  // namespace holdfast::server::command
