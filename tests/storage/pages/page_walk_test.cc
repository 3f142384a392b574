#include "storage/pages/page_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/storage/filled_folder.h"

namespace holdfast::storage::pages {
namespace {

using testing::HasSubstr;

struct Recorder final : public WalkVisitor {
  void OnEntry(std::string_view table, std::string_view key, std::string_view, uint64_t) override {
    keys[std::string(table)].emplace_back(key);
  }
  void OnFault(uint64_t offset, const std::string& what) override { faults.emplace_back(offset, what); }

  std::map<std::string, std::vector<std::string>> keys;
  std::vector<std::pair<uint64_t, std::string>> faults;
};

class PageWalkTest : public testing::Test {
 protected:
  PageWalkTest() : bytes_(FilledFolder::ReadFile(folder_.data_path())) {}

  // Of the file as `bytes_` has it.
  WalkTotals Walk(WalkScope scope = WalkScope::kValues) {
    FilledFolder::WriteFile(folder_.data_path(), bytes_);
    recorder_ = Recorder();
    auto file = *PageFile::Open(PosixEnv(), folder_.data_path());
    if (!file->newest()) return {.faults = 1};
    PageWalk walk(PosixEnv(), *file, *file->newest(), recorder_);
    walk.Run(scope);
    return walk.totals();
  }
  // Byte offsets of the pages in use of that kind.
  std::vector<size_t> UsedPages(PageKind kind) {
    FilledFolder::WriteFile(folder_.data_path(), bytes_);
    auto file = *PageFile::Open(PosixEnv(), folder_.data_path());
    PageWalk walk(PosixEnv(), *file, *file->newest(), recorder_);
    walk.Run(WalkScope::kValues);
    std::vector<size_t> pages;
    for (size_t page = kMetaPages; page * file->page_bytes() < bytes_.size(); ++page) {
      const size_t at = page * file->page_bytes();
      const bool is_kind = Load16(bytes_, at + 10) == static_cast<uint16_t>(kind);
      const bool is_page = Load64(bytes_, at) == page;  // not the later pages of a long value
      if (walk.is_used(page) && is_kind && is_page) pages.push_back(at);
    }
    return pages;
  }

  FilledFolder folder_;
  std::string bytes_;
  Recorder recorder_;
};

TEST_F(PageWalkTest, SoundFileHasAllEntriesInOrderAndNoFault) {
  const WalkTotals totals = Walk();
  EXPECT_EQ(totals.faults, 0U) << recorder_.faults[0].second;
  EXPECT_EQ(totals.lost_pages, 0U);
  EXPECT_TRUE(totals.complete);
  folder_.Open();
  size_t entries = 0;
  const std::unique_ptr<Cursor> cursor = folder_.store().BeginTurn(0).NewCursor();
  for (cursor->Seek(""); cursor->valid(); cursor->Next(), ++entries) {
    ASSERT_EQ(recorder_.keys["entries"][entries], cursor->key());
  }
  EXPECT_EQ(recorder_.keys["entries"].size(), entries);
  EXPECT_EQ(recorder_.keys["chunks"].size(), 4U);
}

TEST_F(PageWalkTest, EveryFlippedByteOfEveryPageHeaderIsFound) {
  constexpr size_t kHeaderBytes = 16;
  std::mt19937 random(5);
  for (const PageKind kind : {PageKind::kBranch, PageKind::kLeaf, PageKind::kOverflow}) {
    std::vector<size_t> pages = UsedPages(kind);
    ASSERT_FALSE(pages.empty());
    std::shuffle(pages.begin(), pages.end(), random);
    pages.resize(std::min<size_t>(pages.size(), 4));
    for (const size_t page : pages) {
      for (size_t byte = 0; byte < kHeaderBytes; ++byte) {
        const char mask = static_cast<char>(1 << (random() % 8));
        bytes_[page + byte] ^= mask;
        const WalkTotals totals = Walk();
        EXPECT_GT(totals.faults, 0U) << "byte " << byte << " of the page at " << page;
        bytes_[page + byte] ^= mask;
      }
    }
  }
  EXPECT_EQ(Walk().faults, 0U);
}

TEST_F(PageWalkTest, AFaultNamesItsPlaceInTheFile) {
  const size_t leaf = UsedPages(PageKind::kLeaf).back();
  bytes_[leaf + 10] ^= 1;
  Walk();
  ASSERT_FALSE(recorder_.faults.empty());
  EXPECT_EQ(recorder_.faults[0].first, leaf + 10);
  EXPECT_THAT(recorder_.faults[0].second, HasSubstr("kind"));
}

TEST_F(PageWalkTest, FlippedNodesOfBranchesAreFoundOrHarmless) {
  std::mt19937 random(6);
  Walk();
  const auto sound = recorder_.keys;
  for (const size_t page : UsedPages(PageKind::kBranch)) {
    const uint16_t lower = Load16(bytes_, page + 12);
    const uint16_t upper = Load16(bytes_, page + 14);
    for (int round = 0; round < 40; ++round) {
      // Places, child pages and lengths; not the free space between.
      const bool in_places = random() % 3 == 0;
      const size_t byte = in_places ? 16 + random() % (lower - 16) : upper + random() % (4096 - upper);
      const char before = bytes_[page + byte];
      bytes_[page + byte] = static_cast<char>(before ^ static_cast<char>(1 << (random() % 8)));
      // A flipped byte of a separating key may leave the order as it is: then a reader finds everything.
      const bool found = Walk().faults > 0;
      EXPECT_TRUE(found || recorder_.keys == sound) << "byte " << byte << " of the page at " << page;
      bytes_[page + byte] = before;
    }
  }
}

TEST_F(PageWalkTest, TruncatedFileIsFoundAtEveryLength) {
  const std::string whole = bytes_;
  for (size_t bytes = 0; bytes < whole.size(); bytes += 12'345) {
    bytes_ = whole.substr(0, bytes);
    EXPECT_GT(Walk().faults, 0U) << bytes;
  }
}

TEST_F(PageWalkTest, RandomDamageNeverCrashes) {
  const std::string whole = bytes_;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    bytes_ = whole;
    for (unsigned i = 0; i < 1 + seed % 50; ++i)
      bytes_[random() % bytes_.size()] = static_cast<char>(random());
    Walk();
  }
}

TEST_F(PageWalkTest, BranchesAloneAreQuickAndFindTheirOwnDamage) {
  // Not the last: those are of the free list and of the names of tables.
  const std::vector<size_t> leaves = UsedPages(PageKind::kLeaf);
  const size_t leaf = leaves[leaves.size() / 2];
  const size_t branch = UsedPages(PageKind::kBranch).back();
  bytes_[leaf + 10] ^= 1;
  EXPECT_EQ(Walk(WalkScope::kBranches).faults, 0U);
  bytes_[branch + 10] ^= 4;
  EXPECT_GT(Walk(WalkScope::kBranches).faults, 0U);
}

TEST_F(PageWalkTest, PagesScopeFindsAHeaderOfALongValueWithoutReadingValues) {
  const size_t overflow = UsedPages(PageKind::kOverflow).front();
  bytes_[overflow + 12] = 0;
  EXPECT_GT(Walk(WalkScope::kPages).faults, 0U);
  EXPECT_TRUE(recorder_.keys["entries"].empty());
}

}  // namespace
}  // namespace holdfast::storage::pages
