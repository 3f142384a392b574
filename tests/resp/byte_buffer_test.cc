#include "resp/byte_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::resp {
namespace {

TEST(ByteBufferTest, StartsWithoutMemory) {
  const ByteBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.view(), "");
}

TEST(ByteBufferTest, AppendsAtTheEndAndDropsAtTheFront) {
  ByteBuffer buffer;
  buffer.Append("hello ");
  buffer.Append("");
  buffer.Append("world");
  EXPECT_EQ(buffer.view(), "hello world");
  buffer.DropFront(6);
  EXPECT_EQ(buffer.view(), "world");
  buffer.DropFront(0);
  EXPECT_EQ(buffer.view(), "world");
  buffer.DropFront(5);
  EXPECT_TRUE(buffer.empty());
}

TEST(ByteBufferTest, GrowsToWhatIsNeededOrWanted) {
  ByteBuffer buffer;
  buffer.Append("12345");
  EXPECT_EQ(buffer.capacity(), 5u);
  buffer.Append("6", 100);
  EXPECT_EQ(buffer.capacity(), 100u);
  buffer.Append(std::string(94, 'x'), 10000);
  EXPECT_EQ(buffer.capacity(), 100u);
  EXPECT_EQ(buffer.size(), 100u);
}

TEST(ByteBufferTest, ReleaseGivesTheMemoryBack) {
  ByteBuffer buffer;
  buffer.Append("some");
  buffer.Release();
  EXPECT_EQ(buffer.capacity(), 0u);
  buffer.Append("more");
  EXPECT_EQ(buffer.view(), "more");
}

}  // namespace
}  // namespace holdfast::resp
