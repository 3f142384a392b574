#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "storage/log/file_log.h"

namespace holdfast::storage::log {
namespace {

// A turn's way to the disk: reserve, append, durable. The segments behind are checkpointed at once, so that
// after a while the run writes to recycled ones only, as a server does. TMPDIR says which disk is measured.
struct Silent final : Listener {
  absl::Status OnRecord(Position, const Batch&) override { return absl::OkStatus(); }
  void OnLeader(uint64_t) override {}
  void OnDurable(uint64_t sequence) override { durable = sequence; }
  void OnLost(const absl::Status& why) override { lost = why; }

  uint64_t durable = 0;
  absl::Status lost;
};

std::string NewFolder() {
  const char* const parent = std::getenv("TMPDIR");
  std::string pattern = std::string(parent != nullptr ? parent : "/tmp") + "/append_benchmark_XXXXXX";
  return ::mkdtemp(pattern.data());
}

void Append(benchmark::State& state, Durability durability) {
  const std::string folder = NewFolder();
  Silent listener;
  {
    FileLog log(PosixEnv(), {.folder = folder + "/log", .durability = durability});
    if (const auto status = log.Open({}, listener); !status.ok())
      state.SkipWithError(status.ToString().c_str());
    const std::string job(800, 'j');
    Batch batch;
    batch.effects.assign(static_cast<size_t>(state.range(0)) / job.size(), {EffectKind::kPut, "key", job});
    const size_t bytes = EncodedBatchSize(batch);
    for (auto _ : state) {
      auto status = log.Reserve(bytes);
      if (status.ok()) status = log.Append(batch);
      if (!status.ok()) state.SkipWithError(status.ToString().c_str());
      log.Checkpointed({log.epoch(), log.last_sequence()});
    }
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
  }
  std::filesystem::remove_all(folder);
}

BENCHMARK_CAPTURE(Append, always, Durability::kAlways)->Arg(4'000)->Arg(40'000)->UseRealTime();
BENCHMARK_CAPTURE(Append, everysec, Durability::kEverySec)->Arg(4'000)->Arg(40'000)->UseRealTime();

}  // namespace
}  // namespace holdfast::storage::log
