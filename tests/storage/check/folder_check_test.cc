#include "storage/check/folder_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/codec.h"
#include "storage/lmdb/lmdb_tree.h"
#include "tests/storage/filled_folder.h"

namespace holdfast::storage::check {
namespace {

using testing::HasSubstr;

class FolderCheckTest : public testing::Test {
 protected:
  // Damages of the folder as it lies there.
  const std::vector<std::string>& Check() {
    said_.clear();
    Findings findings([this](const Finding& finding) {
      if (finding.kind == Finding::Kind::kDamage) said_.push_back(finding.where + ": " + finding.what);
    });
    const auto facts = CheckFolder(PosixEnv(), folder_.path(), "", findings);
    EXPECT_TRUE(facts.ok()) << facts.status();
    if (facts.ok()) facts_ = *facts;
    return said_;
  }
  std::string Joined() {
    std::string all;
    for (const std::string& line : said_) all += line + "\n";
    return all;
  }
  // Changes the map below the store, with right checksums.
  void Change(const std::function<void(TreeWriter& writer)>& change) {
    std::unique_ptr<Tree> tree = *lmdb::OpenTree(folder_.path(), folder_.options().map_bytes);
    std::unique_ptr<TreeWriter> writer = *tree->NewWriter();
    change(*writer);
    ASSERT_TRUE(writer->Commit().ok());
  }
  // Takes out the first entry that begins with `prefix`.
  void DeleteFirst(const std::string& prefix) {
    Change([&](TreeWriter& writer) { ASSERT_EQ(writer.DeletePrefix(prefix, 1), 1U); });
  }

