#include "storage/sorted_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/codec.h"
#include "storage/transaction.h"
#include "storage/view.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kForward = Direction::kForward;
constexpr auto kReverse = Direction::kReverse;

using Pair = std::pair<std::string, double>;

class SortedSetTest : public ::testing::Test {
 protected:
  SortedSet Set(std::string_view key = "z") { return SortedSet(keyspace_, key); }

  // Makes new sets start in the one-entry-an-element form.
  void ForbidInlineForm() { transaction_.mutable_limits().zset_max_listpack_entries = 0; }

  void AddPairs(const std::vector<Pair>& pairs) {
    std::vector<ScoredMember> members;
    for (const auto& [member, score] : pairs) members.push_back({member, score});
    Set().Add(members);
  }

  std::vector<Pair> All(Direction direction = kForward) {
    return Owned(Set().SelectRanks(0, UINT64_MAX, direction));
  }

  static std::vector<Pair> Owned(const std::vector<ScoredMember>& elements) {
    std::vector<Pair> pairs;
    for (const ScoredMember& element : elements) pairs.emplace_back(element.member, element.score);
    return pairs;
  }

  static std::vector<std::string> Members(const std::vector<ScoredMember>& elements) {
    std::vector<std::string> members;
    for (const ScoredMember& element : elements) members.emplace_back(element.member);
    return members;
  }

  uint64_t RemoveMember(std::string_view member) { return Set().Remove({&member, 1}); }

  // How many map entries of `table` there are.
  size_t CountTable(Table table) {
    std::string prefix(1, static_cast<char>(table));
    auto cursor = transaction_.NewCursor();
    size_t count = 0;
    for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) ++count;
    return count;
  }

  View view_;
  Transaction transaction_{view_, 4711};
  Keyspace keyspace_{transaction_, 0};
};

// The same claims for both forms.
class SortedSetFormTest : public SortedSetTest, public ::testing::WithParamInterface<Encoding> {
 protected:
  SortedSetFormTest() {
    if (GetParam() == Encoding::kElements) ForbidInlineForm();
  }
};

INSTANTIATE_TEST_SUITE_P(Forms, SortedSetFormTest, ::testing::Values(Encoding::kInline, Encoding::kElements),
                         [](const auto& form) {
                           return form.param == Encoding::kInline ? "Inline" : "Elements";
                         });

TEST_P(SortedSetFormTest, OrdersByScoreThenMemberBytes) {
  AddPairs({{"b", 1}, {"a", 1}, {"\xff", 1}, {"z", -3.5}, {"", 1}, {"top", kInfinity}, {"low", -kInfinity}});
  EXPECT_THAT(All(), ElementsAre(Pair{"low", -kInfinity}, Pair{"z", -3.5}, Pair{"", 1}, Pair{"a", 1},
                                 Pair{"b", 1}, Pair{"\xff", 1}, Pair{"top", kInfinity}));
  std::vector<Pair> reversed = All();
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(All(kReverse), reversed);
  EXPECT_EQ(keyspace_.Find("z")->encoding, GetParam());
}

TEST_P(SortedSetFormTest, NegativeZeroEqualsZero) {
  AddPairs({{"b", -0.0}, {"a", 0.0}});
  EXPECT_THAT(All(), ElementsAre(Pair{"a", 0}, Pair{"b", 0}));
  transaction_.ClearTouches();
  AddPairs({{"a", -0.0}});
  EXPECT_THAT(transaction_.touches(), IsEmpty());
}

TEST_P(SortedSetFormTest, AddCountsNewAndChanged) {
  AddPairs({{"a", 1}, {"b", 2}});
  std::vector<ScoredMember> members{{"a", 1}, {"b", 3}, {"c", 4}, {"c", 5}};
  SortedSet::AddResult result = Set().Add(members);
  EXPECT_EQ(result.added, 1U);
  EXPECT_EQ(result.updated, 2U);
  EXPECT_THAT(All(), ElementsAre(Pair{"a", 1}, Pair{"b", 3}, Pair{"c", 5}));
}

