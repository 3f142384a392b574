// Hashes of which fields expire.

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/expiry.h"
#include "storage/hash.h"
#include "storage/list.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

using Words = std::vector<std::string_view>;

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

class HashExpiryTest : public ::testing::Test {
 protected:
  HashExpiryTest() {
    transaction_.set_now(At(1000));
    transaction_.set_event_classes(UINT32_MAX);
  }

  uint64_t Set(const Words& fields_and_values) { return Hash(keyspace_, "h").Set(fields_and_values); }
  uint64_t Remove(const Words& fields) { return Hash(keyspace_, "h").Remove(fields); }
  std::optional<std::string_view> Get(std::string_view field) { return Hash(keyspace_, "h").Get(field); }
  std::optional<absl::Time> Due(std::string_view field) { return Hash(keyspace_, "h").Due(field); }
  void Expire(const Words& fields, absl::Time due, std::string_view key = "h") {
    Hash hash(keyspace_, key);
    for (const std::string_view field : fields) hash.Expire(field, due);
    hash.Save();
  }

  std::map<std::string, std::string> All() {
    std::map<std::string, std::string> all;
    Hash(keyspace_, "h").elements().Visit([&](std::string_view field, std::string_view value) {
      return all.emplace(field, value).second;
    });
    return all;
  }

  // What happened since the last call, in order.
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const Event& event : transaction_.TakeEvents()) {
      events.push_back(std::string(event.name) + " " + event.key);
    }
    return events;
  }

  std::vector<std::string> KeysOf(Table table) {
    std::vector<std::string> keys;
    const std::string prefix(1, static_cast<char>(table));
    const std::unique_ptr<Cursor> at = transaction_.NewCursor();
    for (at->Seek(prefix); at->valid() && at->key().starts_with(prefix); at->Next()) {
      keys.emplace_back(at->key());
    }
    return keys;
  }

  View view_;
  Transaction transaction_{view_, 42};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(HashExpiryTest, FieldsTellWhenTheyExpire) {
  Set({"a", "1", "b", "2"});
  Expire({"a"}, At(1010));
  EXPECT_EQ(Due("a"), At(1010));
  EXPECT_EQ(Due("b"), absl::InfiniteFuture());
  EXPECT_EQ(Due("nosuch"), std::nullopt);
  Expire({"a"}, absl::InfiniteFuture());
  EXPECT_EQ(Due("a"), absl::InfiniteFuture());
  EXPECT_EQ(NextDue(transaction_), std::nullopt);
}

TEST_F(HashExpiryTest, ReadsSeeNoFieldPastItsTimeAndChangeNothing) {
  Set({"a", "1", "b", "2", "c", "3"});
  Expire({"a", "b"}, At(1010));
  transaction_.set_now(At(1010));
  const size_t effects = transaction_.mark().changes;
  const Hash hash(keyspace_, "h");
  EXPECT_EQ(hash.size(), 1U);
  EXPECT_FALSE(hash.empty());
  EXPECT_EQ(hash.Get("a"), std::nullopt);
  EXPECT_EQ(hash.Due("a"), std::nullopt);
  EXPECT_EQ(hash.Get("c"), "3");
  EXPECT_THAT(All(), ElementsAre(Pair("c", "3")));
  std::vector<std::string> scanned;
  EXPECT_EQ(hash.elements().Scan(0, 10,
                                 [&](std::string_view field, std::string_view) {
                                   scanned.emplace_back(field);
                                   return true;
                                 }),
            0U);
  EXPECT_THAT(scanned, ElementsAre("c"));
  EXPECT_EQ(transaction_.mark().changes, effects);
}

