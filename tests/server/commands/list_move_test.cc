#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/engine_harness.h"

// Which null: redis-cli shows both alike, RESP2 clients tell them apart.
namespace holdfast::server::commands {
namespace {

class ListMoveTest : public testing::Test {
 protected:
  std::string Raw(const std::vector<std::string>& words) {
    (void)server_.client("main").TakeBytes();
    server_.Send("main", words);
    return server_.client("main").TakeBytes();
  }

  harness::EngineHarness server_;
};

TEST_F(ListMoveTest, AMoveFromNothingAnswersANull) {
  EXPECT_EQ(Raw({"LMOVE", "none", "d", "LEFT", "LEFT"}), "$-1\r\n");
  EXPECT_EQ(Raw({"RPOPLPUSH", "none", "d"}), "$-1\r\n");
}

TEST_F(ListMoveTest, APopOfManyFromNothingAnswersANullArray) {
  EXPECT_EQ(Raw({"LMPOP", "1", "none", "LEFT"}), "*-1\r\n");
  EXPECT_EQ(Raw({"LPOP", "none", "2"}), "*-1\r\n");
  EXPECT_EQ(Raw({"LPOP", "none"}), "$-1\r\n");
}

TEST_F(ListMoveTest, ATimeoutAnswersANullArray) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"BLPOP", "none", "1"},
                                                {"BLMPOP", "1", "1", "none", "LEFT"},
                                                {"BLMOVE", "none", "d", "LEFT", "LEFT", "1"},
                                                {"BRPOPLPUSH", "none", "d", "1"}}) {
    EXPECT_EQ(Raw(words), "");
    server_.Advance(absl::Seconds(1));
    EXPECT_EQ(server_.client("main").TakeBytes(), "*-1\r\n") << words[0];
  }
}

TEST_F(ListMoveTest, InMultiAMoveAnswersANullAndAPopANullArray) {
  Raw({"MULTI"});
  Raw({"BLMOVE", "none", "d", "LEFT", "LEFT", "0"});
  Raw({"BRPOPLPUSH", "none", "d", "0"});
  Raw({"BLPOP", "none", "0"});
  Raw({"BLMPOP", "0", "1", "none", "LEFT"});
  EXPECT_EQ(Raw({"EXEC"}), "*4\r\n$-1\r\n$-1\r\n*-1\r\n*-1\r\n");
}

}  // namespace
}  // namespace holdfast::server::commands
