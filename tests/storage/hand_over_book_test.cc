#include "storage/hand_over_book.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/list.h"
#include "storage/put_back.h"
#include "storage/sorted_set.h"

namespace holdfast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HandOverBookTest : public ::testing::Test {
 protected:
  HandOverBookTest() {
    transaction_.Open(1);
    transaction_.set_hand_over_book(&book_);
  }

  void Push(End end, std::vector<std::string_view> elements, std::string_view key = "q") {
    List(keyspace_, key).Push(end, elements);
  }
  // A command that pops and stays.
  std::vector<HandedOut> HandOut(End end, uint64_t count, std::string_view key = "q") {
    transaction_.set_hands_over(true);
    List(keyspace_, key).HandOut(end, count, [](std::string_view) {});
    transaction_.set_hands_over(false);
    return Added();
  }
  std::vector<HandedOut> Added() {
    std::vector<HandedOut> elements = transaction_.TakeHandedOut();
    book_.Add(elements);
    return elements;
  }
  void EndTurn() {
    book_.Write(transaction_);
    transaction_.Clear();
  }
  // What a start finds, and puts back.
  void Restart() {
    book_ = HandOverBook();
    book_.Load(transaction_);
    for (const HandedOut::Id& id : book_.All()) {
      const HandedOut element = *book_.Find(id);
      ASSERT_TRUE(PutBack(transaction_, element));
      book_.Confirm(id);
    }
    EndTurn();
  }
  std::vector<std::string> All(std::string_view key = "q") {
    std::vector<std::string> elements;
    List list(keyspace_, key);
    list.Range(0, list.size(), [&](std::string_view element) { elements.emplace_back(element); });
    return elements;
  }
  size_t Entries(char table) {
    const std::string prefix(1, table);
    size_t entries = 0;
    const auto cursor = transaction_.NewCursor();
    for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next())
      ++entries;
    return entries;
  }

  View view_;
  Transaction transaction_{view_, 7};
  HandOverBook book_;
  Keyspace keyspace_{transaction_, 0};
};

