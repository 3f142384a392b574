// The whole store with the n-th file call failing (open, write, sync, preallocate, rename, ...), for every n
// until none is left to fail: what was acknowledged is there afterwards, what was refused is not.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/durable_store.h"
#include "storage/log/file_log.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_tree.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {
namespace {

using FileCall = fakes::FakeEnv::FileCall;

enum class Lasting { kOneCall, kUntilFixed };

struct Fault {
  std::string name;
  absl::Status why;
  Lasting lasting;
  log::Durability durability = log::Durability::kAlways;

  [[nodiscard]] bool is_full_disk() const { return absl::IsResourceExhausted(why); }
};

// One store's life on a disk with a fault in it.
class FaultyLife {
 public:
  static constexpr int kTurns = 16;
  static constexpr uint64_t kSegmentBytes = 16 << 10;

  FaultyLife(const Fault& fault, uint64_t call) : fault_(fault), env_(call + 1) {
    options_.env = &env_;
    options_.folder = "/data";
    options_.durability = fault.durability;
    options_.memtable_bytes = 20 << 10;
    options_.segment_bytes = kSegmentBytes;
  }

  void Arm(uint64_t call) {
    fault_.lasting == Lasting::kOneCall ? env_.FailCall(call, fault_.why) : env_.FailFrom(call, fault_.why);
  }
  [[nodiscard]] bool has_failed() const { return env_.has_failed(); }
  [[nodiscard]] FileCall first_failed() const { return env_.first_failed(); }

  [[nodiscard]] bool Open() {
    store_.reset();
    listener_ = RecordingStoreListener();
    StoreParts parts;
    parts.open_tree = [this](const std::string&) -> absl::StatusOr<std::unique_ptr<Tree>> {
      return fakes::OpenMemoryTree(tree_);
    };
    parts.new_log = [this](const std::string& folder) {
      return std::make_unique<log::FileLog>(
          env_, log::FileLogOptions{
                    .folder = folder, .durability = options_.durability, .segment_bytes = kSegmentBytes});
    };
    absl::StatusOr<std::unique_ptr<Store>> store = DurableStore::Open(options_, parts, listener_);
    if (store.ok()) store_ = *std::move(store);
    return store.ok();
  }

  // Turns, among them one that does not fit into a segment.
  void Work() {
    for (int i = 0; i < kTurns; ++i) {
      Turn(i);
      if (i % 5 == 4) store_->RequestCheckpoint();
      Pass(absl::Milliseconds(150));
    }
  }

  void Turn(int number) {
    const std::string key = absl::StrCat("K", number);
    Transaction& transaction = store_->BeginTurn(1024);
    const Transaction::Mark mark = transaction.mark();
    transaction.Put(key, Value(number));
    if (!store_->Secure(0).ok()) {
      transaction.RollbackTo(mark);
      refused_.insert(number);
    }
    const size_t taken_back = listener_.taken_back.size();
    const bool sealed = !listener_.sealed.empty();
    const uint64_t turn = store_->Commit();
    if (refused_.contains(number)) return;
    if (listener_.taken_back.size() > taken_back || sealed) {
      refused_.insert(number);
    } else if (listener_.sealed.empty() && listener_.durable >= turn) {
      acknowledged_.insert(number);
    }
  }

  void Pass(absl::Duration time) {
    store_->Poll();
    env_.Advance(time);
    store_->Poll();
  }

  // What must hold while the process lives.
  void CheckAlive() {
    if (fault_.is_full_disk()) {
      EXPECT_TRUE(listener_.sealed.empty()) << listener_.sealed[0];
    } else {
      EXPECT_TRUE(listener_.taken_back.empty());
    }
    CheckReads();
  }

  // The fault goes: after a full disk the same process accepts everything again.
  void Fix() {
    env_.StopFailing();
    for (int i = 0; i < 30; ++i) Pass(absl::Milliseconds(100));
    if (!fault_.is_full_disk()) return;
    store_->BeginTurn(1024);
    EXPECT_EQ(store_->admission(), Admission::kOpen);
    Turn(kTurns);
    EXPECT_TRUE(acknowledged_.contains(kTurns)) << "it does not recover by itself";
    Pass(absl::Seconds(2));
  }

