#include "storage/field_times.h"

#include <map>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/codec.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time At(int64_t milliseconds) { return absl::FromUnixMillis(milliseconds); }

class FieldTimesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const std::unique_ptr<Cursor> at = transaction_.NewCursor();
    for (at->Seek(""); at->valid(); at->Next()) keys.emplace_back(at->key());
    return keys;
  }

  View view_;
  Transaction transaction_{view_, 42};
  FieldDues dues_;
  FieldTimes times_{transaction_, 9};
};

TEST_F(FieldTimesTest, RemembersEachTimeAndTheirEnds) {
  times_.Set("a", At(300), dues_);
  times_.Set("b", At(100), dues_);
  times_.Set("c", At(200), dues_);
  EXPECT_EQ(times_.DueOf("b"), At(100));
  EXPECT_EQ(times_.DueOf("nosuch"), absl::InfiniteFuture());
  EXPECT_EQ(dues_, (FieldDues{3, At(100), At(300)}));
  times_.Set("b", At(400), dues_);
  EXPECT_EQ(times_.DueOf("b"), At(400));
  EXPECT_EQ(dues_, (FieldDues{3, At(200), At(400)}));
}

TEST_F(FieldTimesTest, ClearedTimesLeaveNothingBehind) {
  const std::string lengthy(5000, 'f');
  for (const std::string& field : {std::string("a"), lengthy, std::string()}) {
    times_.Set(field, At(100), dues_);
    times_.Set(field, At(200), dues_);
  }
  EXPECT_EQ(dues_, (FieldDues{3, At(200), At(200)}));
  EXPECT_TRUE(times_.Clear(lengthy, dues_));
  EXPECT_FALSE(times_.Clear(lengthy, dues_));
  EXPECT_FALSE(times_.Clear("nosuch", dues_));
  EXPECT_TRUE(times_.Clear("a", dues_));
  EXPECT_TRUE(times_.Clear("", dues_));
  EXPECT_EQ(dues_, FieldDues());
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(FieldTimesTest, TakesTheFirstDueInFront) {
  const std::string lengthy(5000, 'f');
  times_.Set("late", At(301), dues_);
  times_.Set(lengthy, At(200), dues_);
  times_.Set("b", At(300), dues_);
  times_.Set("a", At(100), dues_);
  EXPECT_THAT(times_.TakeDue(At(99), 10, dues_), IsEmpty());
  EXPECT_EQ(times_.CountDue(At(300)), 3U);
  EXPECT_THAT(times_.TakeDue(At(300), 2, dues_), ElementsAre("a", lengthy));
  EXPECT_EQ(dues_, (FieldDues{2, At(300), At(301)}));
  EXPECT_THAT(times_.TakeDue(At(300), 2, dues_), ElementsAre("b"));
  EXPECT_EQ(dues_, (FieldDues{1, At(301), At(301)}));
  EXPECT_THAT(times_.TakeDue(At(301), 2, dues_), ElementsAre("late"));
  EXPECT_EQ(dues_, FieldDues());
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(FieldTimesTest, NeighboursAreOtherHashes) {
  FieldDues others;
  FieldTimes before(transaction_, 8);
  FieldTimes behind(transaction_, 10);
  before.Set("x", At(1), others);
  behind.Set("y", At(2), others);
  times_.Set("a", At(100), dues_);
  EXPECT_EQ(times_.CountDue(At(1000)), 1U);
  EXPECT_THAT(times_.TakeDue(At(1000), 10, dues_), ElementsAre("a"));
  EXPECT_EQ(dues_, FieldDues());
  EXPECT_EQ(times_.DueOf("x"), absl::InfiniteFuture());
}

TEST_F(FieldTimesTest, ASieveTellsOfOneFieldAfterAnotherInTheOrderOfTheirHash) {
  std::map<uint64_t, std::string> fields;
  for (int i = 0; i < 300; ++i) {
    const std::string field = (i % 7 == 0 ? std::string(500, 'f') : "f") + std::to_string(i);
    fields.emplace(transaction_.Hash(field), field);
    if (i % 3 > 0) times_.Set(field, At(100 * (i % 3)), dues_);
  }
  FieldTimes behind(transaction_, 10);
  FieldDues others;
  behind.Set("x", At(1), others);
  // From the beginning, and from somewhere on, as a scan goes on.
  for (const size_t skipped : {0, 100}) {
    FieldTimes::Sieve sieve(times_, At(100));
    for (auto field = std::next(fields.begin(), static_cast<std::ptrdiff_t>(skipped)); field != fields.end();
         ++field) {
      EXPECT_EQ(sieve.IsDue(field->second), times_.DueOf(field->second) <= At(100));
    }
  }
}

TEST_F(FieldTimesTest, ATimeThatWasLostToDamageEndsNoSweep) {
  times_.Set("a", At(100), dues_);
  times_.Set("b", At(200), dues_);
  for (const std::string& key : Keys()) {
    if (key[0] == static_cast<char>(Table::kDueField)) transaction_.Delete(key);
  }
  EXPECT_THAT(times_.TakeDue(At(1000), 10, dues_), IsEmpty());
  EXPECT_EQ(dues_, FieldDues());
}

TEST_F(FieldTimesTest, AgreesWithAMap) {
  std::mt19937_64 random(3);
  std::map<std::string, absl::Time> model;
  for (int step = 0; step < 3000; ++step) {
    const std::string field = "f" + std::to_string(random() % 30);
    if (random() % 3 == 0) {
      EXPECT_EQ(times_.Clear(field, dues_), model.erase(field) > 0);
    } else {
      model[field] = At(static_cast<int64_t>(random() % 50));
      times_.Set(field, model[field], dues_);
    }
    FieldDues wanted{model.size(), absl::InfiniteFuture(), absl::InfinitePast()};
    for (const auto& [name, due] : model) {
      wanted.first = std::min(wanted.first, due);
      wanted.last = std::max(wanted.last, due);
    }
    if (model.empty()) wanted = FieldDues();
    ASSERT_EQ(dues_, wanted) << "step " << step;
    ASSERT_EQ(times_.DueOf(field), model.contains(field) ? model[field] : absl::InfiniteFuture());
  }
}

}  // namespace
}  // namespace holdfast::storage
