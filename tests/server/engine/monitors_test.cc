#include "server/engine/monitors.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::server::engine {
namespace {

std::string LineOf(const Session& session, std::vector<std::string_view> words) {
  return Monitors::Line(session, words, absl::FromUnixMicros(1339518083107412));
}

TEST(MonitorsTest, TellsWhenWhereWhoAndWhat) {
  Session session;
  session.address = "127.0.0.1:60866";
  session.database = 5;
  EXPECT_EQ(LineOf(session, {"set", "a", std::string_view("b\0\"\n\xff", 5)}),
            "+1339518083.107412 [5 127.0.0.1:60866] \"set\" \"a\" \"b\\x00\\\"\\n\\xff\"\r\n");
  session.in_script = true;
  EXPECT_EQ(LineOf(session, {"get", "a"}), "+1339518083.107412 [5 lua] \"get\" \"a\"\r\n");
}

TEST(MonitorsTest, KeepsSecrets) {
  const Session session;
  EXPECT_TRUE(
      LineOf(session, {"AUTH", "user", "secret"}).ends_with("\"AUTH\" \"(redacted)\" \"(redacted)\"\r\n"));
  EXPECT_TRUE(LineOf(session, {"hello", "3", "auth", "user", "secret", "setname", "me"})
                  .ends_with("\"auth\" \"(redacted)\" \"(redacted)\" \"setname\" \"me\"\r\n"));
}

}  // namespace
}  // namespace holdfast::server::engine