TEST_P(SortedSetFormTest, RulesDecideWhatAddMayDo) {
  using Rule = AddRule;
  AddPairs({{"a", 5}});
  auto add = [&](std::string_view member, double score, Rule rule) {
    ScoredMember element{member, score};
    SortedSet::AddResult result = Set().Add({&element, 1}, rule);
    return result.added + result.updated;
  };
  EXPECT_EQ(add("a", 6, {Rule::Existence::kOnlyNew, {}}), 0U);
  EXPECT_EQ(add("n", 6, {Rule::Existence::kOnlyExisting, {}}), 0U);
  EXPECT_EQ(add("a", 5, {{}, Rule::Change::kOnlyGreater}), 0U);
  EXPECT_EQ(add("a", 6, {{}, Rule::Change::kOnlyGreater}), 1U);
  EXPECT_EQ(add("a", 7, {{}, Rule::Change::kOnlyLess}), 0U);
  EXPECT_EQ(add("a", 4, {Rule::Existence::kOnlyExisting, Rule::Change::kOnlyLess}), 1U);
  EXPECT_EQ(add("new", 1, {{}, Rule::Change::kOnlyGreater}), 1U);
  EXPECT_THAT(All(), ElementsAre(Pair{"new", 1}, Pair{"a", 4}));
}

