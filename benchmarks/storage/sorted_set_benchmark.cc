#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "storage/sorted_set.h"

namespace holdfast::storage {
namespace {

// A keyspace in memory alone: what the layout costs, without log and disk.
class Memory {
 public:
  Memory() : keyspace_(transaction_, 0) {}

  SortedSet Set() { return {keyspace_, "schedule"}; }
  // Ends a turn.
  void Commit() { transaction_.Clear(); }
  void Clear() {
    transaction_.Clear();
    transaction_.SetDatabase(0, Database());
    view_.Reset(nullptr);
  }

 private:
  View view_;
  Transaction transaction_{view_, 1};
  Keyspace keyspace_;
};

// Jobs as Sidekiq writes them: the first 128 bytes say little about which job it is.
class Jobs {
 public:
  std::string Next() {
    return R"({"retry":true,"queue":"default","class":"Mailers::WelcomeMailer","args":["some","arguments"],)" +
           std::string(600, ' ') + R"("jid":")" + std::to_string(random_()) + std::to_string(random_()) +
           R"(","created_at":1795337536.7910914})";
  }

 private:
  std::mt19937_64 random_{1};
};

enum class Scores { kEqual, kRising };

// Batches of 100 jobs, as perform_bulk with `at` sends them, into a set that holds `range(0)`.
template <Scores kScores>
void BM_AddJobs(benchmark::State& state) {
  constexpr size_t kBatch = 100;
  Memory memory;
  Jobs jobs;
  double score = 1795337536;
  std::vector<std::string> payloads(kBatch);
  const auto add = [&] {
    std::vector<ScoredMember> members;
    for (std::string& payload : payloads) {
      payload = jobs.Next();
      members.push_back({payload, score});
      if (kScores == Scores::kRising) score += 0.25;
    }
    return members;
  };
  int64_t held = 0;
  for (auto _ : state) {
    state.PauseTiming();
    if (held == 0 || held > 2 * state.range(0)) {
      memory.Clear();
      for (held = 0; held < state.range(0); held += kBatch) {
        memory.Set().Add(add());
        memory.Commit();
      }
    }
    const std::vector<ScoredMember> members = add();
    held += kBatch;
    state.ResumeTiming();
    memory.Set().Add(members);
    memory.Commit();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}
BENCHMARK(BM_AddJobs<Scores::kEqual>)->Arg(1000)->Arg(50'000);
BENCHMARK(BM_AddJobs<Scores::kRising>)->Arg(1000)->Arg(50'000);

// The scheduler's and ZPOPMIN's way: one job at a time from the front.
void BM_PopJob(benchmark::State& state) {
  Memory memory;
  Jobs jobs;
  int64_t held = 0;
  for (auto _ : state) {
    if (held == 0) {
      state.PauseTiming();
      memory.Clear();
      for (; held < state.range(0); ++held) {
        const std::string job = jobs.Next();
        const ScoredMember element{job, static_cast<double>(held)};
        memory.Set().Add({&element, 1});
      }
      memory.Commit();
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(memory.Set().Pop(Direction::kForward, 1));
    memory.Commit();
    --held;
  }
}
BENCHMARK(BM_PopJob)->Arg(50'000);

void BM_ChangeScore(benchmark::State& state) {
  Memory memory;
  std::vector<std::string> members;
  std::vector<ScoredMember> elements;
  for (int64_t i = 0; i < state.range(0); ++i) members.push_back("member:" + std::to_string(i));
  for (const std::string& member : members) elements.push_back({member, 1});
  memory.Set().Add(elements);
  memory.Commit();
  size_t next = 0;
  for (auto _ : state) {
    memory.Set().Increment(members[next++ % members.size()], 1);
    memory.Commit();
  }
}
BENCHMARK(BM_ChangeScore)->Arg(4)->Arg(128)->Arg(10'000);

// What asking costs that finds nothing due: the scheduler does it all the time.
void BM_NothingDue(benchmark::State& state) {
  Memory memory;
  Jobs jobs;
  for (int64_t i = 0; i < state.range(0); ++i) {
    const std::string job = jobs.Next();
    const ScoredMember element{job, static_cast<double>(1000 + i)};
    memory.Set().Add({&element, 1});
  }
  memory.Commit();
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory.Set().Select(ScoreRange{{0}, {999}}, Direction::kForward, Window{0, 1}));
  }
}
BENCHMARK(BM_NothingDue)->Arg(100)->Arg(50'000);

}  // namespace
}  // namespace holdfast::storage
