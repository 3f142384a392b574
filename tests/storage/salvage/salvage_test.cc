#include "storage/salvage/salvage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/check/folder_check.h"
#include "storage/lmdb/lmdb_tree.h"
#include "storage/pages/page_file.h"
#include "tests/storage/filled_folder.h"

namespace holdfast::storage::salvage {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class SalvageTest : public testing::Test {
 protected:
  SalvageTest() : new_folder_(place_.path() + "/new") {}

  // Afterwards the new folder is sound, whatever the old one is, and a store opens it.
  void Salvage() {
    said_.clear();
    std::filesystem::remove_all(new_folder_);
    check::Findings findings([this](const check::Finding& finding) {
      if (finding.kind == check::Finding::Kind::kDamage) said_ += finding.where + ": " + finding.what + "\n";
    });
    const auto facts = salvage::Salvage(PosixEnv(), folder_.path(), new_folder_, "", findings);
    ASSERT_TRUE(facts.ok()) << facts.status();
    facts_ = *facts;
    EXPECT_FALSE(std::filesystem::exists(new_folder_ + ".partial"));
    std::string damage;
    check::Findings sound([&](const check::Finding& finding) { damage += finding.where + finding.what; });
    ASSERT_TRUE(check::CheckFolder(PosixEnv(), new_folder_, "", sound).ok());
    EXPECT_EQ(damage, "");
  }

  // Pages of the free list and of the tables' names, each tree a leaf in a file as small as this.
  std::vector<pages::PageNumber> SmallTrees() {
    const auto file = *pages::PageFile::Open(PosixEnv(), folder_.data_path());
    EXPECT_EQ(file->newest()->free_list.depth, 1);
    return {file->newest()->free_list.root, file->newest()->main.root};
  }

  // What clients would see of the new folder.
  struct Seen {
    uint64_t keys = 0;
    std::vector<std::string> queue;
    uint64_t hash = 0;
    uint64_t set = 0;
    uint64_t schedule = 0;
    uint64_t stream = 0;
    uint64_t pending = 0;
    bool operator==(const Seen&) const = default;
  };
  Seen Look(const std::string& path) {
    RecordingStoreListener listener;
    auto store = *Store::Open(FilledFolder::OptionsFor(path), listener);
    Transaction& transaction = store->BeginTurn(0);
    transaction.set_now(absl::InfinitePast());
    Keyspace keyspace(transaction, 0);
    Seen seen;
    seen.keys = keyspace.size();
    List queue(keyspace, "queue");
    if (!queue.empty()) {
      queue.Range(0, queue.size(), [&](std::string_view job) { seen.queue.emplace_back(job); });
    }
    seen.hash = Hash(keyspace, "hash").size();
    seen.set = Set(keyspace, "set").size();
    seen.schedule = SortedSet(keyspace, "schedule").size();
    const Stream stream(keyspace, "stream");
    seen.stream = stream.size();
    if (const auto group = StreamGroup::Find(stream, "group")) seen.pending = group->pending();
    return seen;
  }