TEST_P(SortedSetFormTest, IncrementStartsAtZeroAndReportsWhatItCannotDo) {
  EXPECT_EQ(Set().Increment("a", 2.5), 2.5);
  EXPECT_EQ(Set().Increment("a", 2.5), 5);
  EXPECT_EQ(Set().Increment("a", 1, {AddRule::Existence::kOnlyNew, {}}), std::nullopt);
  EXPECT_EQ(Set().Increment("b", 1, {AddRule::Existence::kOnlyExisting, {}}), std::nullopt);
  EXPECT_EQ(Set().Increment("a", -1, {{}, AddRule::Change::kOnlyGreater}), std::nullopt);
  EXPECT_EQ(Set().Increment("a", 0, {{}, AddRule::Change::kOnlyLess}), std::nullopt);
  EXPECT_EQ(Set().Increment("a", kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(*Set().Increment("a", -kInfinity)));
  EXPECT_EQ(Set().Score("a"), kInfinity);
}

TEST_P(SortedSetFormTest, RemoveOfLastElementRemovesKey) {
  AddPairs({{"a", 1}, {"b", 2}});
  EXPECT_EQ(RemoveMember("a"), 1U);
  EXPECT_EQ(RemoveMember("a"), 0U);
  EXPECT_EQ(keyspace_.size(), 1U);
  EXPECT_EQ(RemoveMember("b"), 1U);
  EXPECT_EQ(keyspace_.Find("z"), std::nullopt);
  EXPECT_EQ(keyspace_.size(), 0U);
  EXPECT_EQ(CountTable(Table::kScore) + CountTable(Table::kOrder), 0U);
}

TEST_P(SortedSetFormTest, EntryKeepsCountAndBytes) {
  AddPairs({{"a", 1}, {"bb", 2}, {std::string(50, 'c'), 3}});
  EXPECT_EQ(keyspace_.Find("z")->count, 3U);
  EXPECT_EQ(keyspace_.Find("z")->bytes, 53U + 3 * 8);
  RemoveMember("bb");
  EXPECT_EQ(keyspace_.Find("z")->count, 2U);
  EXPECT_EQ(keyspace_.Find("z")->bytes, 51U + 2 * 8);
}

TEST_P(SortedSetFormTest, VerbsThatChangeNothingHaveNoEffect) {
  AddPairs({{"a", 1}, {"b", 2}});
  Transaction::Mark mark = transaction_.mark();
  AddPairs({{"a", 1}});
  RemoveMember("nobody");
  Set().Increment("a", 0);
  Set().RemoveRange(ScoreRange{{5}, {9}});
  Set().RemoveRanks(7, 9);
  Set().Pop(kForward, 0);
  Set("absent").Pop(kForward, 3);
  EXPECT_FALSE(transaction_.changed_since(mark));
}

TEST_P(SortedSetFormTest, RanksCountFromBothEnds) {
  AddPairs({{"a", 1}, {"b", 1}, {"c", 2}, {"d", 3}});
  EXPECT_EQ(Set().Rank("a", kForward), 0U);
  EXPECT_EQ(Set().Rank("c", kForward), 2U);
  EXPECT_EQ(Set().Rank("d", kForward), 3U);
  EXPECT_EQ(Set().Rank("c", kReverse), 1U);
  EXPECT_EQ(Set().Rank("e", kForward), std::nullopt);
  EXPECT_EQ(Set("absent").Rank("e", kForward), std::nullopt);
}

TEST_P(SortedSetFormTest, ScoreRangesTakeOpenBoundsAndWindows) {
  AddPairs({{"a", 1}, {"b", 2}, {"c", 2}, {"d", 3}, {"e", kInfinity}});
  EXPECT_THAT(Members(Set().Select(ScoreRange{{2}, {3}}, kForward)), ElementsAre("b", "c", "d"));
  EXPECT_THAT(Members(Set().Select(ScoreRange{{1, true}, {3, true}}, kReverse)), ElementsAre("c", "b"));
  EXPECT_THAT(Members(Set().Select(ScoreRange{{-kInfinity}, {kInfinity}}, kForward, {1, 2})),
              ElementsAre("b", "c"));
  EXPECT_THAT(Members(Set().Select(ScoreRange{{-kInfinity}, {kInfinity, true}}, kReverse, {1, 2})),
              ElementsAre("c", "b"));
  EXPECT_THAT(Members(Set().Select(ScoreRange{{3}, {2}}, kForward)), IsEmpty());
  EXPECT_THAT(Members(Set().Select(ScoreRange{{2, true}, {2}}, kForward)), IsEmpty());
  EXPECT_EQ(Set().Count(ScoreRange{{2}, {2}}), 2U);
  EXPECT_EQ(Set().Count(ScoreRange{{-kInfinity}, {2}}), 3U);
  EXPECT_EQ(Set().Count(ScoreRange{{kInfinity}, {kInfinity}}), 1U);
  EXPECT_EQ(Set().Count(ScoreRange{{9}, {1}}), 0U);
}

TEST_P(SortedSetFormTest, LexRangesTakeOpenBoundsAndWindows) {
  using Kind = LexBound::Kind;
  AddPairs({{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}});
  EXPECT_THAT(Members(Set().Select(LexRange{{}, {Kind::kHighest, {}}}, kForward)),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Members(Set().Select(LexRange{{Kind::kExclusive, "a"}, {Kind::kInclusive, "c"}}, kReverse)),
              ElementsAre("c", "b"));
  EXPECT_THAT(
      Members(Set().Select(LexRange{{Kind::kInclusive, "a"}, {Kind::kExclusive, "d"}}, kForward, {1, 1})),
      ElementsAre("b"));
  EXPECT_EQ(Set().Count(LexRange{{Kind::kInclusive, "aa"}, {Kind::kHighest, {}}}), 3U);
  EXPECT_EQ(Set().Count(LexRange{{Kind::kHighest, {}}, {Kind::kLowest, {}}}), 0U);
  EXPECT_EQ(Set().RemoveRange(LexRange{{Kind::kInclusive, "b"}, {Kind::kInclusive, "c"}}), 2U);
  EXPECT_THAT(All(), ElementsAre(Pair{"a", 0}, Pair{"d", 0}));
}

TEST_P(SortedSetFormTest, PopTakesFromEitherEnd) {
  AddPairs({{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}});
  EXPECT_THAT(Owned(Set().Pop(kForward, 2)), ElementsAre(Pair{"a", 1}, Pair{"b", 2}));
  EXPECT_THAT(Owned(Set().Pop(kReverse, 1)), ElementsAre(Pair{"d", 4}));
  EXPECT_THAT(Owned(Set().Pop(kForward, 100)), ElementsAre(Pair{"c", 3}));
  EXPECT_EQ(keyspace_.size(), 0U);
}

TEST_P(SortedSetFormTest, RemoveRanksAndScoresAnswerHowMany) {
  AddPairs({{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}});
  EXPECT_EQ(Set().RemoveRanks(1, 2), 2U);
  EXPECT_EQ(Set().RemoveRange(ScoreRange{{4, true}, {9}}), 1U);
  EXPECT_THAT(All(), ElementsAre(Pair{"a", 1}, Pair{"d", 4}));
}

TEST_P(SortedSetFormTest, AssignReplacesWhateverStoodThere) {
  AddPairs({{"a", 1}, {"b", 2}});
  std::vector<ScoredMember> kept = Set().SelectRanks(1, 1, kForward);
  Set().Assign(kept);
  EXPECT_THAT(All(), ElementsAre(Pair{"b", 2}));
  Set().Assign({});
  EXPECT_EQ(keyspace_.size(), 0U);
}

TEST_P(SortedSetFormTest, ScanVisitsEachElementOnce) {
  for (int i = 0; i < 100; ++i) AddPairs({{"m" + std::to_string(i), i}});
  std::map<std::string, double> seen;
  uint64_t cursor = 0;
  size_t visits = 0;
  do {
    cursor = Set().Scan(cursor, 7, [&](const ScoredMember& element) {
      seen[std::string(element.member)] = element.score;
      ++visits;
    });
  } while (cursor != 0);
  EXPECT_EQ(visits, 100U);
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen["m42"], 42);
}

