// What a turn costs on the machine's own disk, and what reading costs where the data lies.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "storage/store.h"
#include "tests/fakes/temporary_folder.h"

namespace holdfast::storage {
namespace {

constexpr size_t kJobBytes = 800;

struct Ignore final : StoreListener {
  void OnDurable(uint64_t) override {}
  void OnSealed(const absl::Status&) override {}
  void OnTurnTakenBack(const absl::Status&) override {}
};

// A store in a folder of its own.
class Place {
 public:
  explicit Place(log::Durability durability) {
    StoreOptions options;
    options.folder = folder_.path() + "/data";
    options.durability = durability;
    options.map_bytes = uint64_t{16} << 30;
    store_ = *Store::Open(options, listener_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Store& store() { return *store_; }
  void Push(int64_t jobs) {
    Transaction& transaction = store_->BeginTurn(1 << 20);
    for (int64_t i = 0; i < jobs; ++i) transaction.Insert(Key(next_++), job_);
    store_->Commit();
    store_->Poll();
  }
  static std::string Key(uint64_t number) {
    std::string key = "L00000000";
    for (size_t i = key.size(); number > 0; number /= 10) key[--i] = static_cast<char>('0' + number % 10);
    return key;
  }

 private:
  const std::string job_ = std::string(kJobBytes, 'j');
  fakes::TemporaryFolder folder_;  // goes after the store
  Ignore listener_;
  std::unique_ptr<Store> store_;
  uint64_t next_ = 0;
};

// One synced log record with this many pushed jobs.
void BM_DurableTurn(benchmark::State& state) {
  Place place(log::Durability::kAlways);
  for (auto _ : state) place.Push(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_DurableTurn)->Arg(1)->Arg(50)->Arg(200)->UseRealTime();

// The same without the disk's part in it: the store's own work, checkpoints included.
void BM_UnsyncedTurn(benchmark::State& state) {
  Place place(log::Durability::kOff);
  for (auto _ : state) place.Push(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["checkpoints"] = static_cast<double>(place.store().stats().checkpoints);
  state.counters["waited_ms"] = absl::ToDoubleMilliseconds(place.store().stats().waited);
}
BENCHMARK(BM_UnsyncedTurn)->Arg(50)->UseRealTime();

enum class From { kMemtable, kTree };

void Read(benchmark::State& state, From from) {
  Place place(log::Durability::kOff);
  constexpr uint64_t kJobs = 20'000;
  for (uint64_t i = 0; i < kJobs; i += 100) place.Push(100);
  if (from == From::kTree && !place.store().Checkpoint().ok()) state.SkipWithError("no checkpoint");
  Transaction& transaction = place.store().BeginTurn(0);
  uint64_t number = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(transaction.Get(Place::Key(number)));
    number = (number + 7919) % kJobs;
  }
  state.SetItemsProcessed(state.iterations());
}
void BM_ReadFromMemtable(benchmark::State& state) { Read(state, From::kMemtable); }
void BM_ReadFromTree(benchmark::State& state) { Read(state, From::kTree); }
BENCHMARK(BM_ReadFromMemtable);
BENCHMARK(BM_ReadFromTree);

}  // namespace
}  // namespace holdfast::storage
