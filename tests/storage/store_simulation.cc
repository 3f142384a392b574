#include "tests/storage/store_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "storage/log/file_log.h"

namespace holdfast::storage {
namespace {

constexpr uint64_t kTreeCapacity = 4000;  // of a full data disk; less than the keys can fill

}  // namespace

StoreSimulation::StoreSimulation(uint64_t seed, log::Durability durability)
    : random_(seed), durability_(durability), env_(seed) {
  options_.env = &env_;
  options_.folder = "/data";
  options_.durability = durability;
  options_.segment_bytes = Chance(2) ? 16 << 10 : 64 << 10;
  // With the smallest bound every turn is checkpointed, and every record of a replay.
  options_.memtable_bytes = Chance(4) ? 1 : 1 << 20;
}

void StoreSimulation::Run() {
  const uint64_t lives = 2 + Below(4);
  for (uint64_t life = 0; life <= lives && !testing::Test::HasFailure(); ++life) {
    Live(life == lives || Chance(3) ? Faults::kNone : Faults::kSome);
  }
}

void StoreSimulation::Live(Faults faults) {
  if (faults == Faults::kSome) ArmFault();
  if (!Open()) {
    Disarm();
    // Its sync may have failed, and with it what only the page cache had.
    acknowledged_ = safe_;
    if (Chance(2)) PowerCut();
    ASSERT_TRUE(Open()) << "does not open after the fault is gone";
  }
  CheckRecovered();
  if (testing::Test::HasFatalFailure()) return;
  const uint64_t turns = Below(30);
  for (uint64_t turn = 0; turn < turns; ++turn) {
    RunTurn();
    Tick();
  }
  End();
  Disarm();
}

bool StoreSimulation::Open() {
  listener_ = RecordingStoreListener();
  StoreParts parts;
  parts.open_tree = [this](const std::string&) -> absl::StatusOr<std::unique_ptr<Tree>> {
    return fakes::OpenMemoryTree(tree_);
  };
  parts.new_log = [this](const std::string& folder) {
    return std::make_unique<log::FileLog>(
        env_, log::FileLogOptions{
                  .folder = folder, .durability = durability_, .segment_bytes = options_.segment_bytes});
  };
  absl::StatusOr<std::unique_ptr<Store>> store = DurableStore::Open(options_, parts, listener_);
  if (!store.ok()) return false;
  store_ = *std::move(store);
  return true;
}

void StoreSimulation::ArmFault() {
  switch (Below(6)) {
    case 0:
      env_.FailCall(Below(60), absl::DataLossError("EIO"));
      break;
    case 1:
      env_.FailFrom(Below(60), absl::DataLossError("EIO"));
      break;
    case 2:
      env_.FailCall(Below(60), absl::ResourceExhaustedError("ENOSPC"));
      break;
    case 3:
      env_.SetCapacity((4 + Below(12)) * options_.segment_bytes / 2);
      break;
    case 4:
      tree_.FailCommits(1 + Below(3), absl::DataLossError("EIO"),
                        Chance(2) ? fakes::MemoryTreeFile::Failure::kLostCommit
                                  : fakes::MemoryTreeFile::Failure::kKeptCommit);
      break;
    default:
      tree_.SetCapacity(kTreeCapacity);
  }
}

void StoreSimulation::Disarm() {
  env_.StopFailing();
  env_.SetCapacity(uint64_t{1} << 40);
  tree_.FailCommits(0, absl::OkStatus());
  tree_.SetCapacity(UINT64_MAX);
}

std::string StoreSimulation::RandomKey() { return "K" + std::to_string(Below(24)); }

std::string StoreSimulation::RandomValue() {
  const uint64_t bytes = Chance(20) ? Below(3 * options_.segment_bytes) : Below(300);
  std::string value(bytes, static_cast<char>('a' + Below(26)));
  if (!value.empty()) value[Below(value.size())] = static_cast<char>(random_());
  return value;
}

void StoreSimulation::RunTurn() {
  Transaction& transaction = store_->BeginTurn(Below(2) * 4096);
  Map map = states_.at(store_->stats().turn);
  const uint64_t commands = 1 + Below(4);
  bool changed = false;
  for (uint64_t i = 0; i < commands; ++i) {
    Map after = map;
    if (!RunCommand(transaction, after)) continue;
    changed = changed || after != map;
    map = std::move(after);
  }
  if (store_->admission() == Admission::kSealed) {
    const uint64_t durable = store_->durable_turn();
    EXPECT_EQ(store_->Commit(), durable);
    CheckReads();
  } else {
    FinishTurn(std::move(map));
  }
}

bool StoreSimulation::RunCommand(Transaction& transaction, Map& map) {
  const Transaction::Mark mark = transaction.mark();
  const uint64_t changes = Below(4);
  for (uint64_t i = 0; i < changes; ++i) {
    const std::string key = RandomKey();
    if (Chance(3)) {
      transaction.Delete(key);
      map.erase(key);
    } else {
      const std::string value = RandomValue();
      if (map.contains(key)) {
        transaction.Put(key, value);
      } else {
        transaction.Insert(key, value);
      }
      map[key] = value;
    }
  }
  if (store_->Secure(0).ok() && !Chance(8)) return true;
  transaction.RollbackTo(mark);
  return false;
}

void StoreSimulation::FinishTurn(Map map) {
  const uint64_t before = store_->stats().turn;
  const bool empty = store_->BeginTurn(0).empty();
  const size_t taken_back = listener_.taken_back.size();
  const uint64_t turn = store_->Commit();
  if (!empty) {
    // One that was taken back lives on until something else takes its place.
    states_.resize(before + 1);
    states_.push_back(std::move(map));
  }
  // Nobody was told, but a reopened log may have it.
  if (!listener_.sealed.empty() || listener_.taken_back.size() > taken_back) return;
  EXPECT_EQ(turn, empty ? before : before + 1);
  EXPECT_EQ(listener_.durable, empty ? listener_.durable : turn);
  acknowledged_ = turn;
  if (durability_ == log::Durability::kAlways) safe_ = turn;
  if (Chance(4)) CheckReads();
}

void StoreSimulation::Tick() {
  if (options_.memtable_bytes == 1 || Chance(2)) env_.RunTasks();
  if (Chance(4)) store_->RequestCheckpoint();
  store_->Poll();
  if (Chance(4)) env_.Advance(absl::Milliseconds(Below(2000)));
  if (Chance(20)) (void)store_->Checkpoint();
  if (Chance(10)) Disarm();
  if (Chance(4)) CheckReads();
}

void StoreSimulation::End() {
  switch (Below(4)) {
    case 0:
      if (store_->Close().ok()) safe_ = acknowledged_;
      break;
    case 1:  // kill -9: the page cache survives
      break;
    default:
      PowerCut();
  }
  // A background sync may have failed, unnoticed yet, and takes with it what it should have made durable.
  if (env_.has_failed()) acknowledged_ = safe_;
  store_.reset();
}

void StoreSimulation::PowerCut() {
  env_.Crash(random_());
  acknowledged_ = safe_;
}

StoreSimulation::Map StoreSimulation::Read(Reader& reader) {
  Map map;
  const std::unique_ptr<Cursor> cursor = reader.NewCursor();
  for (cursor->Seek("K"); cursor->valid() && cursor->key() < "L"; cursor->Next()) {
    map.emplace(cursor->key(), cursor->value());
  }
  return map;
}

void StoreSimulation::CheckReads() {
  Transaction& transaction = store_->BeginTurn(0);
  EXPECT_TRUE(store_->TakeFault().ok());
  EXPECT_TRUE(Read(transaction.view()) == states_.at(store_->stats().turn));
  const std::string key = RandomKey();
  const Map& state = states_.at(store_->stats().turn);
  const auto found = state.find(key);
  EXPECT_EQ(transaction.Get(key).has_value(), found != state.end());
  EXPECT_EQ(transaction.Get(key).value_or(""), found == state.end() ? "" : found->second);
}

void StoreSimulation::CheckRecovered() {
  const uint64_t turn = store_->stats().turn;
  ASSERT_GE(turn, acknowledged_) << "an acknowledged turn is lost";
  ASSERT_LT(turn, states_.size()) << "a turn that never was";
  states_.resize(turn + 1);
  // What was replayed was synced first: it may be shown to anyone.
  acknowledged_ = safe_ = turn;
  CheckReads();
}

}  // namespace holdfast::storage