TEST_P(SortedSetFormTest, SamplesAreDistinctUnlessRepeatsAreAskedFor) {
  for (int i = 0; i < 100; ++i) AddPairs({{"m" + std::to_string(i), i}});
  for (uint64_t count : {0, 1, 5, 50, 99, 100, 1000}) {
    std::vector<std::string> sample = Members(Set().Sample(count));
    EXPECT_EQ(sample.size(), std::min<uint64_t>(count, 100));
    EXPECT_EQ(std::set<std::string>(sample.begin(), sample.end()).size(), sample.size());
    EXPECT_EQ(Set().SampleWithRepeats(count).size(), count);
  }
  EXPECT_THAT(Set("absent").Sample(3), IsEmpty());
  EXPECT_THAT(Set("absent").SampleWithRepeats(3), IsEmpty());
}

TEST_P(SortedSetFormTest, EveryElementIsSampledSometimes) {
  for (int i = 0; i < 20; ++i) AddPairs({{"m" + std::to_string(i), i}});
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.emplace(Set().Sample(1).at(0).member);
  EXPECT_EQ(seen.size(), 20U);
}

TEST_F(SortedSetTest, WrongTypeIsSeen) {
  Slot slot = keyspace_.Look("s");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  keyspace_.Save(slot);
  EXPECT_TRUE(Set("s").wrong_type());
  EXPECT_FALSE(Set("absent").wrong_type());
}

TEST_F(SortedSetTest, GrowsOutOfTheInlineFormByCount) {
  for (int i = 0; i < 128; ++i) AddPairs({{"m" + std::to_string(i), i}});
  EXPECT_EQ(keyspace_.Find("z")->encoding, Encoding::kInline);
  AddPairs({{"one more", 0.5}});
  EXPECT_EQ(keyspace_.Find("z")->encoding, Encoding::kElements);
  EXPECT_EQ(keyspace_.Find("z")->count, 129U);
  EXPECT_EQ(All().size(), 129U);
  EXPECT_EQ(All()[1], (Pair{"one more", 0.5}));
}

TEST_F(SortedSetTest, GrowsOutOfTheInlineFormByMemberSizeAndNeverTurnsBack) {
  AddPairs({{std::string(64, 'x'), 1}});
  EXPECT_EQ(keyspace_.Find("z")->encoding, Encoding::kInline);
  AddPairs({{std::string(65, 'x'), 2}});
  EXPECT_EQ(keyspace_.Find("z")->encoding, Encoding::kElements);
  RemoveMember(std::string(65, 'x'));
  EXPECT_EQ(keyspace_.Find("z")->encoding, Encoding::kElements);
  EXPECT_THAT(All(), ElementsAre(Pair{std::string(64, 'x'), 1}));
}

TEST_F(SortedSetTest, LongMembersOfOneScoreComeInByteOrder) {
  std::vector<std::string> members;
  for (size_t size : {127, 128, 129, 400, 401, 600, 2000, 70000}) {
    members.push_back(std::string(size, 'p'));
    members.push_back(std::string(size, 'p') + "1");
    members.push_back(std::string(size - 1, 'p') + "a");
    members.push_back(std::string(size - 1, 'p') + "z");
  }
  std::mt19937 random(7);
  std::shuffle(members.begin(), members.end(), random);
  for (const std::string& member : members) AddPairs({{member, 1.5}});
  std::set<std::string> expected(members.begin(), members.end());
  std::vector<ScoredMember> elements = Set().SelectRanks(0, UINT64_MAX, kForward);
  EXPECT_EQ(Members(elements), std::vector<std::string>(expected.begin(), expected.end()));
  uint64_t rank = 0;
  for (const std::string& member : expected) EXPECT_EQ(Set().Rank(member, kForward), rank++);
}