  FilledFolder folder_;
  FolderFacts facts_;
  std::vector<std::string> said_;
};

TEST_F(FolderCheckTest, FolderOfEveryTypeIsSound) {
  EXPECT_THAT(Check(), testing::IsEmpty());
  EXPECT_FALSE(facts_.server_runs);
  EXPECT_EQ(facts_.keyspace->keys, 300U + 5U + 5U);
  EXPECT_GT(facts_.keyspace->elements, 300U * 6U);
  EXPECT_EQ(facts_.file.lost_pages, 0U);
}

TEST_F(FolderCheckTest, RecordsBehindTheCheckpointAreCounted) {
  folder_.Open();
  folder_.Push("queue", "one");
  folder_.Push("queue", "two");
  folder_.Kill();
  EXPECT_THAT(Check(), testing::IsEmpty());
  EXPECT_EQ(facts_.log->records_to_replay, 2U);
}

TEST_F(FolderCheckTest, NothingIsChanged) {
  const std::string data = FilledFolder::ReadFile(folder_.data_path());
  Check();
  EXPECT_EQ(FilledFolder::ReadFile(folder_.data_path()), data);
}

TEST_F(FolderCheckTest, MissingElementOfEachTypeIsNamedByItsKey) {
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  const std::pair<const char*, const char*> cases[] = {
      {"L", "key \"queue\" of database 0: it counts 299 elements, but 298 are there"},
      {"H", "key \"hash\" of database 0"},
      {"S", "key \"set\" of database 0"},
      {"Z", "key \"schedule\" of database 0"},
      {"O", "key \"schedule\" of database 0"},
      {"E", "key \"stream\" of database 0"},
      {"G", "no group of the stream owns them"},
      {"N", "key \"stream\" of database 0: a consumer has no name"},
      {"C", "key \"stream\" of database 0"},
      {"P", "key \"stream\" of database 0: deliveries"},
      {"Q", "key \"stream\" of database 0: a consumer counts other deliveries"},
      {"X", "is not in the expiry index"},
      {"D", "no database has its id"},
  };
  for (const auto& [table, expected] : cases) {
    FilledFolder::WriteFile(folder_.data_path(), sound);
    DeleteFirst(table);
    Check();
    EXPECT_THAT(Joined(), HasSubstr(expected)) << table;
  }
}

TEST_F(FolderCheckTest, KeyWithoutEntryLeavesUnownedElementsAndWrongCounts) {
  Change([](TreeWriter& writer) { ASSERT_GT(writer.DeletePrefix("K", 400), 300U); });
  Check();
  EXPECT_THAT(Joined(), HasSubstr("elements in table L"));
  EXPECT_THAT(Joined(), HasSubstr("no key owns them"));
  EXPECT_THAT(Joined(), HasSubstr("no key expires then"));
  EXPECT_THAT(Joined(), HasSubstr("database 0: it counts 310 keys, but 0 are there"));
}

TEST_F(FolderCheckTest, ANameAtAnothersHashIsFound) {
  Change([](TreeWriter& writer) {
    const auto first = writer.First("H");
    std::string key(first->first);
    const std::string value(first->second);
    writer.Delete(key);
    key[12] = static_cast<char>(key[12] ^ 1);
    writer.Put(key, value);
  });
  Check();
  EXPECT_THAT(Joined(), HasSubstr("key \"hash\" of database 0: a name does not stand at its hash"));
}

TEST_F(FolderCheckTest, ElementsInTheTrashAreNoDamage) {
  folder_.Open();
  folder_.Turn([](Keyspace& keyspace) { keyspace.Remove("queue"); });
  folder_.Close();
  EXPECT_THAT(Check(), testing::IsEmpty());
}

TEST_F(FolderCheckTest, WhatIsHandedOutIsNoDamage) {
  folder_.Open();
  folder_.Push("lonely", "job");
  folder_.HandOut("queue", 2);
  folder_.HandOut("lonely", 1);
  folder_.Close();
  EXPECT_THAT(Check(), testing::IsEmpty());
}

TEST_F(FolderCheckTest, FlushedDatabaseIsNoDamage) {
  folder_.Open();
  folder_.Turn([](Keyspace& keyspace) { keyspace.Clear(); });
  folder_.Close();
  EXPECT_THAT(Check(), testing::IsEmpty());
}

TEST_F(FolderCheckTest, FlippedByteOfAValueNamesFileByteAndKey) {
  std::string bytes = FilledFolder::ReadFile(folder_.data_path());
  // Old copies of the entry are in free pages: only the one in use is damage.
  for (size_t at = bytes.find("under a long key"); at != std::string::npos;
       at = bytes.find("under a long key", at + 1)) {
    bytes[at] ^= 1;
  }
  FilledFolder::WriteFile(folder_.data_path(), bytes);
  Check();
  EXPECT_THAT(Joined(), HasSubstr(folder_.data_path() + ", byte "));
  EXPECT_THAT(Joined(), HasSubstr("its checksum is wrong"));
  EXPECT_EQ(facts_.file.damaged_entries, 1U);
}

TEST_F(FolderCheckTest, EveryFlippedByteOfTheMetaPageInUseIsNoticedOrChangesNothing) {
  const std::string sound = FilledFolder::ReadFile(folder_.data_path());
  Check();
  const uint64_t entries = facts_.file.sound_entries;
  for (size_t page = 0; page < 2; ++page) {
    for (size_t at = 0; at < 16 + 136; ++at) {
      std::string bytes = sound;
      bytes[page * 4096 + at] ^= 0x10;
      FilledFolder::WriteFile(folder_.data_path(), bytes);
      Check();
      EXPECT_TRUE(!said_.empty() || facts_.file.sound_entries == entries)
          << "page " << page << ", byte " << at;
    }
  }
}

TEST_F(FolderCheckTest, DamagedLogIsNamedWithFileAndByte) {
  folder_.Open();
  for (int i = 0; i < 5; ++i) folder_.Push("queue", "job " + std::to_string(i));
  folder_.Kill();
  std::vector<std::string> live;
  for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/log")) {
    if (file.path().extension() == ".log") live.push_back(file.path());
  }
  std::sort(live.begin(), live.end());
  std::string bytes = FilledFolder::ReadFile(live.back());
  const std::string sound = bytes;
  bytes[2 * 4096 + 60] ^= 1;
  FilledFolder::WriteFile(live.back(), bytes);
  // With durability off nothing proves that what is missing was durable: the next start would cut it off.
  Check();
  EXPECT_EQ(facts_.log->records_to_replay, 1U);
  bytes = sound;
  bytes[20] ^= 1;
  FilledFolder::WriteFile(live.back(), bytes);
  Check();
  EXPECT_THAT(Joined(), HasSubstr(live.back()));
  EXPECT_THAT(Joined(), HasSubstr("damaged at byte 0"));
  FilledFolder::WriteFile(live.back(), sound.substr(0, 100'000));
  Check();
  EXPECT_THAT(Joined(), HasSubstr("100000 bytes instead of"));
}

TEST_F(FolderCheckTest, NewerFormatAndMissingFileAreErrorsNotDamage) {
  Findings findings([](const Finding&) {});
  FilledFolder::WriteFile(folder_.path() + "/format", "holdfast 99\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckFolder(PosixEnv(), folder_.path(), "", findings).status()));
  EXPECT_TRUE(absl::IsNotFound(CheckFolder(PosixEnv(), "/nowhere", "", findings).status()));
}

// In a process of its own, as an operator has it: LMDB wants a file open once in each.
TEST_F(FolderCheckTest, BesideARunningServerItSeesTheLastCheckpointWhileTheServerGoesOn) {
  folder_.Open();
  folder_.Push("fresh", "not checkpointed");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool sound = Check().empty() && facts_.server_runs && !facts_.log && facts_.keyspace->keys >= 310;
    // Without what would run at an exit: files and locks are the parent's.
    ::_exit(sound ? 0 : 1);
  }
  for (int i = 0; i < 50; ++i) {
    folder_.Push("fresh", "another");
    EXPECT_TRUE(folder_.store().Checkpoint().ok());
  }
  int result = -1;
  ASSERT_EQ(::waitpid(child, &result, 0), child);
  EXPECT_EQ(result, 0);
  folder_.Close();
  EXPECT_THAT(Check(), testing::IsEmpty());
}

}  // namespace
}  // namespace holdfast::storage::check
