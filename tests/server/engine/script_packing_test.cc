#include "server/engine/script_packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine/fake_script_host.h"

namespace holdfast::server::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What the libraries answer is in transcripts/script_packing.txt; here is what would bring a server down.
class ScriptPackingTest : public ::testing::Test {
 protected:
  ScriptClient client_;
};

TEST_F(ScriptPackingTest, ManyReferencesToOneStringAreBounded) {
  EXPECT_THAT(client_.Eval("local s, t = string.rep('x', 1e7), {} for i = 1, 100 do t[i] = s end "
                           "return #cmsgpack.pack(t)"),
              HasSubstr("packed string too large"));
  EXPECT_THAT(client_.Eval("local s, t = string.rep('x', 1e7), {} for i = 1, 100 do t[i] = s end "
                           "return #struct.pack(string.rep('s', 100), unpack(t))"),
              HasSubstr("packed string too large"));
}

TEST_F(ScriptPackingTest, TablesThatHoldThemselvesEnd) {
  EXPECT_EQ(client_.Eval("local t = {} t[1] = t return #cmsgpack.pack(t)"), "(integer) 17");
  EXPECT_THAT(client_.Eval("local t = {string.rep('x', 1e5)} for i = 2, 10 do t[i] = t end "
                           "return #cmsgpack.pack(t)"),
              HasSubstr("packed string too large"));
}

TEST_F(ScriptPackingTest, DeepInputIsRefused) {
  EXPECT_THAT(client_.Eval("return cmsgpack.unpack(string.rep('\\145', 1e6))"),
              StartsWith("(error) ERR user_script:1: stack overflow (value nested too deep)"));
}

TEST_F(ScriptPackingTest, ManyValuesAreRefused) {
  EXPECT_THAT(client_.Eval("return cmsgpack.unpack(string.rep('\\1', 1e6))"), HasSubstr("stack overflow"));
  EXPECT_THAT(client_.Eval("return struct.unpack(string.rep('b', 1e6), string.rep('x', 1e6))"),
              HasSubstr("stack overflow"));
}

TEST_F(ScriptPackingTest, PositionsBeyondTheInputAreRefused) {
  EXPECT_THAT(client_.Eval("return struct.unpack('x', 'abc', 2^31 - 1)"), HasSubstr("data string too short"));
  EXPECT_THAT(client_.Eval("return struct.unpack('s', 'abc', 5)"), HasSubstr("data string too short"));
  EXPECT_THAT(client_.Eval("return struct.unpack('dc0', struct.pack('d', 1e300) .. 'abc')"),
              HasSubstr("data string too short"));
  EXPECT_THAT(client_.Eval("return struct.unpack('c99999999999999999999', 'abc')"),
              HasSubstr("integral size overflow"));
}

}  // namespace
}  // namespace holdfast::server::engine
