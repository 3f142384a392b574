#include "storage/trash.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/codec.h"
#include "storage/entry.h"
#include "storage/expiry.h"
#include "storage/keyspace.h"
#include "tests/fakes/memory_tree.h"

namespace holdfast::storage {
namespace {

class TrashTest : public testing::Test {
 protected:
  void Put(const std::string& key, const std::string& value = "") {
    const std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    writer->Put(key, value);
    ASSERT_TRUE(writer->Commit().ok());
  }
  Trash Sweep(uint64_t limit = 1000) {
    const std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    const Trash trash = SweepTrash(*writer, limit);
    EXPECT_TRUE(writer->Commit().ok());
    return trash;
  }
  // The keys that are left, in order.
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    for (const auto& [key, value] : *file_.map()) keys.push_back(key);
    return keys;
  }

  static std::string Element(Table table, uint64_t id, const std::string& rest) {
    return TablePrefix(table, id) + rest;
  }
  static std::string DeadCollection(uint64_t id) {
    std::string key = "T\x01";
    AppendU64(key, id);
    return key;
  }
  static std::string DeadDatabase(uint32_t id) {
    std::string key = "T\x02";
    AppendU32(key, id);
    return key;
  }
  static std::string KeyOf(uint32_t database, const std::string& name) {
    std::string key = "K";
    AppendU32(key, database);
    AppendBounded(key, 7, name);
    return key;
  }
  static std::string Collection(ValueType type, uint64_t id, absl::Time expires = absl::InfiniteFuture()) {
    Entry entry;
    entry.type = type;
    entry.encoding = Encoding::kElements;
    entry.id = id;
    entry.count = 1;
    entry.expires = expires;
    std::string stored;
    EncodeEntry(entry, stored);
    return stored;
  }

  fakes::MemoryTreeFile file_;
  std::unique_ptr<Tree> tree_ = fakes::OpenMemoryTree(file_);
};

TEST_F(TrashTest, EmptyTrashIsEmpty) {
  Put("Kx");
  EXPECT_EQ(Sweep(), Trash::kEmpty);
  EXPECT_EQ(Keys(), std::vector<std::string>{"Kx"});
}

TEST_F(TrashTest, CollectionGoesWithAllItsTablesAndNobodyElses) {
  Put(Element(Table::kScore, 5, "a"));
  Put(Element(Table::kOrder, 5, "1a"));
  Put(Element(Table::kScore, 6, "a"));
  Put(Element(Table::kOrder, 4, "1a"));
  Put(DeadCollection(5), "ZO");
  EXPECT_EQ(Sweep(), Trash::kEmpty);
  EXPECT_EQ(Keys(),
            (std::vector<std::string>{Element(Table::kOrder, 4, "1a"), Element(Table::kScore, 6, "a")}));
}

TEST_F(TrashTest, APartOfACollectionGoesAndTheRestStays) {
  std::string part;
  AppendU64(part, 8);
  std::string other_part;
  AppendU64(other_part, 9);
  Put(Element(Table::kStreamPending, 5, part + "a"));
  Put(Element(Table::kStreamConsumer, 5, part + "c"));
  Put(Element(Table::kStreamPending, 5, other_part + "a"));
  Put(Element(Table::kStreamEntry, 5, part + "e"));
  std::string dead = "T\x03";
  AppendU64(dead, 5);
  Put(dead + part, "NCPQ");
  EXPECT_EQ(Sweep(), Trash::kEmpty);
  EXPECT_EQ(Keys(), (std::vector<std::string>{Element(Table::kStreamEntry, 5, part + "e"),
                                              Element(Table::kStreamPending, 5, other_part + "a")}));
}

TEST_F(TrashTest, SliceIsBoundedAndTheNextGoesOn) {
  for (char c = 'a'; c < 'k'; ++c) Put(Element(Table::kList, 5, std::string(1, c)));
  Put(DeadCollection(5), "L");
  EXPECT_EQ(Sweep(4), Trash::kLeft);
  EXPECT_EQ(Keys().size(), 7U);
  EXPECT_EQ(Sweep(4), Trash::kLeft);
  EXPECT_EQ(Keys().size(), 3U);
  EXPECT_EQ(Sweep(4), Trash::kEmpty);
  EXPECT_TRUE(Keys().empty());
}

TEST_F(TrashTest, DatabaseGoesWithItsKeysCollectionsAndExpiries) {
  const absl::Time due = absl::FromUnixMillis(123456);
  Put(KeyOf(3, "list"), Collection(ValueType::kList, 30));
  Put(Element(Table::kList, 30, "a"));
  Put(KeyOf(3, "set"), Collection(ValueType::kSet, 31, due));
  Put(Element(Table::kMember, 31, "m"));
  Put(ExpiryKey(due, KeyOf(3, "set")));
  Put(KeyOf(3, "not an entry"), "\xff");
  Put(DeadDatabase(3));

  Put(KeyOf(4, "list"), Collection(ValueType::kList, 40, due));
  Put(Element(Table::kList, 40, "a"));
  Put(ExpiryKey(due, KeyOf(4, "list")));
  EXPECT_EQ(Sweep(), Trash::kEmpty);
  EXPECT_EQ(Keys(), (std::vector<std::string>{KeyOf(4, "list"), Element(Table::kList, 40, "a"),
                                              ExpiryKey(due, KeyOf(4, "list"))}));
}

TEST_F(TrashTest, HashesGoWithTheTimesOfTheirFields) {
  Entry entry;
  entry.type = ValueType::kHash;
  entry.encoding = Encoding::kElements;
  entry.id = 30;
  entry.count = 2;
  entry.dues = {1, absl::FromUnixMillis(5000), absl::FromUnixMillis(5000)};
  std::string stored;
  EncodeEntry(entry, stored);
  Put(KeyOf(3, "hash"), stored);
  Put(ExpiryKey(absl::FromUnixMillis(5000), KeyOf(3, "hash")));
  for (const Table table : {Table::kField, Table::kFieldDue, Table::kDueField}) {
    Put(Element(table, 30, "f"));
    Put(Element(table, 40, "f"));
    Put(Element(table, 50, "alive"));
  }
  Put(DeadDatabase(3));
  Put(DeadCollection(40), "HVY");
  EXPECT_EQ(Sweep(), Trash::kEmpty);
  EXPECT_EQ(Keys(), (std::vector<std::string>{Element(Table::kField, 50, "alive"),
                                              Element(Table::kFieldDue, 50, "alive"),
                                              Element(Table::kDueField, 50, "alive")}));
}

TEST_F(TrashTest, DatabaseIsSweptInAnyNumberOfSlices) {
  for (uint32_t i = 0; i < 10; ++i) {
    const std::string name = "key" + std::to_string(i);
    Put(KeyOf(3, name), Collection(ValueType::kHash, 100 + i, absl::FromUnixMillis(i)));
    Put(ExpiryKey(absl::FromUnixMillis(i), KeyOf(3, name)));
    for (const char* field : {"a", "b", "c"}) Put(Element(Table::kField, 100 + i, field));
  }
  Put(DeadDatabase(3));
  Put(Element(Table::kField, 99, "alive"));
  size_t left = Keys().size();
  while (Sweep(1) == Trash::kLeft) {
    ASSERT_LT(Keys().size(), left) << "a slice that makes no headway";
    left = Keys().size();
  }
  EXPECT_EQ(Keys(), std::vector<std::string>{Element(Table::kField, 99, "alive")});
}

}  // namespace
}  // namespace holdfast::storage
