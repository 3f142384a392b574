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

TEST(SecretsTest, PasswordsOfAMigrationAreSecret) {
  EXPECT_THAT(WithoutSecrets(Words{"MIGRATE", "h", "1", "k", "0", "10", "Auth", "pw"}),
              ElementsAre("MIGRATE", "h", "1", "k", "0", "10", "Auth", "(redacted)"));
  EXPECT_THAT(
      WithoutSecrets(Words{"migrate", "h", "1", "k", "0", "10", "COPY", "AUTH2", "u", "pw", "REPLACE"}),
      ElementsAre("migrate", "h", "1", "k", "0", "10", "COPY", "AUTH2", "(redacted)", "(redacted)",
                  "REPLACE"));
  const Words no_options = {"migrate", "h", "1", "auth", "x", "10", "KEYS", "auth", "k"};
  EXPECT_THAT(WithoutSecrets(no_options), testing::ElementsAreArray(no_options));
  const Words cut_short = {"migrate", "h", "1", "k", "0", "10", "AUTH2", "u"};
  EXPECT_THAT(WithoutSecrets(cut_short), testing::ElementsAreArray(cut_short));
}

}  // namespace
}  // namespace holdfast::server::engine