// HRANDFIELD: of any part that is past its time, whichever way the sample is taken.
TEST_F(HashExpiryTest, SamplesHoldOnlyPresentFieldsAndEachOfThem) {
  for (const int past : {1, 80, 190}) {
    keyspace_.Remove("h");
    transaction_.set_now(At(1000));
    for (int i = 0; i < 200; ++i) Set({"f" + std::to_string(i), ""});
    std::set<std::string> present;
    for (int i = 0; i < 200; ++i) {
      const std::string field = "f" + std::to_string(i);
      if (i < past) {
        Expire({field}, At(1001));
      } else {
        present.insert(field);
      }
    }
    transaction_.set_now(At(1001));
    const Hash hash(keyspace_, "h");
    std::set<std::string> single;
    int chosen = 0;
    for (int i = 0; i < 3500; ++i) {
      hash.elements().Sample(1, [&](std::string_view field, std::string_view) {
        single.emplace(field);
        return ++chosen > 0;
      });
    }
    EXPECT_EQ(chosen, 3500);
    EXPECT_EQ(single, present);
    for (const uint64_t count : {2, 20, 600}) {
      std::set<std::string> some;
      hash.elements().Sample(
          count, [&](std::string_view field, std::string_view) { return some.emplace(field).second; });
      EXPECT_EQ(some.size(), std::min<uint64_t>(count, present.size()));
      uint64_t repeats = 0;
      hash.elements().SampleWithRepeats(count, [&](std::string_view field, std::string_view) {
        return present.contains(std::string(field)) && ++repeats > 0;
      });
      EXPECT_EQ(repeats, count);
    }
  }
}

TEST_F(HashExpiryTest, ASetFieldExpiresNoLonger) {
  Set({"a", "1", "b", "2"});
  Expire({"a", "b"}, At(1010));
  EXPECT_EQ(Set({"a", "1"}), 0U) << "also by the value that it has";
  EXPECT_EQ(Due("a"), absl::InfiniteFuture());
  EXPECT_EQ(Due("b"), At(1010));
}

TEST_F(HashExpiryTest, AnUpdatedFieldKeepsItsTime) {
  Set({"a", "1"});
  Expire({"a"}, At(1010));
  Hash(keyspace_, "h").Update("a", "2");
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(Due("a"), At(1010));
  Hash(keyspace_, "h").Update("new", "3");
  EXPECT_EQ(Due("new"), absl::InfiniteFuture());
}

TEST_F(HashExpiryTest, AFieldPastItsTimeBeginsAnew) {
  Set({"a", "1", "b", "2", "c", "3"});
  Expire({"a", "b"}, At(1010));
  transaction_.set_now(At(1010));
  EXPECT_EQ(Set({"a", "new", "c", "new"}), 1U);
  Hash(keyspace_, "h").Update("b", "newer");
  EXPECT_THAT(All(), ElementsAre(Pair("a", "new"), Pair("b", "newer"), Pair("c", "new")));
  EXPECT_EQ(Due("a"), absl::InfiniteFuture());
  EXPECT_EQ(Due("b"), absl::InfiniteFuture());
  EXPECT_EQ(ExpireOne(transaction_), std::nullopt);
  EXPECT_EQ(keyspace_.Find("h")->bytes, 3U + 11U);
}

TEST_F(HashExpiryTest, ARemovedFieldTakesItsTimeAlong) {
  Set({"a", "1", "b", "2"});
  Expire({"a"}, At(1010));
  EXPECT_EQ(Remove({"a"}), 1U);
  EXPECT_EQ(NextDue(transaction_), std::nullopt);
  EXPECT_EQ(Set({"a", "1"}), 1U);
  EXPECT_EQ(Due("a"), absl::InfiniteFuture());
  Expire({"a"}, At(1010));
  transaction_.set_now(At(1010));
  EXPECT_EQ(Remove({"a"}), 0U) << "it was gone";
}

TEST_F(HashExpiryTest, HashWithoutTimesLeavesNothingBehind) {
  Set({"a", "1", "b", "2"});
  Expire({"a", "b"}, At(1010));
  Expire({"a"}, absl::InfiniteFuture());
  Remove({"a", "b"});
  EXPECT_EQ(keyspace_.Find("h"), std::nullopt);
  const std::unique_ptr<Cursor> at = transaction_.NewCursor();
  at->Seek("");
  EXPECT_FALSE(at->valid()) << "left over: " << at->key();
}

