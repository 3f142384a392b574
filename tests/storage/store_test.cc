#include "storage/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "storage/keyspace.h"
#include "storage/list.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {
namespace {

using testing::HasSubstr;

// The store as a server has it: real files, LMDB, the file log.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    options_.folder = place_.path() + "/data";
    options_.map_bytes = 256 << 20;
    options_.segment_bytes = 1 << 20;
    options_.checkpoint_interval = absl::InfiniteDuration();
  }

  void Open() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options_, listener_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  // As kill -9: nothing is finished.
  void Kill() { store_.reset(); }

  uint64_t Put(const std::string& key, const std::string& value) {
    store_->BeginTurn(64 << 10).Put(key, value);
    return store_->Commit();
  }
  void Push(int database, const std::string& key, std::string_view job) {
    Transaction& transaction = store_->BeginTurn(64 << 10);
    Keyspace keyspace(transaction, database);
    List(keyspace, key).Push(End::kFront, {&job, 1});
    store_->Commit();
  }
  std::string Get(const std::string& key) {
    return std::string(store_->BeginTurn(0).Get(key).value_or("(absent)"));
  }

  fakes::TemporaryFolder place_;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, CommittedTurnIsThereAfterKill) {
  Open();
  const uint64_t turn = Put("Ka", "1");
  EXPECT_EQ(listener_.durable, turn);
  EXPECT_EQ(store_->durable_turn(), turn);
  Kill();
  Open();
  EXPECT_EQ(Get("Ka"), "1");
  EXPECT_EQ(store_->stats().replayed_records, 1U);
}

TEST_F(StoreTest, UncommittedTurnIsGoneAfterKill) {
  Open();
  Put("Ka", "1");
  store_->BeginTurn(0).Put("Kb", "2");
  Kill();
  Open();
  EXPECT_EQ(Get("Kb"), "(absent)");
}

TEST_F(StoreTest, TurnWithoutEffectsIsTheNewestOne) {
  Open();
  const uint64_t turn = Put("Ka", "1");
  store_->BeginTurn(0);
  EXPECT_EQ(store_->Commit(), turn);
  EXPECT_EQ(store_->stats().turn, turn);
}

TEST_F(StoreTest, CheckpointedTurnIsNotReplayedAgain) {
  Open();
  Put("Ka", "1");
  ASSERT_TRUE(store_->Checkpoint().ok());
  EXPECT_EQ(store_->stats().checkpointed_turn, 1U);
  Put("Ka", "2");
  Put("Kb", "2");
  Kill();
  Open();
  EXPECT_EQ(store_->stats().replayed_records, 2U);
  EXPECT_EQ(Get("Ka"), "2");
  EXPECT_EQ(Get("Kb"), "2");
}

TEST_F(StoreTest, CloseLeavesNothingToReplay) {
  Open();
  Put("Ka", "1");
  ASSERT_TRUE(store_->Close().ok());
  Open();
  EXPECT_EQ(store_->stats().replayed_records, 0U);
  EXPECT_EQ(Get("Ka"), "1");
}

TEST_F(StoreTest, EachOpeningTakesANewEpochAndTurnsGoOn) {
  Open();
  const uint64_t epoch = store_->stats().epoch;
  const uint64_t turn = Put("Ka", "1");
  const uint64_t id = store_->BeginTurn(0).NewId();
  Kill();
  Open();
  EXPECT_GT(store_->stats().epoch, epoch);
  EXPECT_GT(store_->BeginTurn(0).NewId(), id);
  EXPECT_EQ(Put("Kb", "2"), turn + 1);
}

TEST_F(StoreTest, HashSeedStaysWithTheFolder) {
  Open();
  const uint64_t hash = store_->BeginTurn(0).Hash("key");
  Kill();
  Open();
  EXPECT_EQ(store_->BeginTurn(0).Hash("key"), hash);
}

TEST_F(StoreTest, PollCheckpointsAFullMemtableAndDropsIt) {
  options_.durability = log::Durability::kOff;
  options_.memtable_bytes = 256 << 10;
  Open();
  const std::string job(800, 'j');
  for (int i = 0; i < 2000; ++i) {
    Put("K" + std::to_string(i), job);
    store_->Poll();
  }
  EXPECT_GT(store_->stats().checkpoints, 3U);
  EXPECT_LT(store_->disk().memtable_bytes, 1U << 20);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(Get("K" + std::to_string(i)), job) << i;
  Kill();
  Open();
  EXPECT_LT(store_->stats().replayed_records, 1500U);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(Get("K" + std::to_string(i)), job) << i;
}

