#include "server/engine/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::server::engine {
namespace {

using testing::ElementsAre;
using Words = std::vector<std::string_view>;

TEST(SecretsTest, RulesOfUsersAreSecret) {
  EXPECT_THAT(WithoutSecrets(Words{"acl", "SetUser", "u", ">pass"}),
              ElementsAre("acl", "SetUser", "(redacted)", "(redacted)"));
  EXPECT_THAT(WithoutSecrets(Words{"ACL", "GETUSER", "u"}), ElementsAre("ACL", "GETUSER", "u"));
  EXPECT_THAT(WithoutSecrets(Words{"ACL", "SETUSER"}), ElementsAre("ACL", "SETUSER"));
}

TEST(SecretsTest, PasswordsOfTheConfigurationAreSecret) {
  EXPECT_THAT(WithoutSecrets(Words{"CONFIG", "SET", "port", "1", "RequirePass", "x", "masterauth"}),
              ElementsAre("CONFIG", "SET", "port", "1", "RequirePass", "(redacted)", "masterauth"));
  EXPECT_THAT(WithoutSecrets(Words{"CONFIG", "GET", "requirepass"}),
              ElementsAre("CONFIG", "GET", "requirepass"));
}

}  // namespace
}  // namespace holdfast::server::engine