TEST_F(HashExpiryTest, ATimeThatIsPastTakesTheFieldAtOnce) {
  Set({"a", "1", "b", "2"});
  {
    Hash hash(keyspace_, "h");
    hash.Expire("a", At(1000));
    EXPECT_EQ(hash.Get("a"), std::nullopt) << "before Save";
    hash.Save();
  }
  EXPECT_THAT(All(), ElementsAre(Pair("b", "2")));
  Expire({"b"}, At(1));
  EXPECT_EQ(keyspace_.Find("h"), std::nullopt);
}

TEST_F(HashExpiryTest, TheKeyGoesWithItsLastField) {
  Set({"a", "1", "b", "2"});
  Expire({"a"}, At(1010));
  Expire({"b"}, At(1020));
  transaction_.set_now(At(1010));
  EXPECT_TRUE(keyspace_.Find("h"));
  transaction_.set_now(At(1020));
  EXPECT_EQ(keyspace_.Find("h"), std::nullopt);
  EXPECT_EQ(keyspace_.Scan(0, 10, [](std::string_view key, const Entry&) { FAIL() << key; }), 0U);
  EXPECT_TRUE(Hash(keyspace_, "h").empty());
  const std::string_view element = "x";
  EXPECT_FALSE(List(keyspace_, "h").wrong_type());
  (void)Events();
  List(keyspace_, "h").Push(End::kFront, {&element, 1});
  EXPECT_THAT(Events(), ElementsAre("hexpired h", "del h", "new h"));
  EXPECT_EQ(keyspace_.size(), 1U);
  EXPECT_EQ(ExpireOne(transaction_), std::nullopt);
  ASSERT_EQ(KeysOf(Table::kTrash).size(), 1U);
  EXPECT_EQ(transaction_.Get(KeysOf(Table::kTrash)[0]), "HVY");
}

TEST_F(HashExpiryTest, RemovingTheLastPresentFieldDeletesTheKeyWithWhatIsPast) {
  Set({"a", "1", "b", "2", "c", "3"});
  Expire({"a", "b"}, At(1010));
  transaction_.set_now(At(1010));
  EXPECT_EQ(Remove({"c"}), 1U);
  EXPECT_EQ(keyspace_.size(), 0U);
  EXPECT_EQ(ExpireOne(transaction_), std::nullopt);
  EXPECT_EQ(transaction_.Get(KeysOf(Table::kTrash).at(0)), "HVY");
}

TEST_F(HashExpiryTest, TheExpirerTakesFieldsInTheOrderOfTheirTimes) {
  Set({"a", "1", "b", "2", "c", "3"});
  const std::string_view pair[] = {"x", "1"};
  Hash(keyspace_, "other").Set(pair);
  Expire({"a"}, At(1030));
  Expire({"b"}, At(1010));
  Expire({"x"}, At(1020), "other");
  transaction_.set_now(At(1030));
  transaction_.ClearTouches();
  (void)Events();
  EXPECT_EQ(ExpireOne(transaction_), 2U);
  EXPECT_THAT(Events(), ElementsAre("hexpired h"));
  EXPECT_THAT(transaction_.touches(), testing::SizeIs(1)) << "a WATCH must see it";
  EXPECT_EQ(ExpireOne(transaction_), 1U);
  EXPECT_THAT(Events(), ElementsAre("hexpired other", "del other"));
  EXPECT_THAT(transaction_.touches(), testing::SizeIs(2));
  EXPECT_EQ(ExpireOne(transaction_), std::nullopt);
  EXPECT_THAT(All(), ElementsAre(Pair("c", "3")));
  EXPECT_EQ(keyspace_.Find("h")->count, 1U);
}

