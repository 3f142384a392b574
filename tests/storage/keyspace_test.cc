#include "storage/keyspace.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "storage/expiry.h"

namespace holdfast::storage {
namespace {

class KeyspaceTest : public ::testing::Test {
 protected:
  KeyspaceTest() { transaction_.set_now(absl::FromUnixSeconds(1000)); }

  void SetString(const std::string& key, std::string_view value,
                 absl::Time expires = absl::InfiniteFuture()) {
    Slot slot = keyspace_.Look(key);
    slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
    slot.entry->value = value;
    slot.entry->expires = expires;
    keyspace_.Save(slot);
  }

  View view_;
  Transaction transaction_{view_, 42};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(KeyspaceTest, SavedKeyIsFound) {
  SetString("a", "value");
  ASSERT_TRUE(keyspace_.Find("a"));
  EXPECT_EQ(keyspace_.Find("a")->value, "value");
  EXPECT_EQ(keyspace_.size(), 1U);
}

TEST_F(KeyspaceTest, LongKeysDifferByTheirTails) {
  const std::string prefix(1000, 'x');
  SetString(prefix + "1", "one");
  SetString(prefix + "2", "two");
  EXPECT_EQ(keyspace_.Find(prefix + "1")->value, "one");
  EXPECT_EQ(keyspace_.Find(prefix + "2")->value, "two");
  std::set<std::string> seen;
  EXPECT_EQ(keyspace_.Scan(0, 10, [&](std::string_view key, const Entry&) { seen.emplace(key); }), 0U);
  EXPECT_EQ(seen, (std::set<std::string>{prefix + "1", prefix + "2"}));
}

TEST_F(KeyspaceTest, ScanSeesEveryKeyOnceAndEnds) {
  for (int i = 0; i < 1000; ++i) SetString("key" + std::to_string(i), "v");
  std::multiset<std::string> seen;
  uint64_t cursor = 0;
  int calls = 0;
  do {
    cursor = keyspace_.Scan(cursor, 10, [&](std::string_view key, const Entry&) { seen.emplace(key); });
    EXPECT_LT(cursor, uint64_t{1} << 52);
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1000U);
  EXPECT_EQ(calls, 100);
}

TEST_F(KeyspaceTest, ExpiredKeyReadsAsAbsentAndIsDeletedWhenDue) {
  SetString("a", "v", absl::FromUnixSeconds(1001));
  SetString("b", "v");
  EXPECT_TRUE(keyspace_.Find("a"));
  EXPECT_FALSE(ExpireOne(transaction_));
  transaction_.set_now(absl::FromUnixSeconds(1001));
  EXPECT_FALSE(keyspace_.Find("a"));
  EXPECT_EQ(keyspace_.size(), 2U);
  EXPECT_TRUE(ExpireOne(transaction_));
  EXPECT_FALSE(ExpireOne(transaction_));
  EXPECT_EQ(keyspace_.size(), 1U);
  EXPECT_EQ(transaction_.database(0).expiring_keys, 0U);
  EXPECT_EQ(NextDue(transaction_), std::nullopt);
}

TEST_F(KeyspaceTest, SaveOverExpiredKeyForgetsItsExpiry) {
  SetString("a", "v", absl::FromUnixSeconds(1001));
  transaction_.set_now(absl::FromUnixSeconds(2000));
  SetString("a", "new");
  EXPECT_FALSE(ExpireOne(transaction_));
  EXPECT_EQ(keyspace_.Find("a")->value, "new");
  EXPECT_EQ(keyspace_.size(), 1U);
}

TEST_F(KeyspaceTest, ClearEmptiesOnlyItsDatabase) {
  Keyspace other(transaction_, 1);
  SetString("a", "v", absl::FromUnixSeconds(1001));
  Slot slot = other.Look("a");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  other.Save(slot);
  keyspace_.Clear();
  EXPECT_FALSE(keyspace_.Find("a"));
  EXPECT_EQ(keyspace_.size(), 0U);
  EXPECT_TRUE(other.Find("a"));
  SetString("a", "again");
  EXPECT_EQ(keyspace_.Find("a")->value, "again");
  transaction_.set_now(absl::FromUnixSeconds(2000));
  EXPECT_TRUE(ExpireOne(transaction_));
  EXPECT_EQ(keyspace_.Find("a")->value, "again");
}

TEST_F(KeyspaceTest, RollbackTakesBackEverything) {
  SetString("a", "v");
  const Transaction::Mark mark = transaction_.mark();
  SetString("a", "other", absl::FromUnixSeconds(5000));
  SetString("b", "v");
  keyspace_.Remove("a");
  transaction_.RollbackTo(mark);
  EXPECT_EQ(keyspace_.Find("a")->value, "v");
  EXPECT_FALSE(keyspace_.Find("b"));
  EXPECT_EQ(keyspace_.size(), 1U);
  EXPECT_EQ(NextDue(transaction_), std::nullopt);
}

TEST_F(KeyspaceTest, DatabasesAreReadBackFromTheMap) {
  SetString("a", "v");
  EXPECT_FALSE(transaction_.Seal().empty());
  transaction_.Clear();
  Transaction reopened(view_, 42);
  reopened.Open(2);
  reopened.set_now(absl::FromUnixSeconds(1000));
  EXPECT_EQ(Keyspace(reopened, 0).size(), 1U);
  EXPECT_TRUE(Keyspace(reopened, 0).Find("a"));
}

TEST_F(KeyspaceTest, ReplacingACollectionTrashesItsElements) {
  Slot slot = keyspace_.Look("list");
  slot.entry = Keyspace::NewEntry(ValueType::kList, Encoding::kElements);
  slot.entry->id = transaction_.NewId();
  slot.entry->count = 1;
  const uint64_t id = slot.entry->id;
  keyspace_.Save(slot);
  SetString("list", "v");
  std::string trash(1, static_cast<char>(Table::kTrash));
  trash.push_back(static_cast<char>(TrashKind::kCollection));
  AppendU64(trash, id);
  EXPECT_EQ(transaction_.Get(trash), "L");
  EXPECT_EQ(keyspace_.size(), 1U);
}

class AccessTest : public KeyspaceTest {
 protected:
  [[nodiscard]] std::optional<int64_t> AccessedAt(const Keyspace& keyspace, std::string_view key) {
    const std::optional<absl::Time> time = keyspace.AccessTime(key);
    return time ? std::optional(absl::ToUnixSeconds(*time)) : std::nullopt;
  }
  void Wait() { transaction_.set_now(transaction_.now() + absl::Seconds(100)); }
};

TEST_F(AccessTest, IsALookUpOnlyWhileTheSwitchIsOn) {
  EXPECT_EQ(AccessedAt(keyspace_, "a"), std::nullopt);
  SetString("a", "v");  // the database has its id from now on
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1000);
  Wait();
  EXPECT_TRUE(keyspace_.Find("a"));
  SetString("a", "w");
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1000);
  keyspace_.set_touches(true);
  EXPECT_TRUE(keyspace_.Find("a"));
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1100);
}

