// Sorted sets through memtables and LMDB: elements come and go on every layer.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/sorted_set.h"
#include "tests/storage/layers.h"

namespace holdfast::storage {
namespace {

using Pair = std::pair<double, std::string>;

class SortedSetLayersTest : public testing::TestWithParam<int> {
 protected:
  SortedSetLayersTest() {
    if (GetParam() % 2 == 0) transaction_.mutable_limits().zset_max_listpack_entries = 0;
  }

  SortedSet Set() { return {keyspace_, "z"}; }

  // Few enough that they come back again and again; half of them are long and alike.
  std::string RandomMember() {
    const std::string name = std::to_string(random_() % 60);
    return random_() % 2 == 0 ? name : std::string(300, 'p') + name;
  }

  void Add() {
    const std::string member = RandomMember();
    const ScoredMember element{member, static_cast<double>(random_() % 3)};
    Set().Add({&element, 1});
    Forget(member);
    scores_[member] = element.score;
    ordered_.emplace(element.score, member);
  }

  void Remove() {
    const std::string member = RandomMember();
    const std::string_view view = member;
    EXPECT_EQ(Set().Remove({&view, 1}), Forget(member) ? 1U : 0U);
  }

  void Pop() {
    const auto popped = Set().Pop(random_() % 2 == 0 ? Direction::kForward : Direction::kReverse, 5);
    for (const ScoredMember& element : popped) EXPECT_TRUE(Forget(std::string(element.member)));
  }

  bool Forget(const std::string& member) {
    const auto found = scores_.find(member);
    if (found == scores_.end()) return false;
    ordered_.erase({found->second, member});
    scores_.erase(found);
    return true;
  }

  void Change() {
    const uint64_t choice = random_() % 20;
    if (choice == 0) return Pop();
    choice < 13 ? Add() : Remove();
  }

  // Sometimes a checkpoint begins or ends between two turns.
  void EndTurn() {
    transaction_.Clear();
    if (random_() % 20 != 0) return;
    layers_.frozen() ? layers_.Apply() : layers_.Freeze();
  }

  std::vector<Pair> All() {
    std::vector<Pair> all;
    for (const ScoredMember& element : Set().SelectRanks(0, 1000, Direction::kForward)) {
      all.emplace_back(element.score, element.member);
    }
    return all;
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  Layers layers_;
  Transaction transaction_{layers_.view(), 5};
  Keyspace keyspace_{transaction_, 0};
  std::map<std::string, double> scores_;
  std::set<Pair> ordered_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, SortedSetLayersTest, testing::Range(1, 5));

TEST_P(SortedSetLayersTest, AgreesWithAModelWhateverLayerHoldsAnElement) {
  for (int step = 0; step < 1500; ++step) {
    Change();
    if (step % 5 == 0) EndTurn();
    if (step % 10 != 0) continue;
    ASSERT_EQ(All(), std::vector<Pair>(ordered_.begin(), ordered_.end())) << "step " << step;
  }
}

}  // namespace
}  // namespace holdfast::storage
