#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/storage/log/recording_listener.h"

// What every CommitLog must do. To join, an implementation brings a World:
//
//   struct World {
//     static constexpr size_t kLargeBytes;                    // a record that is large for it
//     std::unique_ptr<CommitLog> NewLog(Durability);          // a log over the same storage each time
//     void Crash();          // what is not durable is gone; called without a log
//     template <typename Done>
//     void RunBackground(Done done);  // lets background work finish, or at least go on until done() holds
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, CommitLogConformance, World);

namespace holdfast::storage::log {

template <typename World>
class CommitLogConformance : public testing::Test {
 protected:
  // Opens a log after `applied`, in a new listener.
  void Open(Position applied = {}, Durability durability = Durability::kAlways) {
    log_.reset();
    listener_ = std::make_unique<RecordingListener>();
    log_ = world_.NewLog(durability);
    const auto status = log_->Open(applied, *listener_);
    ASSERT_TRUE(status.ok()) << status;
  }

  void Append(const std::string& value) {
    const auto status = AppendValue(*log_, value);
    ASSERT_TRUE(status.ok()) << status;
  }

  void Crash() {
    log_.reset();
    world_.Crash();
  }

  World world_;
  std::unique_ptr<RecordingListener> listener_;
  std::unique_ptr<CommitLog> log_;
};

TYPED_TEST_SUITE_P(CommitLogConformance);

TYPED_TEST_P(CommitLogConformance, ANewLogReplaysNothingAndLeadsItsFirstEpoch) {
  this->Open();
  EXPECT_TRUE(this->listener_->records.empty());
  EXPECT_EQ(this->listener_->epoch, 1u);
  EXPECT_EQ(this->log_->epoch(), 1u);
  EXPECT_EQ(this->log_->last_sequence(), 0u);
}

TYPED_TEST_P(CommitLogConformance, AnAppendIsDurableWhenItSaysSo) {
  this->Open();
  this->Append("a");
  EXPECT_EQ(this->listener_->durable, 1u);
  this->Append("b");
  EXPECT_EQ(this->listener_->durable, 2u);
  this->Crash();
  this->Open();
  EXPECT_EQ(this->listener_->Values(), (std::map<uint64_t, std::string>{{1, "a"}, {2, "b"}}));
}

TYPED_TEST_P(CommitLogConformance, ReplayBeginsAfterWhatIsApplied) {
  this->Open();
  for (const char* value : {"a", "b", "c"}) this->Append(value);
  this->Crash();
  this->Open({1, 2});
  EXPECT_EQ(this->listener_->Values(), (std::map<uint64_t, std::string>{{3, "c"}}));
  EXPECT_EQ(this->listener_->records[0].position, (Position{1, 3}));
}

TYPED_TEST_P(CommitLogConformance, EachOpeningTakesAHigherEpochAndSequencesGoOn) {
  for (uint64_t life = 1; life <= 5; ++life) {
    this->Open();
    EXPECT_EQ(this->listener_->epoch, life);
    EXPECT_EQ(this->listener_->records.size(), life - 1);
    this->Append("x");
    EXPECT_EQ(this->log_->last_sequence(), life);
    this->Crash();
  }
}

TYPED_TEST_P(CommitLogConformance, AnEpochWithoutRecordsIsNotTakenAgain) {
  this->Open();
  this->Append("a");
  for (uint64_t epoch = 2; epoch < 20; ++epoch) {
    this->Crash();
    this->Open();
    EXPECT_EQ(this->log_->epoch(), epoch);
    EXPECT_EQ(this->listener_->Values(), (std::map<uint64_t, std::string>{{1, "a"}}));
  }
}

TYPED_TEST_P(CommitLogConformance, AnEpochIsHigherThanTheCheckpoints) {
  this->Open({7, 100});
  EXPECT_EQ(this->log_->epoch(), 8u);
  this->Append("a");
  EXPECT_EQ(this->log_->last_sequence(), 101u);
  this->Crash();
  this->Open({7, 100});
  EXPECT_EQ(this->listener_->Values(), (std::map<uint64_t, std::string>{{101, "a"}}));
}

TYPED_TEST_P(CommitLogConformance, TimeAndEffectsComeBackAsTheyWere) {
  this->Open();
  Batch batch;
  batch.time = absl::FromUnixMillis(1'700'000'000'123);
  batch.effects = {
      {EffectKind::kPut, "k", "v"}, {EffectKind::kDelete, "gone", ""}, {EffectKind::kPut, "l", ""}};
  ASSERT_TRUE(this->log_->Reserve(EncodedBatchSize(batch)).ok());
  ASSERT_TRUE(this->log_->Append(batch).ok());
  this->Crash();
  this->Open();
  ASSERT_EQ(this->listener_->records.size(), 1u);
  EXPECT_EQ(this->listener_->records[0].time, batch.time);
  EXPECT_EQ(this->listener_->records[0].values, (std::vector<std::string>{"v", "", ""}));
}

TYPED_TEST_P(CommitLogConformance, RecordsOfEverySizeComeBack) {
  std::map<uint64_t, std::string> values;
  this->Open();
  uint64_t sequence = 0;
  for (size_t bytes = 1; bytes < TypeParam::kLargeBytes; bytes = bytes * 3 + 1) {
    ++sequence;
    values[sequence] = std::string(bytes, static_cast<char>('a' + sequence % 26));
    this->Append(values[sequence]);
  }
  values[++sequence] = std::string(TypeParam::kLargeBytes, 'L');
  this->Append(values[sequence]);
  values[++sequence] = "after";
  this->Append("after");
  this->Crash();
  this->Open();
  EXPECT_TRUE(this->listener_->Values() == values);
}

TYPED_TEST_P(CommitLogConformance, ALongRunWithCheckpointsStaysSmall) {
  this->Open();
  uint64_t most = 0;
  for (int round = 0; round < 120; ++round) {
    this->Append(std::string(TypeParam::kLargeBytes / 8, 'x'));
    this->log_->Checkpointed({this->log_->epoch(), this->log_->last_sequence()});
    // A log whose worker runs beside the test gets the time that it needs.
    this->world_.RunBackground([&] { return this->log_->disk_bytes() < 10 * TypeParam::kLargeBytes; });
    most = std::max(most, this->log_->disk_bytes());
  }
  EXPECT_LT(most, 10 * TypeParam::kLargeBytes);
  const Position applied{this->log_->epoch(), this->log_->last_sequence()};
  this->Append("after");
  this->Crash();
  this->Open(applied);
  EXPECT_EQ(this->listener_->Values(), (std::map<uint64_t, std::string>{{121, "after"}}));
}

TYPED_TEST_P(CommitLogConformance, WhatWasCheckpointedIsNotMissedAfterACrash) {
  this->Open();
  for (int i = 0; i < 30; ++i)
    this->Append(std::string(TypeParam::kLargeBytes / 16, static_cast<char>('A' + i)));
  this->log_->Checkpointed({1, 20});
  this->world_.RunBackground([] { return true; });
  this->Crash();
  this->Open({1, 20});
  ASSERT_EQ(this->listener_->records.size(), 10u);
  EXPECT_EQ(this->listener_->records[0].position, (Position{1, 21}));
  EXPECT_EQ(this->listener_->records[0].values[0][0], 'A' + 20);
}

TYPED_TEST_P(CommitLogConformance, ACleanCloseKeepsEverythingWhateverTheDurability) {
  for (const auto durability : {Durability::kEverySec, Durability::kOff, Durability::kAlways}) {
    this->Open({}, durability);
    const size_t before = this->listener_->records.size();
    this->Append("a");
    EXPECT_EQ(this->listener_->durable, before + 1);
    this->Append("b");
    ASSERT_TRUE(this->log_->Close().ok());
    this->Crash();
    this->Open();
    EXPECT_EQ(this->listener_->records.size(), before + 2);
    this->Crash();
  }
}

TYPED_TEST_P(CommitLogConformance, ARecordThatTheListenerRefusesEndsTheOpening) {
  this->Open();
  this->Append("a");
  this->Crash();
  RecordingListener listener;
  listener.answer = absl::InternalError("no");
  this->log_ = this->world_.NewLog(Durability::kAlways);
  EXPECT_EQ(this->log_->Open({}, listener), listener.answer);
  EXPECT_EQ(listener.epoch, 0u);
}

TYPED_TEST_P(CommitLogConformance, ARecordOfNoEffectsKeepsItsSequence) {
  this->Open();
  ASSERT_TRUE(this->log_->Reserve(EncodedBatchSize({})).ok());
  ASSERT_TRUE(this->log_->Append({}).ok());
  this->Append("b");
  this->Crash();
  this->Open();
  EXPECT_EQ(this->listener_->records.size(), 2u);
}

REGISTER_TYPED_TEST_SUITE_P(CommitLogConformance, ANewLogReplaysNothingAndLeadsItsFirstEpoch,
                            AnAppendIsDurableWhenItSaysSo, ReplayBeginsAfterWhatIsApplied,
                            EachOpeningTakesAHigherEpochAndSequencesGoOn,
                            AnEpochWithoutRecordsIsNotTakenAgain, AnEpochIsHigherThanTheCheckpoints,
                            TimeAndEffectsComeBackAsTheyWere, RecordsOfEverySizeComeBack,
                            ALongRunWithCheckpointsStaysSmall, WhatWasCheckpointedIsNotMissedAfterACrash,
                            ACleanCloseKeepsEverythingWhateverTheDurability,
                            ARecordThatTheListenerRefusesEndsTheOpening, ARecordOfNoEffectsKeepsItsSequence);

}  // namespace holdfast::storage::log
