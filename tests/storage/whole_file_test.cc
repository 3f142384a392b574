#include "storage/whole_file.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/fakes/fake_env.h"

namespace holdfast::storage {
namespace {

constexpr char kPath[] = "/conf/users.acl";

class WholeFileTest : public testing::Test {
 protected:
  WholeFileTest() { EXPECT_TRUE(env_.CreateFolder("/conf").ok()); }

  fakes::FakeEnv env_;
};

TEST_F(WholeFileTest, ReadsWhatWasWritten) {
  EXPECT_FALSE(ReadWholeFile(env_, kPath).ok());
  for (const std::string_view bytes : {"a long first text", "short", ""}) {
    ASSERT_TRUE(ReplaceWholeFile(env_, kPath, bytes).ok());
    EXPECT_EQ(ReadWholeFile(env_, kPath).value(), bytes);
  }
  EXPECT_EQ(env_.List("/conf").value(), (std::vector<std::string>{"users.acl"}));
}

TEST_F(WholeFileTest, AFailureLeavesTheOldOrTheNewFile) {
  for (uint64_t call = 0; call < 20; ++call) {
    ASSERT_TRUE(ReplaceWholeFile(env_, kPath, "old").ok());
    env_.FailCall(call, absl::InternalError("fails"));
    const bool replaced = ReplaceWholeFile(env_, kPath, "new").ok();
    const bool failed = env_.has_failed();
    env_.StopFailing();
    const std::string bytes = ReadWholeFile(env_, kPath).value();
    EXPECT_TRUE(bytes == "new" || (!replaced && bytes == "old")) << bytes;
    if (!failed) return;
  }
}

}  // namespace
}  // namespace holdfast::storage
