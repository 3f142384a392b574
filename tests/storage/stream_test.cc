#include "storage/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/key_moves.h"
#include "storage/view.h"
#include "tests/storage/layers.h"

namespace holdfast::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint64_t> Read(const Stream& stream, const StreamRange& range = {},
                           Direction direction = Direction::kForward, uint64_t limit = 0) {
  std::vector<uint64_t> ids;
  stream.Visit(range, direction, limit, [&](const StreamEntry& entry) { ids.push_back(entry.id.ms); });
  return ids;
}

class StreamTest : public testing::Test {
 protected:
  Stream Open(std::string_view key = "s") { return {keyspace_, key}; }
  // Entries 1-0, 2-0, ... up to `last`.
  void Fill(uint64_t last, std::string_view key = "s") {
    Stream stream = Open(key);
    for (uint64_t ms = stream.head().last.ms + 1; ms <= last; ++ms) {
      stream.Append({ms, 0}, std::vector<std::string_view>{"f", "v"});
    }
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
};

TEST_F(StreamTest, KeepsEntriesInTheOrderOfTheirIds) {
  Fill(3);
  const Stream stream = Open();
  EXPECT_THAT(Read(stream), ElementsAre(1, 2, 3));
  EXPECT_THAT(Read(stream, {{2, 0}, {3, 0}}), ElementsAre(2, 3));
  EXPECT_THAT(Read(stream, {{1, 1}, {2, 9}}), ElementsAre(2));
  EXPECT_THAT(Read(stream, {}, Direction::kReverse), ElementsAre(3, 2, 1));
  EXPECT_THAT(Read(stream, {{0, 0}, {2, 0}}, Direction::kReverse, 1), ElementsAre(2));
  EXPECT_THAT(Read(stream, {{3, 0}, {1, 0}}), IsEmpty());
  EXPECT_EQ(stream.size(), 3u);
  EXPECT_EQ(stream.head().added, 3u);
}

TEST_F(StreamTest, RemembersWhatAnEntrySays) {
  Open().Append({5, 7}, std::vector<std::string_view>{"a", "1", "a", ""});
  const std::optional<StreamEntry> entry = Open().Find({5, 7});
  ASSERT_TRUE(entry);
  EXPECT_THAT(entry->fields, ElementsAre("a", "1", "a", ""));
  EXPECT_FALSE(Open().Find({5, 8}));
}

TEST_F(StreamTest, KeepsItsKeyAndItsPastWhenItIsEmpty) {
  Fill(2);
  EXPECT_EQ(Open().Erase(std::vector<StreamId>{{1, 0}, {2, 0}, {3, 0}}), 2u);
  const Stream stream = Open();
  EXPECT_TRUE(stream.exists());
  EXPECT_EQ(stream.size(), 0u);
  EXPECT_EQ(stream.head().last, (StreamId{2, 0}));
  EXPECT_EQ(stream.head().max_deleted, (StreamId{2, 0}));
  EXPECT_TRUE(stream.head().first.is_zero());
  EXPECT_EQ(stream.head().nodes, 0u);
  EXPECT_FALSE(stream.LastEntry());
}

TEST_F(StreamTest, TrimsToALength) {
  Fill(250);
  EXPECT_EQ(Open().Trim({.max_length = 120}), 130u);
  EXPECT_EQ(Open().size(), 120u);
  EXPECT_EQ(Open().head().first, (StreamId{131, 0}));
  EXPECT_EQ(Open().head().nodes, 2u);
  EXPECT_EQ(Open().Trim({.max_length = 120}), 0u);
  EXPECT_EQ(Open().Trim({.max_length = 0}), 120u);
  EXPECT_EQ(Stored('E'), 0u);
  EXPECT_EQ(Stored('R'), 0u);
}

TEST_F(StreamTest, TrimsToAnId) {
  Fill(250);
  EXPECT_EQ(Open().Trim({.min_id = {1, 0}}), 0u);
  EXPECT_EQ(Open().Trim({.min_id = {205, 3}}), 205u);
  EXPECT_EQ(Open().head().first, (StreamId{206, 0}));
  EXPECT_EQ(Open().Trim({.min_id = {251, 0}}), 45u);
}

TEST_F(StreamTest, ARoughTrimTakesWholeNodesOnly) {
  Fill(250);
  EXPECT_EQ(Open().Trim({.max_length = 151, .rough = true}), 0u);
  EXPECT_EQ(Open().Trim({.max_length = 150, .rough = true}), 100u);
  EXPECT_EQ(Open().Trim({.min_id = {200, 0}, .rough = true}), 0u);
  EXPECT_EQ(Open().Trim({.min_id = {201, 0}, .rough = true}), 100u);
  EXPECT_EQ(Open().size(), 50u);
  EXPECT_EQ(Open().Trim({.max_length = 0, .rough = true, .limit = 49}), 0u);
  EXPECT_EQ(Open().Trim({.max_length = 0, .rough = true, .limit = 50}), 50u);
}

TEST_F(StreamTest, ANodeThatLostEntriesIsStillTakenWhole) {
  Fill(250);
  EXPECT_EQ(Open().Erase(std::vector<StreamId>{{10, 0}, {20, 0}, {150, 0}}), 3u);
  EXPECT_EQ(Open().Trim({.max_length = 150, .rough = true}), 0u);
  EXPECT_EQ(Open().Trim({.max_length = 149, .rough = true}), 98u);
  EXPECT_EQ(Open().size(), 149u);
}

TEST_F(StreamTest, LongEntriesFillANodeByTheirBytes) {
  const std::string value(1000, 'v');
  for (uint64_t ms = 1; ms <= 8; ++ms) Open().Append({ms, 0}, std::vector<std::string_view>{"f", value});
  EXPECT_EQ(Open().head().nodes, 2u);
}

TEST_F(StreamTest, DeletedStreamsGoToTheTrashAndCopiesStay) {
  Fill(150);
  Slot from = keyspace_.Look("s");
  Slot to = keyspace_.Look("copy");
  CopyValue(from, keyspace_, to);
  EXPECT_TRUE(keyspace_.Remove("s"));
  EXPECT_EQ(Open("copy").size(), 150u);
  EXPECT_EQ(Open("copy").head().last, (StreamId{150, 0}));
  EXPECT_EQ(Open("copy").Trim({.max_length = 50, .rough = true}), 100u);
  EXPECT_EQ(Stored('T'), 1u);
}

TEST_F(StreamTest, TellsATypeThatIsNotItsOwn) {
  Slot slot = keyspace_.Look("text");
  slot.entry = Keyspace::NewEntry(ValueType::kString, Encoding::kInline);
  keyspace_.Save(slot);
  EXPECT_TRUE(Open("text").wrong_type());
}

// What a stream must be after random changes: a sorted list of ids, cut off in the same places.
TEST(StreamLayersTest, AgreesWithAModelThroughEveryLayer) {
  Layers layers;
  Transaction transaction(layers.view(), 7);
  Keyspace keyspace(transaction, 0);
  std::mt19937_64 random(11);
  std::vector<uint64_t> model;
  uint64_t next = 1;
  for (int step = 0; step < 2000; ++step) {
    Stream stream(keyspace, "s");
    const uint64_t dice = random() % 10;
    if (dice < 6) {
      next += 1 + random() % 3;
      stream.Append({next, 0}, std::vector<std::string_view>{"f", "v"});
      model.push_back(next);
    } else if (dice < 8 && !model.empty()) {
      const auto at = model.begin() + static_cast<std::ptrdiff_t>(random() % model.size());
      ASSERT_EQ(stream.Erase(std::vector<StreamId>{{*at, 0}}), 1u);
      model.erase(at);
    } else if (dice == 8) {
      const uint64_t length = random() % 40;
      const uint64_t cut = model.size() > length ? model.size() - length : 0;
      ASSERT_EQ(stream.Trim({.max_length = length}), cut);
      model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(cut));
    } else {
      const uint64_t from = random() % (next + 1);
      const auto first = std::lower_bound(model.begin(), model.end(), from);
      ASSERT_EQ(Read(stream, {{from, 0}}), std::vector<uint64_t>(first, model.end()));
    }
    ASSERT_EQ(stream.size(), model.size());
    ASSERT_EQ(stream.head().first.ms, model.empty() ? 0 : model.front());
    if (step % 100 == 40) {
      transaction.Clear();
      layers.Freeze();
    }
    if (step % 100 == 80) {
      transaction.Clear();
      layers.Apply();
    }
  }
}

}  // namespace
}  // namespace holdfast::storage