TEST_F(AccessTest, AKeyThatIsNotThereHasNone) {
  SetString("a", "v", absl::FromUnixSeconds(1050));
  keyspace_.set_touches(true);
  Wait();
  EXPECT_FALSE(keyspace_.Find("a"));
  EXPECT_FALSE(keyspace_.Find("absent"));
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1000);
  EXPECT_EQ(AccessedAt(keyspace_, "absent"), std::nullopt);
}

TEST_F(AccessTest, ANewKeyIsNotItsPredecessor) {
  SetString("a", "v");
  SetString("b", "v", absl::FromUnixSeconds(1050));
  keyspace_.Remove("a");
  Wait();
  SetString("a", "v");
  SetString("b", "v");
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1100);
  EXPECT_EQ(AccessedAt(keyspace_, "b"), 1100);
}

TEST_F(AccessTest, BelongsToADatabaseAndItsKeysLife) {
  SetString("a", "v");
  Wait();
  Keyspace other = keyspace_.In(1);
  Slot slot = other.Look("a");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  other.Save(slot);
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1000);
  EXPECT_EQ(AccessedAt(other, "a"), 1100);
  keyspace_.Clear();
  EXPECT_EQ(AccessedAt(keyspace_, "a"), std::nullopt);
}

TEST_F(AccessTest, AnotherDatabaseHasTheSameSwitches) {
  SetString("a", "v");
  Wait();
  keyspace_.set_touches(true);
  EXPECT_TRUE(keyspace_.In(1).In(0).Find("a"));
  EXPECT_EQ(keyspace_.In(1).database(), 1);
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 1100);
}

TEST_F(AccessTest, CanBeSaidToBeAtAnotherTime) {
  SetString("a", "v");
  keyspace_.SetAccessTime("a", absl::FromUnixSeconds(7));
  EXPECT_EQ(AccessedAt(keyspace_, "a"), 7);
}

}  // namespace
}  // namespace holdfast::storage
