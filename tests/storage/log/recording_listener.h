#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/batch.h"
#include "storage/log/commit_log.h"

namespace holdfast::storage::log {

// Remembers what a log tells.
struct RecordingListener final : Listener {
  struct Record {
    Position position;
    absl::Time time;
    std::vector<std::string> values;  // of the puts
  };

  absl::Status OnRecord(Position position, const Batch& batch) override {
    Record record{position, batch.time, {}};
    for (const Effect& effect : batch.effects) record.values.emplace_back(effect.value);
    records.push_back(std::move(record));
    return answer;
  }
  void OnLeader(uint64_t taken) override { epoch = taken; }
  void OnDurable(uint64_t sequence) override { durable = sequence; }
  void OnLost(const absl::Status& why) override { lost.push_back(why); }

  // The first value of each record, by sequence.
  [[nodiscard]] std::map<uint64_t, std::string> Values() const {
    std::map<uint64_t, std::string> values;
    for (const Record& record : records) values[record.position.sequence] = record.values.at(0);
    return values;
  }

  absl::Status answer;  // what OnRecord gives
  std::vector<Record> records;
  uint64_t epoch = 0;
  uint64_t durable = 0;
  std::vector<absl::Status> lost;
};

// A batch of one put; the views live as long as the strings do.
inline Batch PutBatch(const std::string& key, const std::string& value, absl::Time time = absl::UnixEpoch()) {
  Batch batch;
  batch.time = time;
  batch.effects = {{EffectKind::kPut, key, value}};
  return batch;
}

// Reserves and appends a record whose value is `value`.
inline absl::Status AppendValue(CommitLog& log, const std::string& value) {
  const std::string key = "k";
  const Batch batch = PutBatch(key, value);
  if (auto status = log.Reserve(EncodedBatchSize(batch)); !status.ok()) return status;
  return log.Append(batch);
}

}  // namespace holdfast::storage::log
