#include "storage/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/view.h"

namespace holdfast::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ListTest : public testing::Test {
 protected:
  List Open(std::string_view key = "l") { return List(keyspace_, key); }

  void Fill(std::vector<std::string_view> elements, std::string_view key = "l") {
    Open(key).Push(End::kBack, elements);
  }
  std::vector<std::string> Pop(End end, uint64_t count, std::string_view key = "l") {
    std::vector<std::string> popped;
    Open(key).Pop(end, count, [&](std::string_view element) { popped.emplace_back(element); });
    return popped;
  }
  std::vector<std::string> Slice(uint64_t first, uint64_t count, std::string_view key = "l") {
    std::vector<std::string> elements;
    Open(key).Range(first, count, [&](std::string_view element) { elements.emplace_back(element); });
    return elements;
  }
  std::vector<std::string> All(std::string_view key = "l") { return Slice(0, Open(key).size(), key); }
  std::vector<uint64_t> Find(std::string_view element, const ListSearch& search) {
    std::vector<uint64_t> indexes;
    Open().Find(element, search, [&](uint64_t index) { indexes.push_back(index); });
    return indexes;
  }
  bool Exists(std::string_view key = "l") { return keyspace_.Find(key).has_value(); }
  size_t StoredElements() {
    size_t elements = 0;
    std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
    for (cursor->Seek("L"); cursor->valid() && cursor->key()[0] == 'L'; cursor->Next()) ++elements;
    return elements;
  }

