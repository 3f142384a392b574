#include "storage/lmdb/lmdb_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "storage/lmdb/stored_value.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage::lmdb {
namespace {

using testing::HasSubstr;

class LmdbTreeTest : public testing::Test {
 protected:
  static constexpr uint64_t kMapBytes = 64 << 20;

  void Open(uint64_t map_bytes = kMapBytes) {
    tree_.reset();
    tree_ = *OpenTree(folder_.path(), map_bytes);
  }
  absl::Status Put(std::string_view key, std::string_view value) {
    std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    writer->Put(key, value);
    return writer->Commit();
  }
  absl::Status Delete(std::string_view key) {
    std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
    writer->Delete(key);
    return writer->Commit();
  }
  std::unique_ptr<Snapshot> Read() { return *tree_->NewSnapshot(); }

  // Changes the first byte of `mark` in the closed data file, wherever it stands there.
  void Damage(const std::string& mark) {
    tree_.reset();
    const std::string path = folder_.path() + "/data.mdb";
    std::stringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    const std::string bytes = content.str();
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    size_t found = 0;
    for (size_t at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1), ++found) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(mark[0] ^ 1));
    }
    ASSERT_GT(found, 0U);
    file.close();
    Open();
  }

  fakes::TemporaryFolder folder_;
  std::unique_ptr<Tree> tree_ = *OpenTree(folder_.path(), kMapBytes);
};

std::string Patterned(size_t bytes) {
  std::string value(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) value[i] = static_cast<char>(i * 31 + i / 251);
  return value;
}

TEST_F(LmdbTreeTest, ValuesOfAnyLengthComeBackWhole) {
  const size_t lengths[] = {0, 1, 2030, kChunkBytes, kChunkBytes + 1, 2 * kChunkBytes, 1'000'000};
  for (const size_t length : lengths) {
    ASSERT_TRUE(Put("K" + std::to_string(length), Patterned(length)).ok());
  }
  const std::unique_ptr<Snapshot> snapshot = Read();
  for (const size_t length : lengths) {
    EXPECT_EQ(snapshot->Get("K" + std::to_string(length)), Patterned(length)) << length;
  }
  const std::unique_ptr<Cursor> cursor = snapshot->NewCursor();
  size_t entries = 0;
  for (cursor->Seek("K"); cursor->valid(); cursor->Next(), ++entries) {
    EXPECT_EQ(cursor->value(), Patterned(std::stoul(std::string(cursor->key().substr(1)))));
  }
  EXPECT_EQ(entries, std::size(lengths));
}

