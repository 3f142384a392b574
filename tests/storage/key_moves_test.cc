#include "storage/key_moves.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/expiry.h"
#include "storage/hash.h"
#include "storage/list.h"
#include "storage/sorted_set.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;

constexpr absl::Time kLater = absl::FromUnixSeconds(2'000'000'000);

class KeyMovesTest : public ::testing::Test {
 protected:
  KeyMovesTest() { transaction_.mutable_limits().zset_max_listpack_entries = 0; }

  static void AddMembers(Keyspace& keyspace, std::string_view key, const std::vector<std::string>& members) {
    std::vector<ScoredMember> elements;
    for (const std::string& member : members) elements.push_back({member, 1});
    SortedSet(keyspace, key).Add(elements);
  }

  static std::vector<std::string> Members(Keyspace& keyspace, std::string_view key) {
    std::vector<std::string> members;
    for (const ScoredMember& element : SortedSet(keyspace, key).SelectRanks(0, 1000, Direction::kForward)) {
      members.emplace_back(element.member);
    }
    return members;
  }

  void ExpireAt(std::string_view key, absl::Time time) {
    Slot slot = keyspace_.Look(key);
    slot.entry->expires = time;
    keyspace_.Save(slot);
  }

  size_t TrashSize() {
    const std::string prefix(1, static_cast<char>(Table::kTrash));
    auto cursor = transaction_.NewCursor();
    size_t count = 0;
    for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) ++count;
    return count;
  }

  View view_;
  Transaction transaction_{view_, 815};
  Keyspace keyspace_{transaction_, 0};
  Keyspace other_{transaction_, 1};
};

TEST_F(KeyMovesTest, MoveKeepsElementsAndExpiryAndThrowsTheOldValueAway) {
  AddMembers(keyspace_, "from", {"a", "b"});
  AddMembers(keyspace_, "to", {"old"});
  ExpireAt("from", kLater);
  Slot from = keyspace_.Look("from");
  Slot to = keyspace_.Look("to");
  MoveValue(keyspace_, from, keyspace_, to);
  EXPECT_THAT(Members(keyspace_, "to"), ElementsAre("a", "b"));
  EXPECT_EQ(keyspace_.Find("to")->expires, kLater);
  EXPECT_EQ(keyspace_.Find("from"), std::nullopt);
  EXPECT_EQ(keyspace_.size(), 1U);
  EXPECT_EQ(transaction_.database(0).expiring_keys, 1U);
  EXPECT_EQ(TrashSize(), 1U);
  EXPECT_EQ(NextDue(transaction_), kLater);
}

TEST_F(KeyMovesTest, MoveOfAnInlineValueOverACollection) {
  const std::string_view element = "x";
  List(keyspace_, "to").Push(End::kFront, {&element, 1});
  transaction_.mutable_limits().zset_max_listpack_entries = 128;
  AddMembers(keyspace_, "from", {"a"});
  Slot from = keyspace_.Look("from");
  Slot to = keyspace_.Look("to");
  MoveValue(keyspace_, from, keyspace_, to);
  EXPECT_THAT(Members(keyspace_, "to"), ElementsAre("a"));
}

TEST_F(KeyMovesTest, MoveIntoAnotherDatabase) {
  AddMembers(keyspace_, "key", {"a", "b"});
  Slot from = keyspace_.Look("key");
  Slot to = other_.Look("key");
  MoveValue(keyspace_, from, other_, to);
  EXPECT_EQ(keyspace_.size(), 0U);
  EXPECT_THAT(Members(other_, "key"), ElementsAre("a", "b"));
}

TEST_F(KeyMovesTest, CopySharesNothing) {
  const std::string long_member(500, 'j');
  AddMembers(keyspace_, "from", {"a", long_member + "1", long_member + "2"});
  ExpireAt("from", kLater);
  Slot to = other_.Look("to");
  CopyValue(keyspace_.Look("from"), other_, to);
  EXPECT_EQ(other_.Find("to")->expires, kLater);
  keyspace_.Remove("from");
  EXPECT_THAT(Members(other_, "to"), ElementsAre("a", long_member + "1", long_member + "2"));
  SortedSet(other_, "to").Pop(Direction::kForward, 2);
  EXPECT_THAT(Members(other_, "to"), ElementsAre(long_member + "2"));
}

