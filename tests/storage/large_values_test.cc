// Values that LMDB puts together from chunks: what a walk hands out must outlast the walk's next step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "storage/hash.h"
#include "storage/keyspace.h"
#include "storage/sorted_set.h"
#include "storage/string.h"
#include "tests/storage/layers.h"

namespace holdfast::storage {
namespace {

using ::testing::UnorderedElementsAreArray;

class LargeValuesTest : public testing::Test {
 protected:
  // Moves everything into LMDB and ends the turn.
  void Checkpoint() {
    transaction_.Clear();
    layers_.Freeze();
    layers_.Apply();
  }

  // Five of different bytes, all of them chunked.
  static std::vector<std::string> LargeStrings() {
    std::vector<std::string> strings;
    for (char c = 'a'; c < 'f'; ++c) strings.emplace_back(100'000 + static_cast<size_t>(c), c);
    return strings;
  }

  static std::vector<std::string> Owned(const std::vector<std::string_view>& views) {
    return {views.begin(), views.end()};
  }

  Layers layers_;
  Transaction transaction_{layers_.view(), 99};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(LargeValuesTest, HashValuesOutlastScanVisitAndSample) {
  for (const std::string& value : LargeStrings()) {
    const std::string field = "field " + value.substr(0, 1);
    const std::string_view pair[] = {field, value};
    Hash(keyspace_, "h").Set(pair);
  }
  Checkpoint();
  const Hash hash(keyspace_, "h");
  std::vector<std::string_view> values;
  const auto collect = [&](std::string_view, std::string_view value) {
    values.push_back(value);
    return true;
  };
  hash.elements().Visit(collect);
  EXPECT_THAT(Owned(values), UnorderedElementsAreArray(LargeStrings()));
  values.clear();
  EXPECT_EQ(hash.elements().Scan(0, 100, collect), 0U);
  EXPECT_THAT(Owned(values), UnorderedElementsAreArray(LargeStrings()));
  values.clear();
  hash.elements().Sample(5, collect);
  EXPECT_THAT(Owned(values), UnorderedElementsAreArray(LargeStrings()));
}

TEST_F(LargeValuesTest, MembersOfSortedSetsOutlastRangeAndScan) {
  for (const std::string& member : LargeStrings()) {
    const ScoredMember element{member, 1};
    SortedSet(keyspace_, "z").Add({&element, 1});
  }
  Checkpoint();
  SortedSet set(keyspace_, "z");
  std::vector<std::string_view> members;
  for (const ScoredMember& element : set.SelectRanks(0, 10, Direction::kForward)) {
    members.push_back(element.member);
  }
  EXPECT_EQ(Owned(members), LargeStrings());
  members.clear();
  EXPECT_EQ(set.Scan(0, 100, [&](const ScoredMember& element) { members.push_back(element.member); }), 0U);
  EXPECT_THAT(Owned(members), UnorderedElementsAreArray(LargeStrings()));
  members.clear();
  for (const ScoredMember& element : set.Pop(Direction::kReverse, 10)) members.push_back(element.member);
  EXPECT_THAT(Owned(members), UnorderedElementsAreArray(LargeStrings()));
}

TEST_F(LargeValuesTest, LongKeysOfLargeValuesOutlastScan) {
  std::vector<std::string> keys;
  for (const std::string& value : LargeStrings()) {
    keys.push_back(value.substr(0, 500));
    String(keyspace_, keys.back()).Set(value);
  }
  Checkpoint();
  std::vector<std::string_view> found;
  EXPECT_EQ(keyspace_.Scan(0, 100, [&](std::string_view key, const Entry&) { found.push_back(key); }), 0U);
  EXPECT_THAT(Owned(found), UnorderedElementsAreArray(keys));
}

}  // namespace
}  // namespace holdfast::storage
