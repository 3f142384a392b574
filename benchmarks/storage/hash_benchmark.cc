#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/hash.h"
#include "storage/set.h"

namespace holdfast::storage {
namespace {

// A keyspace in memory alone: what the layout costs, without log and disk.
class Memory {
 public:
  explicit Memory(int64_t fields) : keyspace_(transaction_, 0) { Fill(fields); }

  Keyspace& keyspace() { return keyspace_; }

  // Between measurements: a memtable keeps every value it ever held until it is frozen.
  void Restart(int64_t fields) {
    transaction_.Clear();
    transaction_.SetDatabase(0, Database());
    view_.Reset(nullptr);
    Fill(fields);
  }

 private:
  void Fill(int64_t fields) {
    for (int64_t i = 0; i < fields; ++i) {
      const std::string field = "field:" + std::to_string(i);
      const std::string_view pair[] = {field, "value"};
      Hash(keyspace_, "h").Set(pair);
    }
    transaction_.Clear();
  }

  View view_;
  Transaction transaction_{view_, 1};
  Keyspace keyspace_;
};

void BM_Get(benchmark::State& state) {
  Memory memory(state.range(0));
  const std::string field = "field:" + std::to_string(state.range(0) / 2);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Hash(memory.keyspace(), "h").Get(field));
  }
}
BENCHMARK(BM_Get)->Arg(4)->Arg(20)->Arg(128)->Arg(10'000);

void BM_Set(benchmark::State& state) {
  Memory memory(state.range(0));
  const std::string field = "field:" + std::to_string(state.range(0) / 2);
  int64_t calls = 0;
  for (auto _ : state) {
    if (++calls % 4096 == 0) {
      state.PauseTiming();
      memory.Restart(state.range(0));
      state.ResumeTiming();
    }
    const std::string value = std::to_string(calls);
    const std::string_view pair[] = {field, value};
    benchmark::DoNotOptimize(Hash(memory.keyspace(), "h").Set(pair));
  }
}
BENCHMARK(BM_Set)->Arg(4)->Arg(20)->Arg(128)->Arg(10'000);

void BM_GetAll(benchmark::State& state) {
  Memory memory(state.range(0));
  size_t bytes = 0;
  for (auto _ : state) {
    Hash(memory.keyspace(), "h").elements().Visit([&](std::string_view field, std::string_view value) {
      bytes += field.size() + value.size();
      return true;
    });
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(BM_GetAll)->Arg(20)->Arg(10'000);

// What every push of a job does: the queue's name is in the set already.
void BM_AddPresentMember(benchmark::State& state) {
  Memory memory(0);
  const std::vector<std::string_view> queues = {"critical", "default", "mailers", "low"};
  Set(memory.keyspace(), "queues").Add(queues);
  const std::string_view member[] = {"default"};
  for (auto _ : state) benchmark::DoNotOptimize(Set(memory.keyspace(), "queues").Add(member));
}
BENCHMARK(BM_AddPresentMember);

}  // namespace
}  // namespace holdfast::storage