TEST_F(KeyMovesTest, FieldsOfAHashKeepTheirTimes) {
  const std::string lengthy(500, 'f');
  const std::string_view pairs[] = {"a", "1", lengthy, "2", "c", "3"};
  Hash hash(keyspace_, "from");
  hash.Set(pairs);
  hash.Expire("a", kLater);
  hash.Expire(lengthy, kLater + absl::Seconds(1));
  hash.Save();
  Slot copy = other_.Look("copy");
  CopyValue(keyspace_.Look("from"), other_, copy);
  Slot from = keyspace_.Look("from");
  Slot to = keyspace_.Look("to");
  MoveValue(keyspace_, from, keyspace_, to);
  EXPECT_EQ(NextDue(transaction_), kLater);
  transaction_.set_now(kLater);
  while (ExpireOne(transaction_)) {
  }
  for (const Hash& moved : {Hash(keyspace_, "to"), Hash(other_, "copy")}) {
    EXPECT_EQ(moved.size(), 2U);
    EXPECT_EQ(moved.Due("a"), std::nullopt);
    EXPECT_EQ(moved.Due(lengthy), kLater + absl::Seconds(1));
    EXPECT_EQ(moved.Due("c"), absl::InfiniteFuture());
  }
  EXPECT_EQ(NextDue(transaction_), kLater + absl::Seconds(1));
}

// As in Redis, though both names were there before.
TEST_F(KeyMovesTest, WhatMovedOrWasCopiedIsUsedNow) {
  for (const std::string_view key : {"from", "to", "copy"}) AddMembers(keyspace_, key, {"a"});
  transaction_.set_now(kLater);
  Slot copy = keyspace_.Look("copy");
  CopyValue(keyspace_.Look("from"), keyspace_, copy);
  EXPECT_EQ(keyspace_.AccessTime("copy"), kLater);
  EXPECT_NE(keyspace_.AccessTime("from"), kLater);
  EXPECT_NE(keyspace_.AccessTime("to"), kLater);
  Slot from = keyspace_.Look("from");
  Slot to = keyspace_.Look("to");
  MoveValue(keyspace_, from, keyspace_, to);
  EXPECT_EQ(keyspace_.AccessTime("to"), kLater);
}

TEST_F(KeyMovesTest, SwappedKeysWereUsedWhenTheyWere) {
  transaction_.set_now(kLater);
  AddMembers(keyspace_, "a", {"x"});
  transaction_.set_now(kLater + absl::Hours(1));
  AddMembers(other_, "a", {"y"});
  SwapDatabases(transaction_, 0, 1);
  EXPECT_EQ(other_.AccessTime("a"), kLater);
  EXPECT_EQ(keyspace_.AccessTime("a"), kLater + absl::Hours(1));
}

TEST_F(KeyMovesTest, SwapExchangesDatabases) {
  AddMembers(keyspace_, "a", {"x"});
  AddMembers(other_, "b", {"y"});
  AddMembers(other_, "c", {"z"});
  transaction_.ClearTouches();
  SwapDatabases(transaction_, 0, 1);
  EXPECT_EQ(keyspace_.size(), 2U);
  EXPECT_THAT(Members(keyspace_, "b"), ElementsAre("y"));
  EXPECT_THAT(Members(other_, "a"), ElementsAre("x"));
  ASSERT_EQ(transaction_.touches().size(), 2U);
  EXPECT_TRUE(transaction_.touches()[0].whole_database);
  SwapDatabases(transaction_, 1, 1);
  EXPECT_EQ(transaction_.touches().size(), 2U);
}

}  // namespace
}  // namespace holdfast::storage