TEST_F(StoreTest, LongReplayIsCheckpointedOnTheWay) {
  options_.durability = log::Durability::kOff;
  Open();
  const std::string job(800, 'j');
  for (int i = 0; i < 1000; ++i) Put("K" + std::to_string(i), job);
  Kill();
  options_.memtable_bytes = 256 << 10;
  Open();
  EXPECT_EQ(store_->stats().replayed_records, 1000U);
  EXPECT_GE(store_->stats().checkpoints, 2U);
  EXPECT_LT(store_->disk().memtable_bytes, 768U << 10);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Get("K" + std::to_string(i)), job) << i;
}

TEST_F(StoreTest, TypedValuesSurviveKillAndCheckpoint) {
  options_.durability = log::Durability::kOff;
  Open();
  for (int i = 0; i < 300; ++i) Push(0, "queue", "job" + std::to_string(i));
  ASSERT_TRUE(store_->Checkpoint().ok());
  for (int i = 300; i < 500; ++i) Push(0, "queue", "job" + std::to_string(i));
  Kill();
  Open();
  Keyspace keyspace(store_->BeginTurn(0), 0);
  EXPECT_EQ(keyspace.size(), 1U);
  List queue(keyspace, "queue");
  ASSERT_EQ(queue.size(), 500U);
  for (uint64_t i = 0; i < 500; ++i) EXPECT_EQ(queue.At(499 - i), "job" + std::to_string(i));
}

TEST_F(StoreTest, ValueOfManyMegabytesSpansSegmentsAndChunks) {
  Open();
  const std::string large(9 << 20, 'x');
  store_->BeginTurn(large.size() + 1000).Put("Klarge", large);
  ASSERT_TRUE(store_->Secure(0).ok());
  store_->Commit();
  Kill();
  Open();
  EXPECT_EQ(Get("Klarge"), large);
  ASSERT_TRUE(store_->Checkpoint().ok());
  EXPECT_EQ(Get("Klarge"), large);
  ASSERT_TRUE(store_->Close().ok());
  Open();
  EXPECT_EQ(Get("Klarge"), large);
}

TEST_F(StoreTest, SecondStoreOnTheFolderIsRefused) {
  Open();
  const absl::Status second = Store::Open(options_, listener_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second));
  EXPECT_THAT(std::string(second.message()), HasSubstr("in use by another server"));
}

TEST_F(StoreTest, NewerFormatIsRefused) {
  Open();
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  std::ofstream(options_.folder + "/format") << "holdfast 77\n";
  const absl::Status status = Store::Open(options_, listener_).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 77"));
}

TEST_F(StoreTest, LostDataFileIsNotMistakenForANewFolder) {
  Open();
  Put("Ka", "1");
  Kill();
  std::filesystem::remove(options_.folder + "/data.mdb");
  std::filesystem::remove(options_.folder + "/lock.mdb");
  const absl::Status status = Store::Open(options_, listener_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(StoreTest, DamagedEntryIsReportedOnceForEachCommandThatMeetsIt) {
  Open();
  Put("Kjob", "the payload that gets damaged");
  Put("Kother", "sound");
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  const std::string path = options_.folder + "/data.mdb";
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = content.str();
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const std::string mark = "the payload";
  for (size_t at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1)) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put('T');
  }
  file.close();
  Open();
  EXPECT_EQ(Get("Kother"), "sound");
  EXPECT_TRUE(store_->TakeFault().ok());
  EXPECT_EQ(Get("Kjob"), "(absent)");
  EXPECT_THAT(std::string(store_->TakeFault().message()), HasSubstr("table K, key \"Kjob\""));
  EXPECT_TRUE(store_->TakeFault().ok());
  EXPECT_THAT(std::string(store_->fault().message()), HasSubstr("\"Kjob\""));
}

TEST_F(StoreTest, EverySecondAndOffComeBackAfterACleanEnd) {
  for (const log::Durability durability : {log::Durability::kEverySec, log::Durability::kOff}) {
    options_.durability = durability;
    Open();
    const std::string key = "K" + std::to_string(static_cast<int>(durability));
    const uint64_t turn = Put(key, "1");
    EXPECT_EQ(store_->durable_turn(), turn);
    ASSERT_TRUE(store_->Close().ok());
    Open();
    EXPECT_EQ(Get(key), "1");
  }
}

}  // namespace
}  // namespace holdfast::storage