  void CheckReads() {
    Transaction& transaction = store_->BeginTurn(0);
    for (const int number : acknowledged_) {
      EXPECT_TRUE(transaction.Get(absl::StrCat("K", number)) == Value(number)) << number << " is lost";
    }
    for (const int number : refused_) {
      EXPECT_FALSE(transaction.Get(absl::StrCat("K", number)).has_value()) << number << " was refused";
    }
  }

  void Crash(uint64_t seed) { env_.Crash(seed); }
  void Close() { (void)store_->Close(); }
  void StopFailing() { env_.StopFailing(); }

 private:
  static std::string Value(int number) {
    return std::string(number == 7 ? 40'000 : 3000, static_cast<char>('a' + number));
  }

  const Fault& fault_;
  fakes::FakeEnv env_;
  fakes::MemoryTreeFile tree_;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
  std::set<int> acknowledged_;
  std::set<int> refused_;
};

class StoreFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(StoreFaultTest, AcknowledgedIsPresentAndRefusedIsAbsentWhicheverCallFails) {
  bool struck = true;
  std::set<FileCall> kinds;
  for (uint64_t call = 0; struck; ++call) {
    SCOPED_TRACE(absl::StrCat("call ", call));
    FaultyLife life(GetParam(), call);
    ASSERT_TRUE(life.Open());
    life.Arm(call);
    life.Work();
    struck = life.has_failed();
    if (struck) kinds.insert(life.first_failed());
    life.CheckAlive();
    life.Fix();
    life.CheckAlive();
    life.Crash(call);
    ASSERT_TRUE(life.Open());
    life.CheckReads();
    ASSERT_FALSE(HasFailure());
  }
  for (const FileCall kind : {FileCall::kWrite, FileCall::kSync, FileCall::kPreallocate, FileCall::kRename}) {
    EXPECT_TRUE(kinds.contains(kind)) << "no call of kind " << static_cast<int>(kind) << " has failed";
  }
}

TEST_P(StoreFaultTest, OpeningThatFailsLeavesEverythingForTheNext) {
  bool struck = true;
  for (uint64_t call = 0; struck; ++call) {
    SCOPED_TRACE(absl::StrCat("call ", call));
    FaultyLife life(GetParam(), call);
    ASSERT_TRUE(life.Open());
    for (int i = 0; i < 3; ++i) life.Turn(i);
    life.Close();
    life.Arm(call);
    const bool opened = life.Open();
    struck = life.has_failed();
    EXPECT_TRUE(opened || struck);
    life.StopFailing();
    ASSERT_TRUE(life.Open());
    life.CheckReads();
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, StoreFaultTest,
    testing::Values(Fault{"NoSpaceOnce", absl::ResourceExhaustedError("ENOSPC"), Lasting::kOneCall},
                    Fault{"NoSpaceUntilFixed", absl::ResourceExhaustedError("ENOSPC"), Lasting::kUntilFixed},
                    Fault{"NoQuotaOnce", absl::ResourceExhaustedError("EDQUOT"), Lasting::kOneCall},
                    Fault{"NoQuotaUntilFixed", absl::ResourceExhaustedError("EDQUOT"), Lasting::kUntilFixed},
                    Fault{"DeviceErrorOnce", absl::DataLossError("EIO"), Lasting::kOneCall},
                    Fault{"DeviceErrorUntilFixed", absl::DataLossError("EIO"), Lasting::kUntilFixed},
                    Fault{"NoSpaceOnceEverySecond", absl::ResourceExhaustedError("ENOSPC"), Lasting::kOneCall,
                          log::Durability::kEverySec},
                    Fault{"NoSpaceUntilFixedEverySecond", absl::ResourceExhaustedError("ENOSPC"),
                          Lasting::kUntilFixed, log::Durability::kEverySec}),
    [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace holdfast::storage
