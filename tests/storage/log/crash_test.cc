#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/log/file_log.h"
#include "tests/fakes/fake_env.h"
#include "tests/storage/log/recording_listener.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kSegmentBytes = 32 << 10;
constexpr uint64_t kLargestValue = 3 * kSegmentBytes;

// Lives of one log, each ended by the death of the process or by a power cut, at a random call, beside a
// model of what must survive.
class CrashModel {
 public:
  CrashModel(uint64_t seed, Durability durability)
      : seed_(seed), random_(seed), durability_(durability), env_(seed) {
    direct_ = !Chance(4);
    if (!direct_) env_.DenyDirect();
  }

  void Live() {
    for (int life = 0; life < 12 && !testing::Test::HasFailure(); ++life) {
      // Half of the lives end inside a call, the others between two.
      if (Chance(2)) env_.FailFrom(Upto(120), absl::DataLossError("the power is gone"));
      if (Open()) Work();
      End();
    }
    ASSERT_TRUE(Open()) << "the last opening must succeed";
  }

 private:
  uint64_t Upto(uint64_t most) { return random_() % (most + 1); }
  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }

  void End() {
    log_.reset();
    env_.StopFailing();
    // Where reads cannot pass the cache, nothing tells what a failed sync has given up.
    const bool process_only = Chance(3) && (direct_ || !env_.has_failed());
    if (!process_only) env_.Crash(random_());
  }

  bool Open() {
    env_.RunTasks();
    checkpointed_ += Upto(durable_ - checkpointed_);
    RecordingListener& listener = *(listener_ = std::make_unique<RecordingListener>());
    log_ = std::make_unique<FileLog>(
        env_,
        FileLogOptions{
            .folder = "log", .durability = durability_, .segment_bytes = kSegmentBytes, .most_spares = 2});
    const auto status = log_->Open({checkpoint_epoch(), checkpointed_}, listener);
    if (!status.ok()) {
      EXPECT_TRUE(env_.has_failed()) << "seed " << seed_ << ": " << status;
      return false;
    }
    Compare();
    return true;
  }

  uint64_t checkpoint_epoch() const { return checkpointed_ == 0 ? 0 : epochs_.at(checkpointed_); }

  void Compare() {
    const uint64_t last = log_->last_sequence();
    EXPECT_GE(last, durable_) << "seed " << seed_ << ": durable records are gone";
    ASSERT_LE(last, written_.empty() ? 0 : written_.rbegin()->first) << "seed " << seed_;
    const auto values = listener_->Values();
    ASSERT_EQ(values.size(), last - checkpointed_) << "seed " << seed_;
    for (const auto& [sequence, value] : values) {
      ASSERT_TRUE(value == written_.at(sequence)) << "seed " << seed_ << ", record " << sequence;
    }
    for (const auto& record : listener_->records) epochs_[record.position.sequence] = record.position.epoch;
    EXPECT_GT(log_->epoch(), epoch_) << "seed " << seed_;
    epoch_ = log_->epoch();
    written_.erase(written_.upper_bound(last), written_.end());
    durable_ = last;
  }

  void Work() {
    for (uint64_t steps = Upto(25); steps > 0 && listener_->lost.empty(); --steps) Step();
  }

  void Step() {
    if (Chance(4)) env_.RunTasks();
    if (Chance(8)) {
      env_.Advance(absl::Seconds(1));
      if (durability_ == Durability::kEverySec && !env_.has_failed()) durable_ = log_->last_sequence();
    }
    if (Chance(6)) {
      checkpointed_ += Upto(durable_ - checkpointed_);
      log_->Checkpointed({log_->epoch(), checkpointed_});
    }
    Append();
  }

  void Append() {
    const uint64_t sequence = log_->last_sequence() + 1;
    const uint64_t bytes = Chance(5) ? Upto(kLargestValue) : Upto(6000);
    written_[sequence] = absl::StrCat(random_(), std::string(bytes, static_cast<char>('a' + sequence % 26)));
    epochs_[sequence] = log_->epoch();
    if (!AppendValue(*log_, written_[sequence]).ok()) return;
    EXPECT_EQ(listener_->durable, sequence);
    if (durability_ == Durability::kAlways) durable_ = sequence;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  const Durability durability_;
  fakes::FakeEnv env_;
  bool direct_;
  std::unique_ptr<RecordingListener> listener_;
  std::unique_ptr<FileLog> log_;

  std::map<uint64_t, std::string> written_;  // what may be there
  std::map<uint64_t, uint64_t> epochs_;      // of each record
  uint64_t durable_ = 0;                     // what must be there
  uint64_t checkpointed_ = 0;
  uint64_t epoch_ = 0;
};

// More than the usual number for long runs.
uint64_t Seeds() {
  const char* const wanted = std::getenv("HOLDFAST_TEST_SEEDS");
  return wanted == nullptr ? 150 : std::strtoull(wanted, nullptr, 10);
}

class CrashTest : public testing::TestWithParam<Durability> {};

TEST_P(CrashTest, DurableRecordsSurviveAndOthersAreAllOrNothing) {
  for (uint64_t seed = 0; seed < Seeds() && !HasFailure(); ++seed) CrashModel(seed, GetParam()).Live();
}

INSTANTIATE_TEST_SUITE_P(Durabilities, CrashTest,
                         testing::Values(Durability::kAlways, Durability::kEverySec, Durability::kOff));

}  // namespace
}  // namespace holdfast::storage::log