  View view_;
  Transaction transaction_{view_, 7};
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(ListTest, PushAtTheFrontPutsTheLastElementFirst) {
  Open().Push(End::kFront, std::vector<std::string_view>{"a", "b", "c"});
  EXPECT_THAT(All(), ElementsAre("c", "b", "a"));
}

TEST_F(ListTest, PushAtTheBackKeepsTheOrder) {
  Fill({"a", "b"});
  Fill({"c"});
  EXPECT_THAT(All(), ElementsAre("a", "b", "c"));
}

TEST_F(ListTest, AQueueIsPoppedInTheOrderItWasPushed) {
  for (std::string_view job : {"1", "2", "3"}) Open().Push(End::kFront, {&job, 1});
  EXPECT_THAT(Pop(End::kBack, 2), ElementsAre("1", "2"));
  EXPECT_THAT(Pop(End::kBack, 9), ElementsAre("3"));
}

TEST_F(ListTest, PushesAtTheFrontComeInAscendingKeyOrder) {
  Open().Push(End::kFront, std::vector<std::string_view>{"a", "b"});
  std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek("L");
  EXPECT_EQ(cursor->value(), "a");
  cursor->Next();
  EXPECT_EQ(cursor->value(), "b");
}

// The example of FORMAT.md, "Strings and lists".
TEST_F(ListTest, AnElementStandsAtItsPosition) {
  Open().Push(End::kFront, std::vector<std::string_view>{"a", "b"});
  const Entry entry = *keyspace_.Find("l");
  EXPECT_EQ(entry.head, 1ULL << 63);
  EXPECT_EQ(entry.tail, (1ULL << 63) + 1);
  std::string key = TablePrefix(Table::kList, entry.id);
  AppendU64(key, (1ULL << 63) + 1);
  EXPECT_EQ(transaction_.Get(key), "b");
}

TEST_F(ListTest, PopOfTheLastElementDeletesTheKey) {
  Fill({"a"});
  EXPECT_THAT(Pop(End::kFront, 1), ElementsAre("a"));
  EXPECT_FALSE(Exists());
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(ListTest, AnEmptiedListLeavesNothingForTheTrash) {
  Fill({"a", "b"});
  Pop(End::kFront, 2);
  std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek("T");
  EXPECT_FALSE(cursor->valid() && cursor->key()[0] == 'T');
  EXPECT_EQ(StoredElements(), 0u);
}

TEST_F(ListTest, PopOfAnAbsentKeyTakesNothing) {
  EXPECT_THAT(Pop(End::kBack, 1), IsEmpty());
  EXPECT_FALSE(Exists());
}

TEST_F(ListTest, AKeyOfAnotherTypeIsNoList) {
  Slot slot = keyspace_.Look("l");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  keyspace_.Save(slot);
  EXPECT_TRUE(Open().wrong_type());
}

TEST_F(ListTest, TheExpiryOfTheKeyStaysWhenTheListChanges) {
  Fill({"a"});
  Slot slot = keyspace_.Look("l");
  slot.entry->expires = absl::FromUnixSeconds(100);
  keyspace_.Save(slot);
  Fill({"b"});
  EXPECT_EQ(keyspace_.Find("l")->expires, absl::FromUnixSeconds(100));
}

TEST_F(ListTest, APushAfterTheExpiryBeginsANewList) {
  Fill({"old"});
  Slot slot = keyspace_.Look("l");
  slot.entry->expires = absl::FromUnixSeconds(100);
  keyspace_.Save(slot);
  transaction_.set_now(absl::FromUnixSeconds(100));
  Fill({"new"});
  EXPECT_THAT(All(), ElementsAre("new"));
  EXPECT_EQ(keyspace_.Find("l")->expires, absl::InfiniteFuture());
}

TEST_F(ListTest, TheEntryKnowsTheBytesOfAllElements) {
  Fill({"aa", "bbb", "c"});
  EXPECT_EQ(keyspace_.Find("l")->bytes, 6u);
  Open().Set(1, "bbbbb");
  EXPECT_EQ(keyspace_.Find("l")->bytes, 8u);
  Open().RemoveMatching(0, "aa");
  Open().Insert(End::kFront, "c", "dddd");
  EXPECT_EQ(keyspace_.Find("l")->bytes, 10u);
  Pop(End::kBack, 1);
  EXPECT_EQ(keyspace_.Find("l")->bytes, 9u);
}

TEST_F(ListTest, TrimToNothingDeletesTheKey) {
  Fill({"a", "b"});
  Open().Trim(0, 0);
  EXPECT_FALSE(Exists());
}

TEST_F(ListTest, TrimKeepsTheMiddle) {
  Fill({"a", "b", "c", "d", "e"});
  Open().Trim(1, 3);
  EXPECT_THAT(All(), ElementsAre("b", "c", "d"));
  EXPECT_EQ(StoredElements(), 3u);
}

TEST_F(ListTest, RemoveMatchingObeysItsLimitAndSide) {
  Fill({"x", "a", "x", "b", "x"});
  EXPECT_EQ(Open().RemoveMatching(1, "x"), 1u);
  EXPECT_THAT(All(), ElementsAre("a", "x", "b", "x"));
  EXPECT_EQ(Open().RemoveMatching(-1, "x"), 1u);
  EXPECT_THAT(All(), ElementsAre("a", "x", "b"));
  EXPECT_EQ(Open().RemoveMatching(0, "x"), 1u);
  EXPECT_EQ(Open().RemoveMatching(0, "x"), 0u);
  EXPECT_THAT(All(), ElementsAre("a", "b"));
}

TEST_F(ListTest, RemoveMatchingOfEverythingDeletesTheKey) {
  Fill({"x", "x", "x"});
  EXPECT_EQ(Open().RemoveMatching(std::numeric_limits<int64_t>::min(), "x"), 3u);
  EXPECT_FALSE(Exists());
}

TEST_F(ListTest, PopStepsOverHoles) {
  Fill({"a", "x", "x", "b", "x", "c"});
  Open().RemoveMatching(0, "x");
  EXPECT_THAT(Pop(End::kFront, 2), ElementsAre("a", "b"));
  EXPECT_THAT(Pop(End::kBack, 1), ElementsAre("c"));
}

TEST_F(ListTest, AnIndexIsRightInAListWithHoles) {
  Fill({"a", "x", "b", "c", "x", "d"});
  Open().RemoveMatching(0, "x");
  List list = Open();
  EXPECT_EQ(list.At(0), "a");
  EXPECT_EQ(list.At(1), "b");
  EXPECT_EQ(list.At(2), "c");
  EXPECT_EQ(list.At(3), "d");
  list.Set(1, "B");
  EXPECT_THAT(Slice(1, 2), ElementsAre("B", "c"));
}

TEST_F(ListTest, InsertGoesNextToTheFirstPivot) {
  Fill({"a", "p", "b", "p"});
  EXPECT_TRUE(Open().Insert(End::kFront, "p", "before"));
  EXPECT_TRUE(Open().Insert(End::kBack, "p", "after"));
  EXPECT_THAT(All(), ElementsAre("a", "before", "p", "after", "b", "p"));
  EXPECT_FALSE(Open().Insert(End::kBack, "absent", "y"));
}

TEST_F(ListTest, InsertFillsTheHoleThatARemovalLeft) {
  Fill({"a", "x", "b"});
  Open().RemoveMatching(0, "x");
  const size_t before = transaction_.mark().changes;
  Open().Insert(End::kFront, "b", "c");
  EXPECT_EQ(transaction_.mark().changes - before, 2u);  // the element and the entry
  EXPECT_THAT(All(), ElementsAre("a", "c", "b"));
}

TEST_F(ListTest, FindReportsIndexesInTheOrderOfTheSearch) {
  Fill({"a", "b", "a", "c", "a"});
  EXPECT_THAT(Find("a", {}), ElementsAre(0));
  EXPECT_THAT(Find("a", {.rank = 2}), ElementsAre(2));
  EXPECT_THAT(Find("a", {.rank = -1, .matches = 0}), ElementsAre(4, 2, 0));
  EXPECT_THAT(Find("a", {.matches = 0, .looks = 3}), ElementsAre(0, 2));
  EXPECT_THAT(Find("a", {.rank = -2, .looks = 2}), IsEmpty());
  EXPECT_THAT(Find("a", {.rank = std::numeric_limits<int64_t>::min()}), IsEmpty());
}

TEST_F(ListTest, MoveTakesFromOneListAndGivesToTheOther) {
  Fill({"a", "b"}, "from");
  List from = Open("from");
  List to = Open("to");
  EXPECT_EQ(List::Move(from, End::kBack, to, End::kFront), "b");
  EXPECT_EQ(List::Move(from, End::kBack, to, End::kFront), "a");
  EXPECT_THAT(All("to"), ElementsAre("a", "b"));
  EXPECT_FALSE(Exists("from"));
}

TEST_F(ListTest, MoveWithinOneListRotatesIt) {
  Fill({"a", "b", "c"});
  List list = Open();
  EXPECT_EQ(List::Move(list, End::kBack, list, End::kFront), "c");
  EXPECT_THAT(All(), ElementsAre("c", "a", "b"));
  EXPECT_EQ(List::Move(list, End::kBack, list, End::kBack), "b");
  EXPECT_THAT(All(), ElementsAre("c", "a", "b"));
}

TEST_F(ListTest, ListsDoNotSeeEachOther) {
  Fill({"a", "b"}, "one");
  Fill({"x", "y"}, "two");
  Open("one").RemoveMatching(0, "b");
  Fill({"c"}, "one");
  EXPECT_THAT(All("one"), ElementsAre("a", "c"));
  EXPECT_THAT(All("two"), ElementsAre("x", "y"));
}

TEST_F(ListTest, OneJobCostsOneElementAndOneEntry) {
  Fill({"a"});
  const size_t before = transaction_.mark().changes;
  Fill({"job"});
  EXPECT_EQ(transaction_.mark().changes - before, 2u);
  Pop(End::kFront, 1);
  EXPECT_EQ(transaction_.mark().changes - before, 4u);
}

// Every verb at random, against std::deque, with few different elements so that removals leave many holes.
class ListModelTest : public ListTest, public testing::WithParamInterface<unsigned> {
 protected:
  using Model = std::deque<std::string>;

  uint64_t Below(uint64_t bound) { return std::uniform_int_distribution<uint64_t>(0, bound - 1)(random_); }
  std::string Element() { return std::string(1 + Below(3), static_cast<char>('a' + Below(4))); }
  End AnyEnd() { return Below(2) == 0 ? End::kFront : End::kBack; }

  static void Push(Model& model, End end, const std::string& element) {
    end == End::kFront ? model.push_front(element) : model.push_back(element);
  }
  static std::string Take(Model& model, End end) {
    std::string taken = end == End::kFront ? model.front() : model.back();
    end == End::kFront ? model.pop_front() : model.pop_back();
    return taken;
  }

  void Step() {
    switch (Below(model_.size() > 40 ? 12 : 9)) {
      case 0:
      case 1:
      case 2:
        return StepPush();
      case 3:
        return StepMove();
      case 4:
        return StepRemove();
      case 5:
      case 6:
        return StepInsert();
      case 7:
        return StepSet();
      case 8:
        return StepPop(AnyEnd(), Below(4));
      case 9:
        return StepTrim();
      default:
        return StepPop(AnyEnd(), Below(20));
    }
  }

  void StepPush() {
    const End end = AnyEnd();
    std::vector<std::string> elements(1 + Below(4));
    for (std::string& element : elements) element = Element();
    Open().Push(end, std::vector<std::string_view>(elements.begin(), elements.end()));
    for (const std::string& element : elements) Push(model_, end, element);
  }

  void StepPop(End end, uint64_t count) {
    std::vector<std::string> expected;
    while (expected.size() < count && !model_.empty()) expected.push_back(Take(model_, end));
    EXPECT_EQ(Pop(end, count), expected);
  }

  void StepMove() {
    if (model_.empty()) return;
    const End from = AnyEnd();
    const End to = AnyEnd();
    List source = Open();
    if (Below(3) > 0) {
      Push(model_, to, Take(model_, from));
      List::Move(source, from, source, to);
      return;
    }
    Push(other_, to, Take(model_, from));
    List destination = Open("other");
    EXPECT_EQ(List::Move(source, from, destination, to), to == End::kFront ? other_.front() : other_.back());
  }

  void StepRemove() {
    const std::string element = Element();
    const int64_t limit = static_cast<int64_t>(Below(7)) - 3;
    uint64_t left = limit == 0 ? model_.size() : static_cast<uint64_t>(std::abs(limit));
    uint64_t removed = 0;
    Model kept;
    while (!model_.empty()) {
      const std::string next = Take(model_, limit < 0 ? End::kBack : End::kFront);
      if (next == element && removed < left) {
        ++removed;
      } else {
        Push(kept, limit < 0 ? End::kFront : End::kBack, next);
      }
    }
    model_ = kept;
    EXPECT_EQ(Open().RemoveMatching(limit, element), removed);
  }

  void StepInsert() {
    const std::string pivot = Element();
    const std::string element = Element();
    const End side = AnyEnd();
    const auto found = std::find(model_.begin(), model_.end(), pivot);
    EXPECT_EQ(Open().Insert(side, pivot, element), found != model_.end());
    if (found != model_.end()) model_.insert(side == End::kFront ? found : found + 1, element);
  }

  void StepSet() {
    if (model_.empty()) return;
    const uint64_t index = Below(model_.size());
    model_[index] = Element();
    Open().Set(index, model_[index]);
  }

  void StepTrim() {
    const uint64_t first = Below(model_.size());
    const uint64_t count = Below(model_.size() - first + 1);
    model_ = Model(model_.begin() + static_cast<int64_t>(first),
                   model_.begin() + static_cast<int64_t>(first + count));
    Open().Trim(first, count);
  }

  void ExpectSame() {
    ASSERT_THAT(All(), testing::ElementsAreArray(model_));
    ASSERT_EQ(Exists(), !model_.empty());
    if (model_.empty()) return;
    const Entry entry = *keyspace_.Find("l");
    size_t bytes = 0;
    for (const std::string& element : model_) bytes += element.size();
    ASSERT_EQ(entry.bytes, bytes);
    const uint64_t index = Below(model_.size());
    ASSERT_EQ(Open().At(index), model_[index]);
    ASSERT_EQ(Open().At(0), model_.front());
    ASSERT_EQ(Open().At(model_.size() - 1), model_.back());
    ExpectFindsTheSame(Element());
  }

  void ExpectFindsTheSame(const std::string& element) {
    std::vector<uint64_t> indexes;
    for (uint64_t index = 0; index < model_.size(); ++index) {
      if (model_[index] == element) indexes.push_back(index);
    }
    ASSERT_EQ(Find(element, {.matches = 0}), indexes);
    std::reverse(indexes.begin(), indexes.end());
    ASSERT_EQ(Find(element, {.rank = -1, .matches = 0}), indexes);
  }

  std::mt19937 random_{GetParam()};
  Model model_;
  Model other_;
};

TEST_P(ListModelTest, AgreesWithTheModel) {
  for (int step = 0; step < 2000; ++step) {
    // From here on the list lies in two layers.
    if (step == 1000) view_.Freeze();
    Step();
    ASSERT_NO_FATAL_FAILURE(ExpectSame()) << "step " << step;
  }
  EXPECT_THAT(All("other"), testing::ElementsAreArray(other_));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ListModelTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace holdfast::storage
