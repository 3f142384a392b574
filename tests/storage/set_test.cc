#include "storage/set.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

using Words = std::vector<std::string_view>;

class SetTest : public ::testing::Test {
 protected:
  uint64_t Add(const Words& members) { return Set(keyspace_, "s").Add(members); }
  uint64_t Remove(const Words& members) { return Set(keyspace_, "s").Remove(members); }
  bool Contains(std::string_view member) { return Set(keyspace_, "s").Contains(member); }
  void Assign(const Words& members) { Set(keyspace_, "s").Assign(members); }
  Encoding encoding() { return keyspace_.Find("s")->encoding; }

  std::vector<std::string> All() {
    std::vector<std::string> members;
    Set(keyspace_, "s").elements().Visit([&](std::string_view member, std::string_view) {
      members.emplace_back(member);
      return true;
    });
    return members;
  }

  std::vector<std::string> MapKeys() {
    std::vector<std::string> keys;
    std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
    for (cursor->Seek(""); cursor->valid(); cursor->Next()) keys.emplace_back(cursor->key());
    return keys;
  }

  View view_;
  Transaction transaction_{view_, 42};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(SetTest, AddCountsOnlyNewMembers) {
  EXPECT_EQ(Add({"b", "a", "b"}), 2U);
  EXPECT_EQ(Add({"a", "c"}), 1U);
  EXPECT_THAT(All(), ElementsAre("b", "a", "c"));
  EXPECT_TRUE(Contains("a"));
  EXPECT_FALSE(Contains("d"));
}

TEST_F(SetTest, RemovingTheLastMemberDeletesTheKey) {
  Add({"a", "b"});
  EXPECT_EQ(Remove({"a", "b", "c", "a"}), 2U);
  EXPECT_THAT(MapKeys(), IsEmpty());
}

TEST_F(SetTest, WritesThatChangeNothingMakeNoEffect) {
  const std::string lengthy(100, 'l');
  for (const Words& members : {Words{"1", "2"}, Words{"a", "b"}, Words{lengthy, "b"}}) {
    Add(members);
    const size_t before = transaction_.mark().changes;
    transaction_.ClearTouches();
    EXPECT_EQ(Add(members), 0U);
    EXPECT_EQ(Remove({"absent"}), 0U);
    EXPECT_EQ(transaction_.mark().changes, before);
    EXPECT_TRUE(transaction_.touches().empty());
  }
}

TEST_F(SetTest, IntegersAreKeptSorted) {
  Add({"10", "-5", "9223372036854775807", "0", "7", "-9223372036854775808"});
  EXPECT_EQ(encoding(), Encoding::kIntegers);
  EXPECT_THAT(All(), ElementsAre("-9223372036854775808", "-5", "0", "7", "10", "9223372036854775807"));
}

TEST_F(SetTest, OnlyCanonicalIntegersAreIntegers) {
  for (const std::string_view member :
       {"01", "+1", "-0", " 1", "1 ", "1.0", "", "9223372036854775808", "0x1"}) {
    keyspace_.Remove("s");
    Add({member});
    EXPECT_EQ(encoding(), Encoding::kInline) << member;
  }
}

TEST_F(SetTest, AWordAmongIntegersMakesAListpack) {
  Add({"2", "1"});
  Add({"x", "0"});
  EXPECT_EQ(encoding(), Encoding::kInline);
  EXPECT_THAT(All(), ElementsAre("1", "2", "x", "0"));
  Remove({"x"});
  EXPECT_EQ(encoding(), Encoding::kInline);
}

TEST_F(SetTest, TooManyIntegersGrow) {
  transaction_.mutable_limits().set_max_intset_entries = 3;
  Add({"1", "2", "3"});
  EXPECT_EQ(encoding(), Encoding::kIntegers);
  Add({"4"});
  EXPECT_EQ(encoding(), Encoding::kElements);
  EXPECT_THAT(All(), UnorderedElementsAre("1", "2", "3", "4"));
  Remove({"1", "2", "3"});
  EXPECT_EQ(encoding(), Encoding::kElements);
}

TEST_F(SetTest, TooManyOrTooLongMembersGrow) {
  transaction_.mutable_limits().set_max_listpack_entries = 2;
  Add({"a", "b"});
  EXPECT_EQ(encoding(), Encoding::kInline);
  Add({"c"});
  EXPECT_EQ(encoding(), Encoding::kElements);
  keyspace_.Remove("s");
  Add({std::string(64, 'x')});
  EXPECT_EQ(encoding(), Encoding::kInline);
  Add({std::string(65, 'x')});
  EXPECT_EQ(encoding(), Encoding::kElements);
}

TEST_F(SetTest, AWordAmongManyIntegersGrows) {
  transaction_.mutable_limits().set_max_listpack_entries = 2;
  Add({"1", "2"});
  Add({"x"});
  EXPECT_EQ(encoding(), Encoding::kElements);
  EXPECT_THAT(All(), UnorderedElementsAre("1", "2", "x"));
}

TEST_F(SetTest, AWordAmongLongIntegersGrows) {
  transaction_.mutable_limits().set_max_listpack_value = 5;
  Add({"1", "-12345"});
  Add({"x"});
  EXPECT_EQ(encoding(), Encoding::kElements);
}

TEST_F(SetTest, IsStoredAsTheFormatSays) {
  Add({"10", "-5"});
  EXPECT_EQ(keyspace_.Find("s")->value,
            "\x02"
            "-5"
            "\x02"
            "10");
  Assign({"b", "a"});
  EXPECT_EQ(keyspace_.Find("s")->value,
            "\x01"
            "b"
            "\x01"
            "a");
  const std::string lengthy(401, 'm');
  Add({lengthy});
  std::string prefix = TablePrefix(Table::kMember, keyspace_.Find("s")->id);
  std::string short_key = prefix;
  AppendBounded(short_key, transaction_.Hash("a"), "a");
  EXPECT_EQ(transaction_.Get(short_key), "");
  AppendBounded(prefix, transaction_.Hash(lengthy), lengthy);
  EXPECT_EQ(transaction_.Get(prefix), "\x91\x03" + lengthy);
}

TEST_F(SetTest, LongMembersOfEqualBeginningAreDifferent) {
  for (const size_t length : {399, 400, 401, 511, 512, 5000}) {
    const std::string first = std::string(length, 'm') + "1";
    const std::string second = std::string(length, 'm') + "2";
    EXPECT_EQ(Add({first, second, first}), 2U);
    EXPECT_THAT(All(), UnorderedElementsAre(first, second));
    EXPECT_EQ(Remove({first}), 1U);
    EXPECT_FALSE(Contains(first));
    EXPECT_TRUE(Contains(second));
    EXPECT_EQ(Remove({second}), 1U);
  }
}

TEST_F(SetTest, AssignReplacesAnyValueAndItsExpiry) {
  Slot slot = keyspace_.Look("s");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  slot.entry->expires = absl::FromUnixSeconds(5000);
  keyspace_.Save(slot);
  ASSERT_TRUE(Set(keyspace_, "s").wrong_type());
  Assign({"b", "a", "b"});
  EXPECT_THAT(All(), ElementsAre("b", "a"));
  EXPECT_EQ(keyspace_.Find("s")->expires, absl::InfiniteFuture());
  EXPECT_EQ(keyspace_.size(), 1U);
}

TEST_F(SetTest, AssignOfNothingDeletesTheKey) {
  Assign({});
  EXPECT_EQ(transaction_.mark().changes, 0U);
  Add({"a", "b"});
  Assign({});
  EXPECT_THAT(MapKeys(), IsEmpty());
}

TEST_F(SetTest, WhatAssignReplacesGoesToTheTrash) {
  Add({std::string(100, 'x'), "y"});
  const uint64_t id = keyspace_.Find("s")->id;
  Assign({"a"});
  EXPECT_THAT(All(), ElementsAre("a"));
  std::string id_bytes;
  AppendU64(id_bytes, id);
  EXPECT_THAT(MapKeys(), ::testing::Contains(
                             ::testing::AllOf(::testing::StartsWith("T"), ::testing::HasSubstr(id_bytes))));
}

TEST_F(SetTest, PopTakesDifferentMembersAndLeavesTheRest) {
  for (const uint64_t limit : {128, 0}) {
    transaction_.mutable_limits().set_max_listpack_entries = limit;
    std::set<std::string> left;
    for (int i = 0; i < 60; ++i) left.insert("m" + std::to_string(i));
    Assign(Words(left.begin(), left.end()));
    for (const uint64_t count : {0, 1, 1, 7, 40, 5}) {
      const std::vector<std::string> popped = Set(keyspace_, "s").Pop(count);
      EXPECT_EQ(popped.size(), count);
      for (const std::string& member : popped) EXPECT_EQ(left.erase(member), 1U) << member;
      EXPECT_THAT(All(), UnorderedElementsAreArray(left));
    }
    EXPECT_EQ(Set(keyspace_, "s").Pop(100).size(), 6U);
    EXPECT_FALSE(keyspace_.Find("s"));
  }
}

// Random changes against a std::set, across the encodings and all lengths of members.
class SetModelTest : public SetTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  std::string Member() {
    std::string member = std::to_string(random_() % 60);
    if (!words_) return member;
    switch (random_() % 6) {
      case 0:
        return std::string(420, 'm') + member;
      case 1:
        return std::string(600, 'm') + member;
      default:
        return "m" + member;
    }
  }