TEST_F(SortedSetTest, AMemberOverTheKeyLimitIsStoredOnce) {
  ForbidInlineForm();
  AddPairs({{std::string(100000, 'j'), 1}});
  size_t bytes = 0;
  auto cursor = transaction_.NewCursor();
  for (cursor->Seek(""); cursor->valid(); cursor->Next()) {
    EXPECT_LE(cursor->key().size(), 511U);
    bytes += cursor->key().size() + cursor->value().size();
  }
  EXPECT_LT(bytes, 101000U);
}

// The bytes that FORMAT.md, "Sorted sets", shows.
TEST_F(SortedSetTest, StandsOnDiskAsTheFormatSays) {
  using std::string_literals::operator""s;
  const std::string one = "\xBF\xF0\x00\x00\x00\x00\x00\x00"s;
  AddPairs({{"a", 1}, {"b", 2}});
  EXPECT_EQ(keyspace_.Find("z")->value,
            "\x01\x61\x08"s + one + "\x01\x62\x08\xC0\x00\x00\x00\x00\x00\x00\x00"s);

  ForbidInlineForm();
  const std::string long_member = std::string(128, 'p') + "tail";
  const ScoredMember elements[] = {{"a", 1}, {long_member, 1}};
  Set("grown").Add(elements);
  const uint64_t id = keyspace_.Find("grown")->id;
  const std::string order = TablePrefix(Table::kOrder, id) + one;
  EXPECT_EQ(transaction_.Get(order + "a"), "");
  std::string short_key = TablePrefix(Table::kScore, id);
  AppendU64(short_key, transaction_.Hash("a"));
  EXPECT_EQ(transaction_.Get(short_key + "\0a"s), one);

  const std::string first_label = "\x80\0\0\0\0\0\0\0"s;
  std::string bounded;
  AppendBounded(bounded, transaction_.Hash(long_member), long_member, 128);
  EXPECT_EQ(bounded.size(), 8 + 1 + 16U);
  EXPECT_EQ(transaction_.Get(order + long_member.substr(0, 128) + first_label), bounded);
  EXPECT_EQ(transaction_.Get(TablePrefix(Table::kScore, id) + bounded), one + first_label + long_member);
}

TEST_F(SortedSetTest, AFullGapBetweenLabelsIsSpreadOut) {
  ForbidInlineForm();
  const std::string prefix(200, '{');
  // Each member falls between the last one and its upper neighbour, so that the gap halves every time.
  std::set<std::string> expected{prefix + "z"};
  AddPairs({{prefix + "z", 0}});
  std::string tail;
  for (int i = 0; i < 300; ++i) {
    tail += i % 2 == 0 ? 'b' : 'c';
    expected.insert(prefix + tail);
    AddPairs({{prefix + tail, 0}});
    tail.back() = 'b';
    expected.insert(prefix + tail);
    AddPairs({{prefix + tail, 0}});
  }
  EXPECT_EQ(Members(Set().SelectRanks(0, UINT64_MAX, kForward)),
            std::vector<std::string>(expected.begin(), expected.end()));
  for (const std::string& member : expected) EXPECT_EQ(RemoveMember(member), 1U);
  EXPECT_EQ(CountTable(Table::kScore) + CountTable(Table::kOrder), 0U);
}

TEST_F(SortedSetTest, RollbackTakesAConversionBack) {
  for (int i = 0; i < 128; ++i) AddPairs({{"m" + std::to_string(i), i}});
  std::vector<Pair> before = All();
  Transaction::Mark mark = transaction_.mark();
  AddPairs({{"one more", 0.5}, {std::string(500, 'l'), 7}});
  transaction_.RollbackTo(mark);
  EXPECT_EQ(All(), before);
  EXPECT_EQ(CountTable(Table::kScore) + CountTable(Table::kOrder), 0U);
}

// Against a model, over members of all sizes with few scores and few prefixes.
class SortedSetModelTest : public SortedSetTest, public ::testing::WithParamInterface<int> {
 protected:
  std::string RandomMember() {
    static constexpr size_t kSizes[] = {1, 20, 127, 128, 129, 400, 600, 2000};
    size_t size = kSizes[random_() % std::size(kSizes)];
    std::string member(size, static_cast<char>('a' + random_() % 2));
    if (random_() % 2 == 0) member.back() = static_cast<char>('0' + random_() % 6);
    member += std::to_string(random_() % 8);
    return member;
  }

