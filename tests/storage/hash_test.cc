#include "storage/hash.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAreArray;

using Words = std::vector<std::string_view>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

class HashTest : public ::testing::Test {
 protected:
  uint64_t Set(const Words& fields_and_values) { return Hash(keyspace_, "h").Set(fields_and_values); }
  uint64_t Remove(const Words& fields) { return Hash(keyspace_, "h").Remove(fields); }
  std::optional<std::string_view> Get(std::string_view field) { return Hash(keyspace_, "h").Get(field); }
  Encoding encoding() { return keyspace_.Find("h")->encoding; }

  Pairs All() {
    Pairs pairs;
    Hash(keyspace_, "h").elements().Visit([&](std::string_view field, std::string_view value) {
      pairs.emplace_back(field, value);
      return true;
    });
    return pairs;
  }

  size_t effects() { return transaction_.mark().changes; }

  View view_;
  Transaction transaction_{view_, 42};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(HashTest, SetCountsOnlyNewFields) {
  EXPECT_EQ(Set({"a", "1", "b", "2"}), 2U);
  EXPECT_EQ(Set({"a", "3", "c", "4", "c", "5"}), 1U);
  EXPECT_THAT(All(), ElementsAre(Pair("a", "3"), Pair("b", "2"), Pair("c", "5")));
  EXPECT_EQ(Hash(keyspace_, "h").size(), 3U);
}

TEST_F(HashTest, SmallHashKeepsInsertionOrder) {
  Set({"z", "1", "a", "2", "m", "3"});
  Remove({"a"});
  Set({"a", "4"});
  EXPECT_THAT(All(), ElementsAre(Pair("z", "1"), Pair("m", "3"), Pair("a", "4")));
  EXPECT_EQ(encoding(), Encoding::kInline);
}

TEST_F(HashTest, AbsentFieldAndAbsentKeyGiveNothing) {
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Remove({"a"}), 0U);
  Set({"b", ""});
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Get("b"), "");
}

TEST_F(HashTest, RemovingTheLastFieldDeletesTheKey) {
  Set({"a", "1", "b", "2"});
  EXPECT_EQ(Remove({"a", "x", "b", "b"}), 2U);
  EXPECT_FALSE(keyspace_.Find("h"));
  EXPECT_EQ(keyspace_.size(), 0U);
}

TEST_F(HashTest, WritesThatChangeNothingMakeNoEffect) {
  for (const size_t length : {3, 100}) {
    const std::string value(length, 'v');
    Set({"a", value, "b", value});
    const size_t before = effects();
    transaction_.ClearTouches();
    EXPECT_EQ(Remove({"absent"}), 0U);
    EXPECT_TRUE(transaction_.touches().empty());
    EXPECT_EQ(Set({"a", value}), 0U);
    EXPECT_EQ(effects(), before);
    EXPECT_EQ(transaction_.touches().size(), 1U);  // for a WATCH it counts all the same
  }
}

TEST_F(HashTest, ChangesTouchTheKeyWithItsTypeAfterwards) {
  Set({"a", "1"});
  ASSERT_EQ(transaction_.touches().size(), 1U);
  EXPECT_EQ(transaction_.touches()[0].type, ValueType::kHash);
  transaction_.ClearTouches();
  Remove({"a"});
  ASSERT_EQ(transaction_.touches().size(), 1U);
  EXPECT_EQ(transaction_.touches()[0].type, std::nullopt);
}

TEST_F(HashTest, GrowsPastTheNumberOfEntriesAndNeverTurnsBack) {
  transaction_.mutable_limits().hash_max_listpack_entries = 3;
  Set({"a", "1", "b", "2", "c", "3"});
  EXPECT_EQ(encoding(), Encoding::kInline);
  Set({"d", "4"});
  EXPECT_EQ(encoding(), Encoding::kElements);
  Remove({"b", "c", "d"});
  EXPECT_EQ(encoding(), Encoding::kElements);
  EXPECT_THAT(All(), ElementsAre(Pair("a", "1")));
}

TEST_F(HashTest, GrowsPastTheLengthOfFieldOrValue) {
  Set({"a", std::string(64, 'v')});
  EXPECT_EQ(encoding(), Encoding::kInline);
  Set({"b", std::string(65, 'v')});
  EXPECT_EQ(encoding(), Encoding::kElements);
  keyspace_.Remove("h");
  Set({std::string(65, 'f'), "v"});
  EXPECT_EQ(encoding(), Encoding::kElements);
}

TEST_F(HashTest, GrownHashRemovedFieldByFieldLeavesNothingBehind) {
  transaction_.mutable_limits().hash_max_listpack_entries = 0;
  Set({"a", "1", "b", "2"});
  Remove({"a", "b"});
  std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek("");
  EXPECT_FALSE(cursor->valid()) << "left over: " << cursor->key();
}

