#include "server/engine/waiters.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace holdfast::server::engine {
namespace {

using storage::ValueType;

class WaitersTest : public testing::Test {
 protected:
  void Block(Session& session, const std::vector<std::string_view>& keys, ValueType type = ValueType::kList,
             absl::Time deadline = absl::InfiniteFuture()) {
    waiters_.Add(session, entry_, keys, {.keys = keys, .type = type, .deadline = deadline});
  }
  void Touch(std::string_view key) {
    storage::Touch touch;
    touch.key = key;
    waiters_.Touch(touch);
  }
  // The first in line at the next ready key, which holds a list or what is said; null if no key is ready.
  Session* FirstReady(std::optional<ValueType> holds = ValueType::kList) {
    const auto key = waiters_.TakeReady();
    return key ? waiters_.NextInLine(*key, holds, 0) : nullptr;
  }

  const command::Command command_{"brpop", "key [key ...] timeout", 0, "list", "2.0.0", "", "", nullptr};
  const command::Table::Entry entry_{&command_, command::Syntax("brpop", ""), 0, 0, nullptr, {}};
  Waiters waiters_;
  Session one_;
  Session two_;
};

TEST_F(WaitersTest, LineIsInOrderOfArrival) {
  Block(one_, {"q"});
  Block(two_, {"q"});
  Touch("q");
  const auto key = waiters_.TakeReady();
  ASSERT_TRUE(key);
  EXPECT_EQ(waiters_.NextInLine(*key, ValueType::kList, 0), &one_);
  EXPECT_EQ(waiters_.NextInLine(*key, ValueType::kList, one_.waiter->ticket), &two_);
  EXPECT_EQ(waiters_.NextInLine(*key, ValueType::kList, two_.waiter->ticket), nullptr);
}

TEST_F(WaitersTest, OnlyKeysThatSomebodyWaitsForBecomeReady) {
  Block(one_, {"q"});
  Touch("other");
  EXPECT_EQ(FirstReady(), nullptr);
  Touch("q");
  EXPECT_EQ(FirstReady(std::nullopt), nullptr);
}

TEST_F(WaitersTest, TypeIsPartOfTheWish) {
  Block(one_, {"q"}, ValueType::kSortedSet);
  Touch("q");
  EXPECT_EQ(FirstReady(ValueType::kList), nullptr);
  Touch("q");
  EXPECT_EQ(FirstReady(ValueType::kSortedSet), &one_);
}

TEST_F(WaitersTest, SameNameInAnotherDatabaseIsAnotherKey) {
  one_.database = 1;
  Block(one_, {"q"});
  Touch("q");
  EXPECT_EQ(FirstReady(), nullptr);
}

TEST_F(WaitersTest, RemovedFromAllLines) {
  Block(one_, {"a", "b", "a"});
  EXPECT_TRUE(one_.blocked);
  waiters_.Remove(one_);
  EXPECT_FALSE(one_.blocked);
  EXPECT_TRUE(waiters_.empty());
  Touch("a");
  Touch("b");
  EXPECT_EQ(FirstReady(), nullptr);
}

TEST_F(WaitersTest, KeysAreReadyInTheOrderOfTheTouches) {
  Block(one_, {"a"});
  Block(two_, {"b"});
  Touch("b");
  Touch("b");
  Touch("a");
  EXPECT_EQ(FirstReady(), &two_);
  EXPECT_EQ(FirstReady(), &one_);
  EXPECT_EQ(FirstReady(), nullptr);
}

TEST_F(WaitersTest, DeadlinesComeInOrder) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  EXPECT_EQ(waiters_.next_deadline(), absl::InfiniteFuture());
  Block(one_, {"q"}, ValueType::kList, now + absl::Seconds(2));
  Block(two_, {"q"}, ValueType::kList, now + absl::Seconds(1));
  EXPECT_EQ(waiters_.next_deadline(), now + absl::Seconds(1));
  EXPECT_EQ(waiters_.Expired(now), nullptr);
  EXPECT_EQ(waiters_.Expired(now + absl::Seconds(1)), &two_);
  waiters_.Remove(two_);
  EXPECT_EQ(waiters_.Expired(now + absl::Seconds(1)), nullptr);
}

}  // namespace
}  // namespace holdfast::server::engine