TEST_F(HashExpiryTest, TheExpirerTakesManyFieldsInSteps) {
  Set({"stays", ""});
  for (int i = 0; i < 200; ++i) {
    const std::string field = "f" + std::to_string(i);
    Set({field, ""});
    Expire({field}, At(1001 + i));
  }
  transaction_.set_now(At(1150));
  uint64_t fields = 0;
  int steps = 0;
  while (const auto expired = ExpireOne(transaction_)) {
    EXPECT_EQ(transaction_.lookups().expired, 0U);
    fields += *expired;
    ++steps;
  }
  EXPECT_EQ(fields, 150U);
  EXPECT_GE(steps, 3);
  EXPECT_EQ(keyspace_.Find("h")->count, 51U);
  EXPECT_EQ(NextDue(transaction_), At(1151));
}

TEST_F(HashExpiryTest, AHashThatIsGoneGoesInOneStep) {
  for (int i = 0; i < 500; ++i) {
    const std::string field = "f" + std::to_string(i);
    Set({field, ""});
    Expire({field}, At(1001));
  }
  transaction_.set_now(At(1001));
  const size_t effects = transaction_.mark().changes;
  const std::optional<uint64_t> expired = ExpireOne(transaction_);
  EXPECT_EQ(expired, 500U);
  EXPECT_EQ(transaction_.lookups().expired, 0U);
  EXPECT_LE(transaction_.mark().changes - effects, 3U);
  EXPECT_EQ(ExpireOne(transaction_), std::nullopt);
}

TEST_F(HashExpiryTest, TheKeysOwnTimeAndThoseOfFieldsStandInOneIndex) {
  Set({"a", "1", "b", "2"});
  Expire({"a"}, At(1020));
  Slot slot = keyspace_.Look("h");
  slot.entry->expires = At(1010);
  keyspace_.Save(slot);
  EXPECT_EQ(NextDue(transaction_), At(1010));
  Expire({"b"}, At(1005));
  EXPECT_EQ(NextDue(transaction_), At(1005));
  EXPECT_EQ(KeysOf(Table::kExpiry).size(), 1U);
  transaction_.set_now(At(1005));
  EXPECT_EQ(ExpireOne(transaction_), 1U);
  EXPECT_EQ(NextDue(transaction_), At(1010));
  transaction_.set_now(At(1010));
  (void)Events();
  EXPECT_EQ(ExpireOne(transaction_), 0U);
  EXPECT_EQ(transaction_.lookups().expired, 1U);
  EXPECT_THAT(Events(), ElementsAre("expired h"));
  EXPECT_THAT(KeysOf(Table::kExpiry), IsEmpty());
}

TEST_F(HashExpiryTest, AHashWhoseFieldsDoNotExpireKnowsNothingOfTimes) {
  transaction_.mutable_limits().hash_max_listpack_entries = 0;
  Set({"a", "1"});
  const std::string before(*transaction_.Get(keyspace_.Look("h").map_key));
  Expire({"a"}, At(1010));
  EXPECT_NE(transaction_.Get(keyspace_.Look("h").map_key), before);
  Expire({"a"}, absl::InfiniteFuture());
  EXPECT_EQ(transaction_.Get(keyspace_.Look("h").map_key), before);
  keyspace_.Remove("h");
  EXPECT_EQ(transaction_.Get(KeysOf(Table::kTrash).at(0)), "H");
}

TEST_F(HashExpiryTest, TimesAreStoredAsTheFormatSays) {
  const std::string lengthy(401, 'f');
  Set({"busy", "3", lengthy, "4"});
  Expire({"busy"}, absl::FromUnixMillis(0x0102030405));
  Expire({lengthy}, absl::FromUnixMillis(0x0102030406));
  const std::string id = TablePrefix(Table::kField, keyspace_.Find("h")->id).substr(1);
  const std::string zero(3, '\0');
  std::string name;
  AppendBounded(name, transaction_.Hash("busy"), "busy");
  EXPECT_EQ(transaction_.Get("V" + id + name), zero + "\1\2\3\4\5");
  EXPECT_EQ(transaction_.Get("Y" + id + zero + "\1\2\3\4\5" + name), "");
  std::string long_name;
  AppendBounded(long_name, transaction_.Hash(lengthy), lengthy);
  EXPECT_EQ(transaction_.Get("V" + id + long_name), zero + "\1\2\3\4\6");
  EXPECT_EQ(transaction_.Get("Y" + id + zero + "\1\2\3\4\6" + long_name), lengthy);
  EXPECT_EQ(transaction_.Get(keyspace_.Look("h").map_key),
            "\4\2\4" + zero + "\1\2\3\4\5" + zero + "\1\2\3\4\6" + "\2" + "\2" + "\x97\3" + id);
}