TEST_F(HashTest, SmallHashIsStoredAsTheFormatSays) {
  Set({"busy", "3", "quiet", "false"});
  EXPECT_EQ(keyspace_.Find("h")->value,
            "\x04"
            "busy"
            "\x01"
            "3"
            "\x05"
            "quiet"
            "\x05"
            "false");
}

TEST_F(HashTest, GrownHashIsStoredAsTheFormatSays) {
  const std::string lengthy(401, 'f');
  transaction_.mutable_limits().hash_max_listpack_entries = 0;
  Set({"busy", "3", lengthy, "4"});
  std::string key = TablePrefix(Table::kField, keyspace_.Find("h")->id);
  std::string digest_key = key;
  AppendU64(key, transaction_.Hash("busy"));
  EXPECT_EQ(transaction_.Get(key + std::string(1, '\0') + "busy"), "3");
  AppendBounded(digest_key, transaction_.Hash(lengthy), lengthy);
  EXPECT_EQ(digest_key.size(), 9 + 8 + 1 + 16U);
  EXPECT_EQ(transaction_.Get(digest_key), "\x91\x03" + lengthy + "4");
}

TEST_F(HashTest, LongFieldsOfEqualBeginningAreDifferent) {
  for (const size_t length : {399, 400, 401, 511, 512, 5000}) {
    const std::string first = std::string(length, 'f') + "1";
    const std::string second = std::string(length, 'f') + "2";
    EXPECT_EQ(Set({first, "one", second, "two"}), 2U);
    EXPECT_EQ(Get(first), "one");
    EXPECT_EQ(Get(second), "two");
    EXPECT_EQ(Set({first, "uno"}), 0U);
    EXPECT_THAT(All(), ::testing::UnorderedElementsAre(Pair(first, "uno"), Pair(second, "two")));
    EXPECT_EQ(Remove({first, second}), 2U);
  }
}

TEST_F(HashTest, KeepsItsExpiryWhenFieldsChange) {
  Set({"a", "1"});
  Slot slot = keyspace_.Look("h");
  slot.entry->expires = absl::FromUnixSeconds(5000);
  keyspace_.Save(slot);
  Set({"b", std::string(100, 'x')});
  EXPECT_EQ(keyspace_.Find("h")->expires, absl::FromUnixSeconds(5000));
}

TEST_F(HashTest, ExpiredHashIsReplacedByAFreshOne) {
  Set({"a", std::string(100, 'x')});
  Slot slot = keyspace_.Look("h");
  slot.entry->expires = absl::FromUnixSeconds(5000);
  keyspace_.Save(slot);
  transaction_.set_now(absl::FromUnixSeconds(5000));
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Set({"b", "2"}), 1U);
  EXPECT_THAT(All(), ElementsAre(Pair("b", "2")));
  EXPECT_EQ(keyspace_.Find("h")->expires, absl::InfiniteFuture());
}

TEST_F(HashTest, AnotherTypeIsTold) {
  Slot slot = keyspace_.Look("h");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  keyspace_.Save(slot);
  EXPECT_TRUE(Hash(keyspace_, "h").wrong_type());
  EXPECT_EQ(Get("a"), std::nullopt);
}

TEST_F(HashTest, RolledBackChangeNeverHappened) {
  Set({"a", "1"});
  const Transaction::Mark mark = transaction_.mark();
  Set({"a", "2", "b", std::string(100, 'x')});
  transaction_.RollbackTo(mark);
  EXPECT_THAT(All(), ElementsAre(Pair("a", "1")));
  EXPECT_EQ(encoding(), Encoding::kInline);
}

TEST_F(HashTest, SampleGivesDifferentFields) {
  for (const uint64_t limit : {128, 0}) {
    transaction_.mutable_limits().hash_max_listpack_entries = limit;
    keyspace_.Remove("h");
    for (int i = 0; i < 50; ++i) Set({"f" + std::to_string(i), std::to_string(i)});
    for (const uint64_t count : {0, 1, 5, 30, 50, 90}) {
      std::set<std::string> fields;
      Hash(keyspace_, "h").elements().Sample(count, [&](std::string_view field, std::string_view value) {
        EXPECT_EQ(Get(field), value);
        EXPECT_TRUE(fields.emplace(field).second);
        return true;
      });
      EXPECT_EQ(fields.size(), std::min<uint64_t>(count, 50));
    }
  }
}