  FilledFolder folder_;
  fakes::TemporaryFolder place_;
  const std::string new_folder_;
  std::string said_;
  Facts facts_;
};

TEST_F(SalvageTest, SoundFolderComesThroughWholeWithItsLog) {
  folder_.Open();
  folder_.Push("queue", "only in the log");
  folder_.Kill();
  const std::string before = FilledFolder::ReadFile(folder_.data_path());
  Salvage();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(facts_.records, 1U);
  EXPECT_EQ(FilledFolder::ReadFile(folder_.data_path()), before);
  const Seen seen = Look(new_folder_);
  EXPECT_EQ(seen.queue.front(), "only in the log");
  EXPECT_EQ(seen.pending, 20U);
  EXPECT_EQ(seen, Look(folder_.path()));
}

TEST_F(SalvageTest, PopsThatNobodyConfirmedAreBackInTheirQueues) {
  const Seen before = Look(folder_.path());
  folder_.Open();
  folder_.Push("lonely", "job");
  folder_.HandOut("queue", 2);
  folder_.HandOut("lonely", 1);
  folder_.Kill();
  Salvage();
  EXPECT_EQ(said_, "");
  const Seen seen = Look(new_folder_);
  EXPECT_EQ(seen.queue, before.queue);
  EXPECT_EQ(seen.keys, before.keys + 1);
}

TEST_F(SalvageTest, ExpiriesSmallValuesLongOnesAndLongKeysComeThrough) {
  Salvage();
  RecordingStoreListener listener;
  auto store = *Store::Open(FilledFolder::OptionsFor(new_folder_), listener);
  Transaction& transaction = store->BeginTurn(0);
  Keyspace keyspace(transaction, 0);
  EXPECT_EQ(String(keyspace, "long").value(), std::string(100'000, 'v'));
  EXPECT_EQ(String(keyspace, std::string(600, 'k')).value(), "under a long key");
  EXPECT_EQ(Hash(keyspace, "small:hash").Get("3"), "4");
  EXPECT_TRUE(Set(keyspace, "small:set").Contains("2"));
  EXPECT_EQ(SortedSet(keyspace, "small:schedule").Score("b"), 2);
  EXPECT_LT(String(keyspace, "string:250").expires(), PosixEnv().Now() + absl::Hours(251));
  EXPECT_GT(String(keyspace, "string:250").expires(), PosixEnv().Now() + absl::Hours(248));
}

TEST_F(SalvageTest, LostKeyEntriesGiveTheirCollectionsNewNames) {
  {
    std::unique_ptr<Tree> tree = *lmdb::OpenTree(folder_.path(), folder_.options().map_bytes);
    std::unique_ptr<TreeWriter> writer = *tree->NewWriter();
    ASSERT_GT(writer->DeletePrefix("K", 400), 300U);
    ASSERT_TRUE(writer->Commit().ok());
  }
  Salvage();
  EXPECT_THAT(said_, HasSubstr("a list of 299 elements: its key is lost"));
  EXPECT_EQ(facts_.found_again, 5U);
  EXPECT_EQ(Look(new_folder_).keys, 5U);
}

TEST_F(SalvageTest, ADamagedPageOfTheTreeCostsWhatItHeldAndNoMore) {
  const Seen whole = Look(folder_.path());
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  std::mt19937 random(3);
  for (int round = 0; round < 25; ++round) {
    std::string bytes = sound;
    // The head of some page, which may be a branch, a leaf, a long value's or a free one.
    const size_t page = 2 + random() % (bytes.size() / 4096 - 2);
    for (size_t i = 0; i < 16; ++i) bytes[page * 4096 + i] = static_cast<char>(random());
    FilledFolder::WriteFile(folder_.data_path(), bytes);
    Salvage();
    const Seen seen = Look(new_folder_);
    // Nothing is made up: what is there was there.
    const std::set<std::string> jobs(whole.queue.begin(), whole.queue.end());
    for (const std::string& job : seen.queue) EXPECT_TRUE(jobs.contains(job));
    EXPECT_GE(seen.queue.size() + 20, whole.queue.size()) << "page " << page;
    EXPECT_TRUE(!said_.empty() || seen == whole) << "page " << page;
  }
}

// Deleted entries leave their bytes, with right checksums, in the free space of pages.
TEST_F(SalvageTest, DeletedKeysStayDeletedWhereAPagesNumberOrKindIsDamaged) {
  folder_.Open();
  for (int i = 0; i < 300; ++i) {
    folder_.Turn([&](Keyspace& keyspace) { String(keyspace, "short:" + std::to_string(i)).Set("value"); });
  }
  ASSERT_TRUE(folder_.store().Checkpoint().ok());
  for (int i = 0; i < 300; ++i) {
    if (i % 3 == 0) continue;
    folder_.Turn([&](Keyspace& keyspace) { keyspace.Remove("short:" + std::to_string(i)); });
  }
  folder_.Close();
  std::string bytes = FilledFolder::ReadFile(folder_.data_path());
  for (size_t page = 2; page < bytes.size() / 4096; ++page) {
    constexpr size_t kKindAt = 10;
    if (bytes[page * 4096 + kKindAt] == 2) bytes[page * 4096 + page % 2 * kKindAt] ^= 0x10;
  }
  // The tables' names and the free list stand in leaves too: those must be found.
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  for (const pages::PageNumber page : SmallTrees())
    bytes.replace(page * 4096, 4096, sound, page * 4096, 4096);
  FilledFolder::WriteFile(folder_.data_path(), bytes);
  Salvage();
  EXPECT_NE(said_, "");
  EXPECT_EQ(Look(new_folder_).keys, 310U + 100U);
}

TEST_F(SalvageTest, RandomDamageAndTruncationNeverCrashAndNeverMakeAnythingUp) {
  const Seen whole = Look(folder_.path());
  const std::set<std::string> jobs(whole.queue.begin(), whole.queue.end());
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  for (unsigned seed = 0; seed < 25; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = sound;
    if (seed % 3 == 0) bytes.resize(random() % bytes.size());
    for (unsigned i = 0; i < 20 && !bytes.empty(); ++i)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
    FilledFolder::WriteFile(folder_.data_path(), bytes);
    Salvage();
    for (const std::string& job : Look(new_folder_).queue) EXPECT_TRUE(jobs.contains(job)) << "seed " << seed;
  }
}

TEST_F(SalvageTest, RecordsBehindADamagedOneOfTheLogComeThrough) {
  folder_.Open();
  for (int i = 0; i < 5; ++i) folder_.Push("queue", "job " + std::to_string(i));
  folder_.Kill();
  std::string live;
  for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/log")) {
    if (file.path().extension() == ".log") live = std::max<std::string>(live, file.path());
  }
  std::string bytes = FilledFolder::ReadFile(live);
  bytes[2 * 4096 + 60] ^= 1;
  FilledFolder::WriteFile(live, bytes);
  Salvage();
  EXPECT_THAT(said_, HasSubstr("are missing before this one"));
  const Seen seen = Look(new_folder_);
  EXPECT_EQ(seen.queue.size(), 299U + 4U);
  EXPECT_EQ(seen.queue.front(), "job 4");
}

TEST_F(SalvageTest, RunningServerAndTakenNameAreRefused) {
  check::Findings findings([](const check::Finding&) {});
  std::filesystem::create_directory(new_folder_);
  EXPECT_TRUE(absl::IsAlreadyExists(
      salvage::Salvage(PosixEnv(), folder_.path(), new_folder_, "", findings).status()));
  std::filesystem::remove(new_folder_);
  folder_.Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      salvage::Salvage(PosixEnv(), folder_.path(), new_folder_, "", findings).status()));
  EXPECT_FALSE(std::filesystem::exists(new_folder_));
  folder_.Kill();
}

}  // namespace
}  // namespace holdfast::storage::salvage
