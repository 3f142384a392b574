#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/log/delayed_sync.h"
#include "storage/log/record_writer.h"
#include "storage/log/recovery.h"
#include "storage/log/segment_pool.h"

namespace holdfast::storage::log {

struct FileLogOptions {
  std::string folder;  // created where needed; its parent must exist
  Durability durability = Durability::kAlways;
  // Size of a segment file; a multiple of the disk's block. Every segment is read as a whole at recovery.
  uint64_t segment_bytes = uint64_t{16} << 20;
  // Segments out of use that are kept for reuse; more of them are removed.
  size_t most_spares = 4;
  // How long a record may wait for its sync under kEverySec.
  absl::Duration sync_interval = absl::Seconds(1);
};

// The commit log in files of one folder; FORMAT.md, "Log segments", has the bytes.
//
//   FileLog log(PosixEnv(), {.folder = "data/log"});
//   if (auto status = log.Open(applied, listener); !status.ok()) return status;
//   if (log.Reserve(EncodedBatchSize(batch)).ok()) ... log.Append(batch) ...
//
// Under kAlways Append writes on the caller's thread and calls OnDurable before it returns. One background
// thread makes spare segments, recycles old ones and, under kEverySec, syncs. The folder is not locked: that
// is its owner's part. An emptied or removed folder starts a new log after `applied`.
//
// A folder written by a newer format is refused with kFailedPrecondition.
class FileLog final : public CommitLog {
 public:
  // `env` outlives the log.
  FileLog(Env& env, FileLogOptions options);
  ~FileLog() override;

  absl::Status Open(Position applied, Listener& listener) override;
  absl::Status Reserve(size_t payload_bytes) override;
  absl::Status Append(const Batch& batch) override;
  void Poll() override;
  void Checkpointed(Position position) override;
  absl::Status Close() override;

  uint64_t epoch() const override { return epoch_; }
  uint64_t last_sequence() const override { return last_sequence_; }
  uint64_t disk_bytes() const override;
  uint64_t written_bytes() const override { return writer_ == nullptr ? 0 : writer_->written_bytes(); }

 private:
  // A segment that holds records which the checkpoint may not have yet, or the current one.
  struct LiveSegment {
    uint64_t number;
    uint64_t bytes;
    uint64_t last_sequence;      // the newest record with a frame in it
    std::shared_ptr<File> file;  // null where it was written before this opening
  };

  // Numbers of the live segments, after a crash's leftovers were dealt with.
  [[nodiscard]] absl::StatusOr<std::vector<uint64_t>> PrepareFolder();
  [[nodiscard]] absl::Status TakeEpoch(const RecoveredLog& recovered, Position applied);
  // Makes a spare the current segment; its first frame will be of record `first_sequence`.
  [[nodiscard]] absl::Status StartSegment(uint64_t first_sequence);
  [[nodiscard]] absl::StatusOr<std::shared_ptr<File>> OpenWithHeader(const std::string& path,
                                                                     const SegmentHeader& header);
  [[nodiscard]] absl::StatusOr<std::shared_ptr<File>> OpenWithHeader(const std::string& path,
                                                                     const SegmentHeader& header,
                                                                     WriteMode mode);
  [[nodiscard]] absl::Status FrameWritten(const std::shared_ptr<File>& file);
  [[nodiscard]] uint64_t durable_sequence() const;
  // Notes that the log is lost, tells the listener and returns why.
  absl::Status Lose(absl::Status why);
  // A full disk has torn the log's end: nothing is written behind it before GoOn. `lost` is the newest record
  // that the log may lack though it was told to be durable.
  absl::Status Interrupt(absl::Status why, uint64_t lost);
  // Takes a new epoch in a fresh segment, so that recovery cuts the torn end off.
  [[nodiscard]] absl::Status GoOn();

  Env& env_;
  const size_t block_bytes_;
  const FileLogOptions options_;
  Listener* listener_ = nullptr;
  absl::Status status_ = absl::FailedPreconditionError("the log is not open");  // sticks once the log is lost

  uint64_t epoch_ = 0;
  uint64_t last_sequence_ = 0;
  bool interrupted_ = false;
  uint64_t needed_checkpoint_ = 0;  // GoOn waits until a checkpoint holds this record
  absl::Duration go_on_not_before_ = -absl::InfiniteDuration();
  uint64_t checkpointed_ = 0;
  WriteMode write_mode_;
  std::deque<LiveSegment> segments_;  // oldest first; the last is the current one
  std::unique_ptr<RecordWriter> writer_;

  // Shared with the worker, whose destruction comes first and waits for it.
  std::unique_ptr<DelayedSync> delayed_sync_;
  std::unique_ptr<SegmentPool> pool_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace holdfast::storage::log