  double RandomScore() {
    static constexpr double kScores[] = {0, -0.0, 1, 1, 1, 2.5, -7, 1e300, kInfinity, -kInfinity};
    return kScores[random_() % std::size(kScores)];
  }

  void ModelAdd(const std::string& member, double score) {
    ModelRemove(member);
    scores_[member] = score + 0.0;
    ordered_.insert({score + 0.0, member});
  }

  bool ModelRemove(const std::string& member) {
    auto found = scores_.find(member);
    if (found == scores_.end()) return false;
    ordered_.erase({found->second, member});
    scores_.erase(found);
    return true;
  }

  std::vector<Pair> ModelRange(const ScoreRange& range) {
    std::vector<Pair> pairs;
    for (const auto& [score, member] : ordered_) {
      bool above = range.min.exclusive ? score > range.min.score : score >= range.min.score;
      bool below = range.max.exclusive ? score < range.max.score : score <= range.max.score;
      if (above && below) pairs.emplace_back(member, score);
    }
    return pairs;
  }

  void Change() {
    std::string member = RandomMember();
    switch (random_() % 10) {
      case 0:
      case 1:
        EXPECT_EQ(RemoveMember(member), ModelRemove(member) ? 1U : 0U);
        break;
      case 2:
        Pop(random_() % 2 == 0 ? kForward : kReverse);
        break;
      default:
        double score = RandomScore();
        AddPairs({{member, score}});
        ModelAdd(member, score);
    }
  }

  void Pop(Direction from) {
    std::vector<Pair> popped = Owned(Set().Pop(from, 1));
    ASSERT_EQ(popped.size(), ordered_.empty() ? 0U : 1U);
    if (popped.empty()) return;
    auto expected = from == kForward ? *ordered_.begin() : *ordered_.rbegin();
    EXPECT_EQ(popped[0], (Pair{expected.second, expected.first}));
    ModelRemove(expected.second);
  }

  void Compare() {
    ScoreRange range{{RandomScore(), random_() % 2 == 0}, {RandomScore(), random_() % 2 == 0}};
    std::vector<Pair> expected = ModelRange(range);
    EXPECT_EQ(Owned(Set().Select(range, kForward)), expected);
    EXPECT_EQ(Set().Count(range), expected.size());
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(Owned(Set().Select(range, kReverse)), expected);

    std::string member = RandomMember();
    auto found = scores_.find(member);
    ASSERT_EQ(Set().Score(member).has_value(), found != scores_.end());
    if (found == scores_.end()) return;
    auto place = ordered_.find({found->second, member});
    EXPECT_EQ(Set().Rank(member, kForward), std::distance(ordered_.begin(), place));
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  std::map<std::string, double> scores_;
  std::set<std::pair<double, std::string>> ordered_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, SortedSetModelTest, ::testing::Range(1, 7));

TEST_P(SortedSetModelTest, AgreesWithAModel) {
  if (GetParam() % 3 == 1) ForbidInlineForm();
  if (GetParam() % 3 == 2) transaction_.mutable_limits() = {.zset_max_listpack_value = 1 << 20};
  for (int i = 0; i < 600; ++i) {
    Change();
    if (i % 3 == 0) Compare();
    ASSERT_EQ(Set().size(), ordered_.size());
  }
  EXPECT_EQ(All(), ModelRange({{-kInfinity}, {kInfinity}}));
}

TEST_P(SortedSetModelTest, LexRangesAgreeWithAModel) {
  if (GetParam() % 2 == 0) ForbidInlineForm();
  for (int i = 0; i < 150; ++i) {
    std::string member = RandomMember();
    AddPairs({{member, 3}});
    ModelAdd(member, 3);
  }
  for (int i = 0; i < 100; ++i) {
    std::string low = RandomMember();
    std::string high = RandomMember();
    bool open = random_() % 2 == 0;
    auto kind = open ? LexBound::Kind::kExclusive : LexBound::Kind::kInclusive;
    std::vector<Pair> expected;
    for (const auto& [score, member] : ordered_) {
      if (open ? (member > low && member < high) : (member >= low && member <= high)) {
        expected.emplace_back(member, score);
      }
    }
    EXPECT_EQ(Owned(Set().Select(LexRange{{kind, low}, {kind, high}}, kForward)), expected);
    EXPECT_EQ(Set().Count(LexRange{{kind, low}, {kind, high}}), expected.size());
  }
}

}  // namespace
}  // namespace holdfast::storage