TEST_F(HashTest, EveryFieldIsChosenSometimes) {
  for (const uint64_t limit : {128, 0}) {
    transaction_.mutable_limits().hash_max_listpack_entries = limit;
    keyspace_.Remove("h");
    for (int i = 0; i < 10; ++i) Set({"f" + std::to_string(i), ""});
    std::map<std::string, int> single;
    std::map<std::string, int> repeated;
    const Hash hash(keyspace_, "h");
    for (int i = 0; i < 5000; ++i) {
      hash.elements().Sample(
          1, [&](std::string_view field, std::string_view) { return ++single[std::string(field)] > 0; });
    }
    hash.elements().SampleWithRepeats(
        5000, [&](std::string_view field, std::string_view) { return ++repeated[std::string(field)] > 0; });
    EXPECT_EQ(single.size(), 10U);
    EXPECT_EQ(repeated.size(), 10U);
    for (const auto& [field, times] : single) EXPECT_NEAR(times, 500, 120) << field;
    for (const auto& [field, times] : repeated) EXPECT_NEAR(times, 500, 120) << field;
  }
}

// Random changes against a std::map, across the encodings and all lengths of fields.
class HashModelTest : public HashTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  std::string Field() {
    std::string field = std::to_string(random_() % 40);
    // Long ones share more than the 400 bytes that stand in a map key.
    switch (random_() % 6) {
      case 0:
        return std::string(420, 'f') + field;
      case 1:
        return std::string(600, 'f') + field;
      default:
        return field;
    }
  }

  void Step() {
    const std::string field = Field();
    if (random_() % 3 != 0) {
      const std::string value(random_() % 90, static_cast<char>('a' + random_() % 3));
      EXPECT_EQ(Set({field, value}), model_.count(field) == 0 ? 1U : 0U);
      model_[field] = value;
    } else {
      EXPECT_EQ(Remove({field}), model_.erase(field));
    }
  }

  void Check() {
    EXPECT_THAT(All(), UnorderedElementsAreArray(model_.begin(), model_.end()));
    const std::optional<Entry> entry = keyspace_.Find("h");
    ASSERT_EQ(entry.has_value(), !model_.empty());
    if (!entry) return;
    uint64_t bytes = 0;
    for (const auto& [field, value] : model_) bytes += field.size() + value.size();
    EXPECT_EQ(entry->count, model_.size());
    EXPECT_EQ(entry->bytes, bytes);
  }

  std::mt19937_64 random_{GetParam()};
  std::map<std::string, std::string> model_;
};

TEST_P(HashModelTest, AgreesWithAMap) {
  for (int i = 0; i < 600; ++i) {
    Step();
    if (i % 20 == 0) Check();
    if (random_() % 100 == 0) {
      model_.clear();
      keyspace_.Remove("h");
    }
  }
  Check();
}

TEST_P(HashModelTest, ScanReturnsWhatIsPresentThroughout) {
  for (int i = 0; i < 300; ++i) Step();
  std::map<std::string, std::string> throughout = model_;
  std::set<std::string> seen;
  uint64_t cursor = 0;
  do {
    cursor = Hash(keyspace_, "h").elements().Scan(cursor, 3, [&](std::string_view field, std::string_view) {
      seen.emplace(field);
      return true;
    });
    EXPECT_LT(cursor, uint64_t{1} << 52);
    for (int i = 0; i < 3; ++i) Step();
    std::erase_if(throughout, [&](const auto& pair) { return model_.count(pair.first) == 0; });
  } while (cursor != 0);
  EXPECT_FALSE(throughout.empty());
  for (const auto& [field, value] : throughout) EXPECT_TRUE(seen.count(field) == 1) << field;
}

INSTANTIATE_TEST_SUITE_P(Seeds, HashModelTest, ::testing::Range<uint64_t>(1, 9));

TEST_F(HashTest, ScanOfASmallHashGivesItWhole) {
  Set({"a", "1", "b", "2", "c", "3"});
  Pairs pairs;
  const uint64_t cursor =
      Hash(keyspace_, "h").elements().Scan(0, 1, [&](std::string_view field, std::string_view value) {
        pairs.emplace_back(field, value);
        return true;
      });
  EXPECT_EQ(cursor, 0U);
  EXPECT_THAT(pairs, ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("c", "3")));
}

TEST_F(HashTest, ScanOfAGrownHashWithoutChangesGivesEachFieldOnce) {
  for (int i = 0; i < 500; ++i) Set({"f" + std::to_string(i), "v"});
  std::multiset<std::string> seen;
  uint64_t cursor = 0;
  int calls = 0;
  do {
    cursor = Hash(keyspace_, "h").elements().Scan(cursor, 10, [&](std::string_view field, std::string_view) {
      seen.emplace(field);
      return true;
    });
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(seen.size(), 500U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 500U);
  EXPECT_EQ(calls, 50);
}

}  // namespace
}  // namespace holdfast::storage
