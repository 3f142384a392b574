#include "storage/string.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/list.h"
#include "storage/view.h"

namespace holdfast::storage {
namespace {

using std::string_literals::operator""s;

class StringTest : public testing::Test {
 protected:
  StringTest() { transaction_.set_now(absl::FromUnixSeconds(1000)); }

  String Open(std::string_view key = "s") { return String(keyspace_, key); }
  std::string Value(std::string_view key = "s") { return std::string(Open(key).value()); }
  bool Exists(std::string_view key = "s") { return keyspace_.Find(key).has_value(); }

  View view_;
  Transaction transaction_{view_, 7};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(StringTest, SetReplacesValueAndExpiry) {
  Open().Set("one", absl::FromUnixSeconds(2000));
  EXPECT_EQ(Open().expires(), absl::FromUnixSeconds(2000));
  Open().Set("two");
  EXPECT_EQ(Value(), "two");
  EXPECT_EQ(Open().expires(), absl::InfiniteFuture());
}

TEST_F(StringTest, SetReplacesAKeyOfAnotherType) {
  const std::string_view element = "e";
  List(keyspace_, "s").Push(End::kBack, {&element, 1});
  EXPECT_TRUE(Open().wrong_type());
  EXPECT_TRUE(Open().occupied());
  Open().Set("text");
  EXPECT_FALSE(Open().wrong_type());
  EXPECT_EQ(Value(), "text");
  EXPECT_EQ(keyspace_.size(), 1u);
}

TEST_F(StringTest, WriteKeepsTheExpiry) {
  Open().Set("one", absl::FromUnixSeconds(2000));
  Open().Write("two");
  EXPECT_EQ(Value(), "two");
  EXPECT_EQ(Open().expires(), absl::FromUnixSeconds(2000));
}

TEST_F(StringTest, AnExpiryThatIsPastDeletesTheKey) {
  Open().Set("one");
  Open().Set("two", absl::FromUnixSeconds(1000));
  EXPECT_FALSE(Exists());
  Open().Set("three");
  Open().Expire(absl::FromUnixSeconds(999));
  EXPECT_FALSE(Exists());
}

TEST_F(StringTest, ExpireKeepsTheValue) {
  Open().Set("one");
  Open().Expire(absl::FromUnixSeconds(2000));
  EXPECT_EQ(Value(), "one");
  EXPECT_EQ(Open().expires(), absl::FromUnixSeconds(2000));
  transaction_.set_now(absl::FromUnixSeconds(2000));
  EXPECT_FALSE(Open().occupied());
  EXPECT_EQ(Value(), "");
}

TEST_F(StringTest, AppendBeginsAtNothing) {
  Open().Append("a");
  Open().Append("");
  Open().Append("bc");
  EXPECT_EQ(Value(), "abc");
}

TEST_F(StringTest, SetRangeFillsTheGapWithZeroBytes) {
  Open().SetRange(3, "xy");
  EXPECT_EQ(Value(), "\0\0\0xy"s);
  Open().SetRange(1, "abc");
  EXPECT_EQ(Value(), "\0abcy"s);
}

TEST_F(StringTest, TheEntryCountsItsBytes) {
  Open().Append("12345");
  const Entry entry = *keyspace_.Find("s");
  EXPECT_EQ(entry.bytes, 5u);
  EXPECT_EQ(entry.count, 1u);
}

TEST_F(StringTest, AnEmptyStringIsAKey) {
  Open().Set("");
  EXPECT_TRUE(Exists());
  Open().Remove();
  EXPECT_FALSE(Exists());
}

}  // namespace
}  // namespace holdfast::storage
