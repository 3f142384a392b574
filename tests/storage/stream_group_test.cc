#include "storage/stream_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/view.h"

namespace holdfast::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StreamGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    for (uint64_t ms = 1; ms <= 5; ++ms) stream_.Append({ms, 0}, std::vector<std::string_view>{"f", "v"});
    StreamGroup::Create(stream_, "g", {}, std::nullopt);
  }

  StreamGroup Open(std::string_view name = "g") { return *StreamGroup::Find(stream_, name); }
  uint64_t Consumer(std::string_view name) {
    StreamGroup group = Open();
    const uint64_t number = group.AddConsumer(name, 100).number;
    group.Save();
    return number;
  }
  void Deliver(uint64_t consumer, std::vector<uint64_t> ids) {
    StreamGroup group = Open();
    for (const uint64_t id : ids) group.Deliver({id, 0}, {consumer, 1000, 1});
    group.Save();
  }
  static std::vector<uint64_t> Pending(const StreamGroup& group, const StreamConsumer* consumer = nullptr) {
    std::vector<uint64_t> ids;
    const auto note = [&](const StreamId& id, const StreamDelivery&) {
      ids.push_back(id.ms);
      return true;
    };
    consumer == nullptr ? group.VisitPending({}, note) : group.VisitPendingOf(*consumer, {}, note);
    return ids;
  }
  size_t Stored(char table) {
    size_t entries = 0;
    std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
    const std::string prefix(1, table);
    for (cursor->Seek(prefix); cursor->valid() && cursor->key()[0] == table; cursor->Next()) ++entries;
    return entries;
  }

  View view_;
  Transaction transaction_{view_, 7};
  Keyspace keyspace_{transaction_, 0};
  Stream stream_{keyspace_, "s"};
};

TEST_F(StreamGroupTest, IsFoundByItsNameHoweverLong) {
  const std::string shorter(400, 'x');
  const std::string longer = shorter + std::string(200, 'y');
  const std::string other = shorter + std::string(200, 'z');
  StreamGroup::Create(stream_, longer, {3, 0}, 3);
  StreamGroup::Create(stream_, other, {4, 0}, 4);
  EXPECT_EQ(Open(longer).last(), (StreamId{3, 0}));
  EXPECT_EQ(Open(other).entries_read(), 4u);
  EXPECT_FALSE(StreamGroup::Find(stream_, shorter));
  std::vector<std::string> names;
  for (const StreamGroup& group : StreamGroup::All(stream_)) names.push_back(group.name());
  EXPECT_THAT(names, testing::UnorderedElementsAre("g", longer, other));
}

TEST_F(StreamGroupTest, KnowsWhatIsPendingAtWhom) {
  const uint64_t alice = Consumer("alice");
  const uint64_t bob = Consumer("bob");
  Deliver(alice, {1, 3});
  Deliver(bob, {2, 3});
  StreamGroup group = Open();
  EXPECT_EQ(group.pending(), 3u);
  EXPECT_THAT(Pending(group), ElementsAre(1, 2, 3));
  EXPECT_THAT(Pending(group, group.FindConsumer("alice")), ElementsAre(1));
  EXPECT_THAT(Pending(group, group.FindConsumer("bob")), ElementsAre(2, 3));
  EXPECT_EQ(group.FindConsumer("bob")->pending, 2u);
  EXPECT_EQ(group.PendingSpan()->from, (StreamId{1, 0}));
  EXPECT_EQ(group.PendingSpan()->to, (StreamId{3, 0}));
  EXPECT_TRUE(group.Acknowledge({3, 0}));
  EXPECT_FALSE(group.Acknowledge({3, 0}));
  group.Save();
  EXPECT_EQ(Open().FindConsumer("bob")->pending, 1u);
  EXPECT_EQ(Open().pending(), 2u);
}

TEST_F(StreamGroupTest, AConsumerGoesWithWhatItHas) {
  const uint64_t alice = Consumer("alice");
  const uint64_t bob = Consumer("bob");
  Deliver(alice, {1, 2});
  Deliver(bob, {3});
  StreamGroup group = Open();
  group.RemoveConsumer(*group.FindConsumer("alice"));
  group.Save();
  EXPECT_EQ(Open().FindConsumer("alice"), nullptr);
  EXPECT_THAT(Pending(Open()), ElementsAre(3));
  EXPECT_EQ(Open().consumers(), 1u);
  EXPECT_EQ(Stored('C'), 1u);
  EXPECT_EQ(Stored('Q'), 1u);
}

TEST_F(StreamGroupTest, ADestroyedGroupHasNothingToDoWithTheNextOfItsName) {
  Deliver(Consumer("alice"), {1});
  Open().Destroy();
  EXPECT_FALSE(StreamGroup::Find(stream_, "g"));
  EXPECT_EQ(Stored('T'), 1u);
  StreamGroup::Create(stream_, "g", {}, std::nullopt);
  EXPECT_THAT(Pending(Open()), IsEmpty());
  EXPECT_EQ(Open().FindConsumer("alice"), nullptr);
}

TEST_F(StreamGroupTest, CountsWhatIsReadAndWhatIsLeft) {
  StreamGroup group = Open();
  EXPECT_EQ(group.Lag(), 5);
  group.Advance({1, 0});
  EXPECT_EQ(group.entries_read(), 1u);
  group.Advance({2, 0});
  EXPECT_EQ(group.entries_read(), 2u);
  EXPECT_EQ(group.Lag(), 3);
}

TEST_F(StreamGroupTest, DoesNotKnowTheLagBeforeDeletedEntries) {
  stream_.Erase(std::vector<StreamId>{{3, 0}});
  StreamGroup group = Open();
  group.Advance({1, 0});
  EXPECT_FALSE(group.Lag());
  group.Advance({5, 0});
  EXPECT_EQ(group.entries_read(), 5u);
  EXPECT_EQ(group.Lag(), 0);
}

TEST_F(StreamGroupTest, ListsConsumersByName) {
  Consumer("bob");
  Consumer("alice");
  std::vector<std::string> names;
  StreamGroup group = Open();
  for (const StreamConsumer* consumer : group.Consumers()) names.push_back(consumer->name);
  EXPECT_THAT(names, ElementsAre("alice", "bob"));
  EXPECT_EQ(group.FindConsumer("bob")->active, -1);
}

}  // namespace
}  // namespace holdfast::storage