TEST_F(LmdbTreeTest, ViewsOfChunkedValuesLiveSideBySide) {
  ASSERT_TRUE(Put("a", std::string(100'000, 'a')).ok());
  ASSERT_TRUE(Put("b", std::string(100'000, 'b')).ok());
  const std::unique_ptr<Snapshot> snapshot = Read();
  const std::string_view a = *snapshot->Get("a");
  const std::string_view b = *snapshot->Get("b");
  EXPECT_EQ(a, std::string(100'000, 'a'));
  EXPECT_EQ(b, std::string(100'000, 'b'));
  snapshot->Release();
}

TEST_F(LmdbTreeTest, ChunksOfReplacedAndDeletedValuesAreFreed) {
  const std::string large(1 << 20, 'x');
  ASSERT_TRUE(Put("keep", large).ok());
  const uint64_t before = tree_->Measure().used_bytes;
  ASSERT_TRUE(Put("a", large).ok());
  ASSERT_TRUE(Put("b", large).ok());
  ASSERT_TRUE(Put("c", large).ok());
  EXPECT_GT(tree_->Measure().used_bytes, before + 3 * large.size());
  ASSERT_TRUE(Put("a", "small").ok());
  ASSERT_TRUE(Delete("b").ok());
  std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
  EXPECT_EQ(writer->DeletePrefix("c", 10), 1U);
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_LT(tree_->Measure().used_bytes, before + (64 << 10));
  EXPECT_EQ(Read()->Get("keep"), large);
}

TEST_F(LmdbTreeTest, ReplacingChunkedByChunkedKeepsTheNewOne) {
  ASSERT_TRUE(Put("a", std::string(300'000, 'x')).ok());
  ASSERT_TRUE(Put("b", std::string(100'000, 'b')).ok());
  ASSERT_TRUE(Put("a", std::string(200'000, 'y')).ok());
  EXPECT_EQ(Read()->Get("a"), std::string(200'000, 'y'));
  EXPECT_EQ(Read()->Get("b"), std::string(100'000, 'b'));
}

TEST_F(LmdbTreeTest, FlippedByteIsReportedWithTableAndKeyAndNeverServed) {
  ASSERT_TRUE(Put("Kgood", "sound").ok());
  ASSERT_TRUE(Put(std::string_view("K\x01job", 5), "a value to damage").ok());
  ASSERT_TRUE(Put("Kzood", "sound").ok());
  Damage("a value to damage");
  const std::unique_ptr<Snapshot> snapshot = Read();
  EXPECT_EQ(snapshot->Get("Kgood"), "sound");
  EXPECT_TRUE(snapshot->fault().ok());
  EXPECT_EQ(snapshot->Get(std::string_view("K\x01job", 5)), std::nullopt);
  EXPECT_EQ(snapshot->fault().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(snapshot->fault().message(), HasSubstr("table K, key \"K\\001job\""));
}

TEST_F(LmdbTreeTest, CursorPassesOverDamageAndReportsIt) {
  for (const char* key : {"Ka", "Kb", "Kc"}) ASSERT_TRUE(Put(key, std::string("value of ") + key).ok());
  Damage("value of Kb");
  const std::unique_ptr<Snapshot> snapshot = Read();
  const std::unique_ptr<Cursor> cursor = snapshot->NewCursor();
  cursor->Seek("Ka");
  cursor->Next();
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "Kc");
  EXPECT_THAT(snapshot->fault().message(), HasSubstr("\"Kb\""));
  cursor->Prev();
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "Ka");
}

TEST_F(LmdbTreeTest, DamagedChunkNamesTheKeyItBelongsTo) {
  ASSERT_TRUE(Put("Slong", std::string(100'000, '.') + "the end").ok());
  Damage("the end");
  const std::unique_ptr<Snapshot> snapshot = Read();
  EXPECT_EQ(snapshot->Get("Slong"), std::nullopt);
  EXPECT_THAT(snapshot->fault().message(), HasSubstr("table S, key \"Slong\""));
}

TEST_F(LmdbTreeTest, FullMapIsResourceExhaustedAndHeals) {
  Open(1 << 20);
  ASSERT_TRUE(Put("a", "kept").ok());
  EXPECT_EQ(Put("b", std::string(2 << 20, 'b')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read()->Get("a"), "kept");
  EXPECT_EQ(Read()->Get("b"), std::nullopt);
  EXPECT_TRUE(Put("c", "fits").ok());
}

// A limit on the size of files fails LMDB's own writes as a full disk does: in the middle.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*const handler_)(int);
  rlimit before_{};
};

TEST_F(LmdbTreeTest, ShortWriteFailsTheCommitAndTheReopenedTreeGoesOn) {
  ASSERT_TRUE(Put("a", "kept").ok());
  const std::unique_ptr<Snapshot> snapshot = Read();
  {
    const FileSizeLimit full(256 << 10);
    EXPECT_FALSE(Put("b", std::string(1 << 20, 'b')).ok());
    EXPECT_TRUE(tree_->needs_reopen());
    EXPECT_TRUE(absl::IsUnavailable(tree_->NewWriter().status()));
    EXPECT_EQ(snapshot->Get("a"), "kept");
    snapshot->Drop();
    EXPECT_TRUE(tree_->Reopen().ok());
    EXPECT_TRUE(snapshot->Renew().ok());
    EXPECT_EQ(snapshot->Get("a"), "kept");
    EXPECT_EQ(snapshot->Get("b"), std::nullopt);
  }
  ASSERT_TRUE(Put("b", std::string(1 << 20, 'b')).ok());
  EXPECT_EQ(Read()->Get("b"), std::string(1 << 20, 'b'));
}

TEST_F(LmdbTreeTest, ErrorOfAWriterSticks) {
  std::unique_ptr<TreeWriter> writer = *tree_->NewWriter();
  writer->Put(std::string(600, 'k'), "longer than LMDB's keys");
  writer->Put("fine", "but too late");
  EXPECT_FALSE(writer->status().ok());
  EXPECT_FALSE(writer->Commit().ok());
  writer.reset();
  EXPECT_EQ(Read()->Get("fine"), std::nullopt);
}

TEST_F(LmdbTreeTest, SpaceOfDeletedEntriesIsUsedAgain) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "K" + std::to_string(round);
    ASSERT_TRUE(Put(key, std::string(1 << 20, 'x')).ok());
    ASSERT_TRUE(Delete(key).ok());
  }
  EXPECT_LT(tree_->Measure().file_bytes, 8U << 20);
}

}  // namespace
}  // namespace holdfast::storage::lmdb
