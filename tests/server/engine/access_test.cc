#include "server/engine/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/whole_file.h"
#include "tests/harness/engine_harness.h"

namespace holdfast::server::engine {
namespace {

using testing::HasSubstr;

constexpr char kFile[] = "/conf/users.acl";

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    EXPECT_TRUE(server_.env().CreateFolder("/conf").ok());
    EXPECT_EQ(server_.settings().Configure("aclfile", kFile), "");
  }
  void WriteFile(std::string_view text) {
    ASSERT_TRUE(storage::ReplaceWholeFile(server_.env(), kFile, text).ok());
  }

  harness::EngineHarness server_;
};

TEST_F(AccessTest, DenialsAreCounted) {
  server_.Run("ACL SETUSER u on nopass +get +publish +eval ~a");
  server_.Run("c", "AUTH u x");
  server_.Run("c", "SET a 1");
  server_.Run("c", "GET b");
  server_.Run("c", "PUBLISH b m");
  server_.Run("c", "AUTH nobody x");
  server_.Run("c", "EVAL \"return redis.pcall('get', 'b')\" 0");
  const std::string stats = server_.engine().Info({{"stats"}});
  EXPECT_THAT(stats, HasSubstr("acl_access_denied_auth:1\r\n"));
  EXPECT_THAT(stats, HasSubstr("acl_access_denied_cmd:1\r\n"));
  EXPECT_THAT(stats, HasSubstr("acl_access_denied_key:2\r\n"));
  EXPECT_THAT(stats, HasSubstr("acl_access_denied_channel:1\r\n"));
  const std::string commands = server_.engine().Info({{"commandstats"}});
  EXPECT_THAT(commands, HasSubstr("cmdstat_set:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1"));
  EXPECT_THAT(commands, HasSubstr("cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=2"));
}

TEST_F(AccessTest, UsersComeFromTheFileAndGoBackToIt) {
  WriteFile("user a on >x ~* +@all\nuser b on nopass\n");
  EXPECT_EQ(server_.Run("ACL LOAD"), "OK");
  EXPECT_EQ(server_.Run("ACL USERS"), "1) \"a\"\n2) \"b\"\n3) \"default\"");
  EXPECT_EQ(server_.Run("ACL DELUSER b"), "(integer) 1");
  EXPECT_EQ(server_.Run("ACL SAVE"), "OK");
  EXPECT_EQ(storage::ReadWholeFile(server_.env(), kFile).value(),
            "user a on sanitize-payload #2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 ~* "
            "resetchannels +@all\nuser default on nopass sanitize-payload ~* &* +@all\n");
}

TEST_F(AccessTest, AWrongFileChangesNothing) {
  EXPECT_THAT(server_.Run("ACL LOAD"), HasSubstr("(error) ERR Error loading ACLs, opening file"));
  WriteFile("user a bad\n");
  EXPECT_THAT(server_.Run("ACL LOAD"), HasSubstr("users.acl:1: Syntax error. WARNING: ACL errors detected"));
  EXPECT_EQ(server_.Run("ACL USERS"), "1) \"default\"");
}

TEST_F(AccessTest, LoadClosesOnlyWhomItConcerns) {
  WriteFile("user a on nopass &t* +@all\nuser b on nopass &other +@all\n");
  server_.Run("ACL SETUSER a on nopass &t* +@all");
  server_.Run("ACL SETUSER b on nopass &t* +@all");
  server_.Run("ACL SETUSER c on nopass &t* +@all");
  for (const std::string name : {"a", "b", "c"}) {
    server_.Run(name, "AUTH " + name + " x");
    server_.Run(name, "SUBSCRIBE t1");
  }
  EXPECT_EQ(server_.Run("ACL LOAD"), "OK");
  EXPECT_FALSE(server_.client("a").closed());
  EXPECT_TRUE(server_.client("b").closed());
  EXPECT_TRUE(server_.client("c").closed());
}

TEST_F(AccessTest, AConnectionThatDeletesItsUserHearsSo) {
  server_.Run("ACL SETUSER a on nopass +@all");
  server_.Run("c", "AUTH a x");
  EXPECT_EQ(server_.Run("c", "ACL DELUSER a"), "(integer) 1");
  EXPECT_TRUE(server_.client("c").closed());
}

TEST_F(AccessTest, ConfiguredUsersTakeTheDefaultsPlace) {
  EXPECT_EQ(server_.settings().Configure("aclfile", ""), "");
  server_.settings().AddUserLine({"default", "on", "nopass", "~*", "+@all"});
  server_.settings().AddUserLine({"a", "(~x", "+get)"});
  ASSERT_TRUE(server_.engine().LoadUsers().ok());
  EXPECT_EQ(server_.Run("ACL LIST"),
            "1) \"user a off sanitize-payload resetchannels -@all (~x resetchannels -@all +get)\"\n"
            "2) \"user default on nopass sanitize-payload ~* resetchannels +@all\"");
  EXPECT_EQ(server_.Run("SUBSCRIBE c"), "(error) NOPERM No permissions to access a channel");
}

TEST_F(AccessTest, WrongUsersKeepTheServerFromStarting) {
  server_.settings().AddUserLine({"a", "on"});
  EXPECT_THAT(std::string(server_.engine().LoadUsers().message()), HasSubstr("choose one of them"));
  EXPECT_EQ(server_.settings().Configure("aclfile", ""), "");
  server_.settings().AddUserLine({"a", "on"});
  EXPECT_EQ(server_.engine().LoadUsers().message(),
            "Error in user declaration 'a': Duplicate user found. A user can only be defined once in config "
            "files");
}

}  // namespace
}  // namespace holdfast::server::engine