TEST_F(HandOverBookTest, WhatIsHandedOutIsNoLongerInTheListAndComesBackUnlessConfirmed) {
  Push(End::kBack, {"a", "b", "c"});
  EndTurn();
  HandOut(End::kBack, 1);
  EndTurn();
  EXPECT_THAT(All(), ElementsAre("a", "b"));
  EXPECT_EQ(book_.size(), 1U);
  Restart();
  EXPECT_THAT(All(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(book_.size(), 0U);
}

TEST_F(HandOverBookTest, WhatIsConfirmedLeavesNothingBehind) {
  Push(End::kBack, {"a", "b"});
  const HandedOut element = HandOut(End::kBack, 1)[0];
  EndTurn();
  EXPECT_EQ(Entries('L'), 2U);
  EXPECT_EQ(Entries('U'), 1U);
  book_.Confirm(element.id);
  EXPECT_EQ(book_.Find(element.id), nullptr);
  EndTurn();
  EXPECT_EQ(Entries('L'), 1U);
  EXPECT_EQ(Entries('U'), 0U);
  Restart();
  EXPECT_THAT(All(), ElementsAre("a"));
}

TEST_F(HandOverBookTest, ComesBackInOrderAtItsEnd) {
  Push(End::kBack, {"1", "2", "3", "4", "5", "6"});
  HandOut(End::kFront, 2);
  EndTurn();
  HandOut(End::kBack, 1);
  HandOut(End::kBack, 1);
  EndTurn();
  EXPECT_THAT(All(), ElementsAre("3", "4"));
  Restart();
  EXPECT_THAT(All(), ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_F(HandOverBookTest, SomeOfATurnMayBeConfirmed) {
  Push(End::kBack, {"1", "2", "3"});
  const auto elements = HandOut(End::kFront, 3);
  EndTurn();
  book_.Confirm(elements[1].id);
  EndTurn();
  EXPECT_THAT(All(), IsEmpty());
  Restart();
  EXPECT_THAT(All(), ElementsAre("1", "3"));
}

TEST_F(HandOverBookTest, AnotherElementMayTakeThePlace) {
  Push(End::kBack, {"a", "b"});
  EndTurn();
  const HandedOut first = HandOut(End::kBack, 1)[0];
  Push(End::kBack, {"new"});
  EndTurn();
  EXPECT_THAT(All(), ElementsAre("a", "new"));
  EXPECT_EQ(book_.Find(first.id)->bytes, "b");
  const HandedOut second = HandOut(End::kBack, 1)[0];
  EndTurn();
  book_.Confirm(first.id);
  EndTurn();
  Restart();
  EXPECT_THAT(All(), ElementsAre("a", "new"));
  (void)second;
}

TEST_F(HandOverBookTest, APlaceOfAConfirmedElementIsNotTakenForItAfterAStart) {
  Push(End::kBack, {"1", "2", "3"});
  const auto elements = HandOut(End::kBack, 2);
  EndTurn();
  // The turn's entry goes on to name its place, for the sake of the other one.
  book_.Confirm(elements[1].id);
  EndTurn();
  Push(End::kBack, {"new", "newer"});
  EndTurn();
  Restart();
  EXPECT_THAT(All(), ElementsAre("1", "new", "newer", "3"));
}

TEST_F(HandOverBookTest, ACommandThatIsTakenBackGivesThePlaceBack) {
  Push(End::kBack, {"a", "b"});
  HandOut(End::kBack, 1);
  EndTurn();
  const Transaction::Mark mark = transaction_.mark();
  Push(End::kBack, {"new"});
  transaction_.RollbackTo(mark);
  EndTurn();
  EXPECT_THAT(All(), ElementsAre("a"));
  Restart();
  EXPECT_THAT(All(), ElementsAre("a", "b"));
}

TEST_F(HandOverBookTest, APopThatIsTakenBackHandsNothingOut) {
  Push(End::kBack, {"a"});
  const Transaction::Mark mark = transaction_.mark();
  transaction_.set_hands_over(true);
  List(keyspace_, "q").HandOut(End::kBack, 1, [](std::string_view) {});
  transaction_.RollbackTo(mark);
  EXPECT_THAT(Added(), IsEmpty());
  EXPECT_THAT(All(), ElementsAre("a"));
}

TEST_F(HandOverBookTest, SurvivesTheDeletionOfItsKey) {
  Push(End::kBack, {"a", "b"});
  const HandedOut element = HandOut(End::kBack, 1)[0];
  EndTurn();
  keyspace_.Remove("q");
  EndTurn();
  EXPECT_EQ(book_.Find(element.id)->bytes, "b");
  Restart();
  EXPECT_THAT(All(), ElementsAre("b"));
}

TEST_F(HandOverBookTest, AFlushedDatabaseGetsNothingBack) {
  Push(End::kBack, {"a", "b"});
  const HandedOut element = HandOut(End::kBack, 1)[0];
  EndTurn();
  keyspace_.Clear();
  EXPECT_FALSE(PutBack(transaction_, *book_.Find(element.id)));
}

TEST_F(HandOverBookTest, AKeyOfAnotherTypeIsNotTouched) {
  Push(End::kBack, {"a"});
  HandOut(End::kBack, 1);
  EndTurn();
  const ScoredMember member{"m", 1};
  SortedSet(keyspace_, "q").Add({&member, 1});
  Restart();
  EXPECT_THAT(All("q:returned"), ElementsAre("a"));
  EXPECT_EQ(SortedSet(keyspace_, "q").size(), 1U);
}

TEST_F(HandOverBookTest, AMemberOfASortedSetComesBackAtItsScore) {
  const ScoredMember members[] = {{"x", 1}, {"y", 2.5}, {"z", 3}};
  SortedSet(keyspace_, "s").Add(members);
  transaction_.set_hands_over(true);
  (void)SortedSet(keyspace_, "s").Pop(Direction::kForward, 2);
  transaction_.set_hands_over(false);
  const auto elements = Added();
  EndTurn();
  book_.Confirm(elements[0].id);
  EndTurn();
  Restart();
  EXPECT_EQ(SortedSet(keyspace_, "s").Score("x"), std::nullopt);
  EXPECT_EQ(SortedSet(keyspace_, "s").Score("y"), 2.5);
}

TEST_F(HandOverBookTest, AConfirmationWhoseTurnWasTakenBackStands) {
  Push(End::kBack, {"a", "b"});
  const HandedOut element = HandOut(End::kBack, 1)[0];
  EndTurn();
  book_.Confirm(element.id);
  const Transaction::Mark mark = transaction_.mark();
  book_.Write(transaction_);
  transaction_.RollbackTo(mark);
  book_.Load(transaction_);
  EXPECT_EQ(book_.size(), 0U);
  EndTurn();
  EXPECT_EQ(Entries('L'), 1U);
  Restart();
  EXPECT_THAT(All(), ElementsAre("a"));
}

TEST_F(HandOverBookTest, SaysHowMuchItWillWriteAtMost) {
  Push(End::kBack, {"a", "b", "c"});
  EndTurn();
  EXPECT_FALSE(book_.has_unwritten());
  const uint64_t before = transaction_.pending_bytes();
  const auto elements = HandOut(End::kBack, 2);
  book_.Confirm(elements[0].id);
  Push(End::kBack, {"takes the place of the one that is left"});
  EXPECT_TRUE(book_.has_unwritten());
  const uint64_t without = transaction_.pending_bytes() - before;
  const uint64_t most = book_.unwritten_bytes();
  book_.Write(transaction_);
  EXPECT_LE(transaction_.pending_bytes() - before - without, most);
  EXPECT_EQ(book_.unwritten_bytes(), 0U);
}

// Random pushes, pops, confirmations, deletions, rollbacks and restarts on two lists, against a model that
// knows for each element where it is.
class Story {
 public:
  explicit Story(uint32_t seed) : random_(seed) {
    transaction_.Open(1);
    transaction_.set_hand_over_book(&book_);
  }

  void Step() {
    const std::string key = Roll(2) == 0 ? "p" : "q";
    const End end = Roll(2) == 0 ? End::kFront : End::kBack;
    switch (Roll(12)) {
      case 0:
      case 1:
      case 2:
        return Push(key, end);
      case 3:
      case 4:
      case 5:
        return HandOut(key, end, 1 + Roll(3));
      case 6:
      case 7:
        return Confirm();
      case 8:
        return TakeBack(key, end);
      case 9:
        return EndTurn();
      case 10:
        return Roll(4) == 0 ? Delete(key) : Remove(key);
      default:
        if (Roll(4) == 0) Restart();
    }
  }

  void Check() {
    for (const std::string key : {"p", "q"}) {
      std::vector<std::string> found;
      List list(keyspace_, key);
      list.Range(0, list.size(), [&](std::string_view element) { found.emplace_back(element); });
      const std::deque<std::string>& wanted = lists_[key];
      ASSERT_EQ(found, std::vector<std::string>(wanted.begin(), wanted.end()));
    }
    ASSERT_EQ(book_.size(), out_.size());
  }

  void Restart() {
    EndTurn();
    book_ = HandOverBook();
    book_.Load(transaction_);
    ASSERT_EQ(book_.size(), out_.size());
    for (const HandedOut::Id& id : book_.All()) {
      ASSERT_FALSE(out_.empty());
      const HandedOut element = *book_.Find(id);
      ASSERT_TRUE(PutBack(transaction_, element));
      book_.Confirm(id);
      const auto& [wanted, bytes] = out_.back();
      std::deque<std::string>& list = lists_[wanted.key];
      wanted.from == HandedOut::From::kListFront ? list.push_front(bytes) : list.push_back(bytes);
      out_.pop_back();
    }
    EndTurn();
  }

 private:
  uint32_t Roll(uint32_t sides) { return random_() % sides; }

  void Push(const std::string& key, End end) {
    const std::string element = std::to_string(next_++);
    const std::string_view view = element;
    List(keyspace_, key).Push(end, {&view, 1});
    end == End::kFront ? lists_[key].push_front(element) : lists_[key].push_back(element);
  }

  void HandOut(const std::string& key, End end, uint64_t count) {
    std::vector<std::string> bytes;
    transaction_.set_hands_over(true);
    List(keyspace_, key).HandOut(end, count, [&](std::string_view element) { bytes.emplace_back(element); });
    transaction_.set_hands_over(false);
    std::vector<HandedOut> elements = transaction_.TakeHandedOut();
    book_.Add(elements);
    ASSERT_EQ(elements.size(), bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) {
      out_.emplace_back(elements[i], bytes[i]);
      end == End::kFront ? lists_[key].pop_front() : lists_[key].pop_back();
    }
  }

  void Confirm() {
    if (out_.empty()) return;
    const size_t which = Roll(static_cast<uint32_t>(out_.size()));
    book_.Confirm(out_[which].first.id);
    out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  void TakeBack(const std::string& key, End end) {
    const Transaction::Mark mark = transaction_.mark();
    const std::string_view view = "taken back";
    for (uint32_t i = Roll(3); i > 0; --i) List(keyspace_, key).Push(end, {&view, 1});
    if (Roll(3) == 0) keyspace_.Remove(key);
    transaction_.RollbackTo(mark);
  }

  // Makes holes.
  void Remove(const std::string& key) {
    std::deque<std::string>& list = lists_[key];
    if (list.empty()) return;
    const std::string element = list[Roll(static_cast<uint32_t>(list.size()))];
    ASSERT_EQ(List(keyspace_, key).RemoveMatching(0, element), 1U);
    std::erase(list, element);
  }

  void Delete(const std::string& key) {
    keyspace_.Remove(key);
    lists_[key].clear();
  }

  void EndTurn() {
    const uint64_t before = transaction_.pending_bytes();
    const uint64_t most = book_.unwritten_bytes();
    book_.Write(transaction_);
    ASSERT_LE(transaction_.pending_bytes() - before, most);
    transaction_.Clear();
  }

  std::mt19937 random_;
  View view_;
  Transaction transaction_{view_, 7};
  HandOverBook book_;
  Keyspace keyspace_{transaction_, 0};
  std::map<std::string, std::deque<std::string>> lists_;
  std::vector<std::pair<HandedOut, std::string>> out_;  // in the order in which they were handed out
  int next_ = 0;
};

TEST(HandOverStory, NothingIsLostAndNothingComesTwice) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    for (int step = 0; step < 500; ++step) {
      story.Step();
      story.Check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    story.Restart();
    story.Check();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace holdfast::storage