TEST_F(HashExpiryTest, RolledBackTimesNeverWere) {
  Set({"a", "1"});
  const Transaction::Mark mark = transaction_.mark();
  Expire({"a"}, At(1010));
  transaction_.RollbackTo(mark);
  EXPECT_EQ(Due("a"), absl::InfiniteFuture());
  EXPECT_EQ(NextDue(transaction_), std::nullopt);
  Expire({"a"}, At(1010));
  transaction_.set_now(At(1010));
  const Transaction::Mark later = transaction_.mark();
  EXPECT_TRUE(ExpireOne(transaction_));
  transaction_.RollbackTo(later);
  transaction_.set_now(At(1009));
  EXPECT_EQ(Get("a"), "1");
}

// Random commands against a map, while time goes by and the expirer comes now and then.
class HashExpiryModelTest : public HashExpiryTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  struct Value {
    std::string bytes;
    absl::Time due = absl::InfiniteFuture();
  };

  std::string Field() {
    const std::string field = std::to_string(random_() % 20);
    return random_() % 5 == 0 ? std::string(420, 'f') + field : field;
  }

  void Step() {
    transaction_.set_now(transaction_.now() + absl::Milliseconds(random_() % 300));
    std::erase_if(model_, [&](const auto& pair) { return pair.second.due <= transaction_.now(); });
    const std::string field = Field();
    const std::string value(random_() % 80, static_cast<char>('a' + random_() % 3));
    switch (random_() % 7) {
      case 0:
        EXPECT_EQ(Remove({field}), model_.erase(field));
        break;
      case 1:
        Hash(keyspace_, "h").Update(field, value);
        model_[field].bytes = value;
        break;
      case 2:
        (void)ExpireOne(transaction_);
        break;
      case 3:
      case 4:
        if (model_.contains(field)) {
          const absl::Duration left = absl::Milliseconds(static_cast<int64_t>(random_() % 3000) - 100);
          Expire({field}, transaction_.now() + left);
          model_[field].due = transaction_.now() + left;
          if (left <= absl::ZeroDuration()) model_.erase(field);
        }
        break;
      default:
        EXPECT_EQ(Set({field, value}), model_.contains(field) ? 0U : 1U);
        model_[field] = {value};
    }
  }

  void Check() {
    std::map<std::string, std::string> wanted;
    for (const auto& [field, value] : model_) wanted.emplace(field, value.bytes);
    EXPECT_THAT(All(), UnorderedElementsAreArray(wanted));
    EXPECT_EQ(Hash(keyspace_, "h").size(), model_.size());
    EXPECT_EQ(keyspace_.Find("h").has_value(), !model_.empty());
    for (const auto& [field, value] : model_) EXPECT_EQ(Due(field), value.due);
  }

  std::mt19937_64 random_{GetParam()};
  std::map<std::string, Value> model_;
};

TEST_P(HashExpiryModelTest, AgreesWithAMap) {
  for (int i = 0; i < 2000; ++i) {
    Step();
    Check();
    ASSERT_FALSE(HasFailure()) << "step " << i;
  }
  transaction_.set_now(transaction_.now() + absl::Seconds(10));
  while (ExpireOne(transaction_)) {
  }
  EXPECT_THAT(KeysOf(Table::kExpiry), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, HashExpiryModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace holdfast::storage