  void Step() {
    const std::string member = Member();
    if (random_() % 3 != 0) {
      EXPECT_EQ(Add({member}), model_.insert(member).second ? 1U : 0U);
    } else {
      EXPECT_EQ(Remove({member}), model_.erase(member));
    }
  }

  void Check() {
    EXPECT_THAT(All(), UnorderedElementsAreArray(model_));
    const std::optional<Entry> entry = keyspace_.Find("s");
    ASSERT_EQ(entry.has_value(), !model_.empty());
    if (!entry) return;
    uint64_t bytes = 0;
    for (const std::string& member : model_) bytes += member.size();
    EXPECT_EQ(entry->count, model_.size());
    EXPECT_EQ(entry->bytes, bytes);
  }

  std::mt19937_64 random_{GetParam()};
  std::set<std::string> model_;
  bool words_ = false;
};

TEST_P(SetModelTest, AgreesWithASet) {
  transaction_.mutable_limits().set_max_intset_entries = 20;
  for (int i = 0; i < 600; ++i) {
    if (random_() % 60 == 0) words_ = !words_;
    Step();
    if (i % 20 == 0) Check();
    if (random_() % 60 == 0) {
      model_.clear();
      keyspace_.Remove("s");
    }
  }
  Check();
}

TEST_P(SetModelTest, ScanReturnsWhatIsPresentThroughout) {
  words_ = true;
  for (int i = 0; i < 300; ++i) Step();
  std::set<std::string> throughout = model_;
  std::set<std::string> seen;
  uint64_t cursor = 0;
  do {
    cursor = Set(keyspace_, "s").elements().Scan(cursor, 3, [&](std::string_view member, std::string_view) {
      seen.emplace(member);
      return true;
    });
    for (int i = 0; i < 3; ++i) Step();
    std::erase_if(throughout, [&](const std::string& member) { return model_.count(member) == 0; });
  } while (cursor != 0);
  EXPECT_FALSE(throughout.empty());
  for (const std::string& member : throughout) EXPECT_TRUE(seen.count(member) == 1) << member;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SetModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace holdfast::storage
