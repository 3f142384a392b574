#include "storage/tree.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/lmdb/lmdb_tree.h"
#include "tests/fakes/memory_tree.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage {
namespace {

constexpr uint64_t kMapBytes = 64 << 20;

// A kind of tree, in a place of its own.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<Tree> Open() = 0;
};

class LmdbPlace final : public Place {
 public:
  std::unique_ptr<Tree> Open() override { return *lmdb::OpenTree(folder_.path(), kMapBytes); }

 private:
  fakes::TemporaryFolder folder_;
};

class MemoryPlace final : public Place {
 public:
  std::unique_ptr<Tree> Open() override { return fakes::OpenMemoryTree(file_); }

 private:
  fakes::MemoryTreeFile file_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Place>()> make;
};

// What every tree promises: the twin that crash tests use must keep LMDB's contract.
class TreeTest : public testing::TestWithParam<Kind> {
 protected:
  void Write(const std::function<void(TreeWriter&)>& changes) {
    std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    changes(*writer);
    ASSERT_TRUE(writer->Commit().ok()) << writer->status();
  }

  std::vector<std::string> Keys(Reader& reader) {
    std::vector<std::string> keys;
    const std::unique_ptr<Cursor> cursor = reader.NewCursor();
    for (cursor->Seek(""); cursor->valid(); cursor->Next()) keys.emplace_back(cursor->key());
    return keys;
  }

  const std::unique_ptr<Place> place_ = GetParam().make();
  std::unique_ptr<Tree> tree_ = place_->Open();
};

TEST_P(TreeTest, CommittedEntriesAreThereAfterReopening) {
  Write([](TreeWriter& writer) {
    writer.Put("b", "2");
    writer.Put("a", "1");
    writer.Put("empty", "");
  });
  tree_.reset();
  tree_ = place_->Open();
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  EXPECT_EQ(snapshot->Get("a"), "1");
  EXPECT_EQ(snapshot->Get("empty"), "");
  EXPECT_EQ(snapshot->Get("c"), std::nullopt);
  EXPECT_EQ(Keys(*snapshot), (std::vector<std::string>{"a", "b", "empty"}));
}

TEST_P(TreeTest, UncommittedWriterLeavesNothing) {
  {
    std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    writer->Put("a", "1");
  }
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  EXPECT_EQ(snapshot->Get("a"), std::nullopt);
}

TEST_P(TreeTest, SnapshotStandsStillUntilRenewed) {
  Write([](TreeWriter& writer) { writer.Put("a", "old"); });
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  Write([](TreeWriter& writer) {
    writer.Put("a", "new");
    writer.Put("b", "new");
  });
  EXPECT_EQ(snapshot->Get("a"), "old");
  EXPECT_EQ(Keys(*snapshot), std::vector<std::string>{"a"});
  ASSERT_TRUE(snapshot->Renew().ok());
  EXPECT_EQ(snapshot->Get("a"), "new");
  EXPECT_EQ(Keys(*snapshot), (std::vector<std::string>{"a", "b"}));
}

TEST_P(TreeTest, DroppedSnapshotReadsNothingAndSaysSo) {
  Write([](TreeWriter& writer) { writer.Put("a", "1"); });
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  snapshot->Drop();
  EXPECT_EQ(snapshot->Get("a"), std::nullopt);
  EXPECT_TRUE(Keys(*snapshot).empty());
  EXPECT_EQ(snapshot->fault().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(tree_->Reopen().ok());
  ASSERT_TRUE(snapshot->Renew().ok());
  EXPECT_EQ(snapshot->Get("a"), "1");
  EXPECT_TRUE(snapshot->fault().ok());
}

TEST_P(TreeTest, CursorWalksBothWays) {
  Write([](TreeWriter& writer) {
    for (const char* key : {"b", "d", "f"}) writer.Put(key, key);
  });
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  const std::unique_ptr<Cursor> cursor = snapshot->NewCursor();
  EXPECT_FALSE(cursor->valid());
  cursor->Seek("c");
  EXPECT_EQ(cursor->key(), "d");
  cursor->Prev();
  EXPECT_EQ(cursor->key(), "b");
  cursor->Prev();
  EXPECT_FALSE(cursor->valid());
  cursor->SeekBefore("d");
  EXPECT_EQ(cursor->key(), "b");
  cursor->SeekBefore("z");
  EXPECT_EQ(cursor->key(), "f");
  cursor->Next();
  EXPECT_FALSE(cursor->valid());
  cursor->SeekBefore("b");
  EXPECT_FALSE(cursor->valid());
  cursor->Seek("g");
  EXPECT_FALSE(cursor->valid());
}

TEST_P(TreeTest, DeletePrefixTakesFromTheFrontUpToItsLimit) {
  Write([](TreeWriter& writer) {
    for (const char* key : {"a", "p1", "p2", "p3", "q"}) writer.Put(key, key);
  });
  Write([](TreeWriter& writer) { EXPECT_EQ(writer.DeletePrefix("p", 2), 2U); });
  const std::unique_ptr<Snapshot> snapshot = *tree_->NewSnapshot();
  EXPECT_EQ(Keys(*snapshot), (std::vector<std::string>{"a", "p3", "q"}));
  Write([](TreeWriter& writer) { EXPECT_EQ(writer.DeletePrefix("p", 2), 1U); });
  ASSERT_TRUE(snapshot->Renew().ok());
  EXPECT_EQ(Keys(*snapshot), (std::vector<std::string>{"a", "q"}));
}

TEST_P(TreeTest, WriterSeesItsOwnChanges) {
  Write([](TreeWriter& writer) {
    writer.Put("p1", "one");
    writer.Put("p2", "two");
    writer.Delete("p1");
    writer.Delete("not there");
    const auto first = writer.First("p");
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->first, "p2");
    EXPECT_EQ(first->second, "two");
    EXPECT_FALSE(writer.First("q").has_value());
  });
}

INSTANTIATE_TEST_SUITE_P(Trees, TreeTest,
                         testing::Values(Kind{"Lmdb", [] { return std::make_unique<LmdbPlace>(); }},
                                         Kind{"Memory", [] { return std::make_unique<MemoryPlace>(); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace holdfast::storage
