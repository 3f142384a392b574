#include "storage/log/file_log.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "storage/log/aligned_buffer.h"
#include "storage/log/segment_files.h"

namespace holdfast::storage::log {
namespace {

constexpr uint64_t kFewestBlocks = 2;
constexpr absl::Duration kGoOnPause = absl::Milliseconds(50);

FileLogOptions Sized(FileLogOptions options, size_t block_bytes) {
  const uint64_t bytes = std::clamp(options.segment_bytes, kFewestBlocks * block_bytes, kLargestSegmentBytes);
  options.segment_bytes = RoundUp(bytes, block_bytes);
  return options;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileLog::FileLog(Env& env, FileLogOptions options)
    : env_(env),
      block_bytes_(env.BlockBytes(ParentOf(options.folder))),
      options_(Sized(std::move(options), block_bytes_)),
      write_mode_(options_.durability == Durability::kAlways ? WriteMode::kDirect : WriteMode::kBuffered) {}

FileLog::~FileLog() = default;

absl::Status FileLog::Open(Position applied, Listener& listener) {
  listener_ = &listener;
  worker_ = env_.NewWorker(Worker::Priority::kNormal);
  pool_ = std::make_unique<SegmentPool>(env_, *worker_, options_.folder, options_.segment_bytes,
                                        options_.most_spares);
  const auto numbers = PrepareFolder();
  if (!numbers.ok()) return numbers.status();
  const auto recovered = Replay(env_, options_.folder, *numbers, applied, listener);
  if (!recovered.ok()) return recovered.status();
  if (auto status = TakeEpoch(*recovered, applied); !status.ok()) return status;
  status_ = absl::OkStatus();
  listener.OnLeader(epoch_);
  return status_;
}

absl::StatusOr<std::vector<uint64_t>> FileLog::PrepareFolder() {
  if (auto status = env_.CreateFolder(options_.folder); !status.ok()) return status;
  if (auto status = env_.SyncFolder(ParentOf(options_.folder)); !status.ok()) return status;
  // What the process before renamed and did not sync must not be undone once the files are used on.
  if (auto status = env_.SyncFolder(options_.folder); !status.ok()) return status;
  const auto names = env_.List(options_.folder);
  if (!names.ok()) return names.status();
  if (auto status = pool_->TakeOver(*names); !status.ok()) return status;
  std::vector<uint64_t> numbers;
  for (const std::string& name : *names) {
    const auto parsed = ParseFileName(name);
    if (parsed && parsed->kind == SegmentKind::kLive) numbers.push_back(parsed->number);
  }
  return numbers;
}

absl::Status FileLog::TakeEpoch(const RecoveredLog& recovered, Position applied) {
  epoch_ = std::max(recovered.newest_epoch, applied.epoch) + 1;
  last_sequence_ = recovered.last_sequence;
  if (options_.durability != Durability::kAlways) {
    const bool periodic = options_.durability == Durability::kEverySec;
    delayed_sync_ = std::make_unique<DelayedSync>(
        *worker_, periodic ? options_.sync_interval : absl::InfiniteDuration(), last_sequence_);
  }
  writer_ = std::make_unique<RecordWriter>(
      block_bytes_, [this](uint64_t sequence) { return StartSegment(sequence); },
      [this](const std::shared_ptr<File>& file) { return FrameWritten(file); });
  for (const auto& segment : recovered.live) {
    segments_.push_back({segment.number, segment.header.segment_bytes, segment.last_sequence, nullptr});
  }

  // Recycling first gives a full disk its chance. The newest segment stays until the new epoch is durable, so
  // that no epoch is ever taken twice.
  std::vector<RetiredSegment> before;
  std::vector<RetiredSegment> after;
  for (const auto& segment : recovered.obsolete) {
    const bool newest = segment.header.epoch == recovered.newest_epoch;
    (newest ? after : before).push_back({segment.number, segment.header.segment_bytes});
  }
  pool_->Recycle(before);
  if (auto status = StartSegment(last_sequence_ + 1); !status.ok()) return status;
  pool_->Recycle(after);
  return absl::OkStatus();
}

absl::Status FileLog::StartSegment(uint64_t first_sequence) {
  const auto spare = pool_->Take();
  if (!spare.ok()) return spare.status();
  const SegmentHeader header = {.block_bytes = static_cast<uint32_t>(block_bytes_),
                                .segment_bytes = static_cast<uint32_t>(options_.segment_bytes),
                                .generation = pool_->NewNumber(),
                                .epoch = epoch_,
                                .first_sequence = first_sequence,
                                .durable_sequence = durable_sequence(),
                                .salt = env_.Random64()};
  const std::string path = PathOf(options_.folder, {SegmentKind::kSpare, *spare});
  auto file = OpenWithHeader(path, header);
  const std::string live_path = PathOf(options_.folder, {SegmentKind::kLive, header.generation});
  auto status = file.ok() ? env_.Rename(path, live_path) : file.status();
  if (!status.ok()) {
    pool_->GiveBack(*spare);
    return status;
  }
  // If this fails, the segment goes with those before it.
  segments_.push_back({header.generation, options_.segment_bytes, first_sequence - 1, *file});
  if (status = env_.SyncFolder(options_.folder); !status.ok()) return status;
  writer_->Begin(*std::move(file), header);
  pool_->Refill();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<File>> FileLog::OpenWithHeader(const std::string& path,
                                                              const SegmentHeader& header) {
  auto file = OpenWithHeader(path, header, write_mode_);
  if (!absl::IsUnimplemented(file.status())) return file;
  write_mode_ = WriteMode::kBuffered;
  return OpenWithHeader(path, header, write_mode_);
}

absl::StatusOr<std::shared_ptr<File>> FileLog::OpenWithHeader(const std::string& path,
                                                              const SegmentHeader& header, WriteMode mode) {
  auto file = env_.Open(path, OpenMode::kWrite, mode);
  if (!file.ok()) return file.status();
  AlignedBuffer block(block_bytes_);
  block.Resize(block_bytes_);
  const std::string bytes = EncodeSegmentHeader(header);
  std::memset(block.data(), 0, block_bytes_);
  std::memcpy(block.data(), bytes.data(), bytes.size());
  auto status = (*file)->Write(0, std::string_view(block.data(), block_bytes_));
  if (status.ok() && mode == WriteMode::kBuffered) status = (*file)->Sync();
  if (!status.ok()) return status;
  return std::shared_ptr<File>(*std::move(file));
}

absl::Status FileLog::Reserve(size_t payload_bytes) {
  Poll();
  if (!status_.ok()) return status_;
  if (interrupted_) {
    if (auto status = GoOn(); !status.ok()) return status;
  }
  pool_->Refill();
  const uint64_t segments = writer_->SegmentsFor(payload_bytes, options_.segment_bytes);
  return segments == 0 ? absl::OkStatus() : pool_->Secure(segments);
}

absl::Status FileLog::Append(const Batch& batch) {
  Poll();
  if (!status_.ok()) return status_;
  if (interrupted_) return absl::ResourceExhaustedError("the log met a full disk");
  const uint64_t sequence = last_sequence_ + 1;
  if (auto status = writer_->Write(batch, sequence, durable_sequence()); !status.ok()) {
    return absl::IsResourceExhausted(status) ? Interrupt(std::move(status), 0) : Lose(std::move(status));
  }
  last_sequence_ = sequence;
  if (delayed_sync_ != nullptr) delayed_sync_->Finished(sequence);
  listener_->OnDurable(sequence);
  return absl::OkStatus();
}

absl::Status FileLog::FrameWritten(const std::shared_ptr<File>& file) {
  segments_.back().last_sequence = last_sequence_ + 1;
  if (delayed_sync_ != nullptr) {
    delayed_sync_->Wrote(file);
    return absl::OkStatus();
  }
  return write_mode_ == WriteMode::kDirect ? absl::OkStatus() : file->Sync();
}

uint64_t FileLog::durable_sequence() const {
  return delayed_sync_ != nullptr ? delayed_sync_->durable_sequence() : last_sequence_;
}

absl::Status FileLog::Lose(absl::Status why) {
  status_ = std::move(why);
  listener_->OnLost(status_);
  return status_;
}

absl::Status FileLog::Interrupt(absl::Status why, uint64_t lost) {
  interrupted_ = true;
  needed_checkpoint_ = std::max(needed_checkpoint_, lost);
  return why;
}

absl::Status FileLog::GoOn() {
  if (checkpointed_ < needed_checkpoint_) {
    return absl::ResourceExhaustedError("the log met a full disk and waits for a checkpoint");
  }
  if (env_.Monotonic() < go_on_not_before_) return absl::ResourceExhaustedError("the log met a full disk");
  const size_t segments = segments_.size();
  ++epoch_;
  if (auto status = StartSegment(last_sequence_ + 1); !status.ok()) {
    go_on_not_before_ = env_.Monotonic() + kGoOnPause;
    if (segments_.size() == segments) --epoch_;  // it stands nowhere
    return absl::IsResourceExhausted(status) ? status : Lose(std::move(status));
  }
  if (needed_checkpoint_ != 0 && delayed_sync_ != nullptr) delayed_sync_->BeginAgain(last_sequence_);
  interrupted_ = false;
  needed_checkpoint_ = 0;
  listener_->OnLeader(epoch_);
  return absl::OkStatus();
}

void FileLog::Poll() {
  if (!status_.ok() || delayed_sync_ == nullptr) return;
  auto status = delayed_sync_->status();
  if (status.ok()) return;
  // A sync that found no space: what it should have made durable is in the memtables still.
  if (absl::IsResourceExhausted(status)) {
    Interrupt(std::move(status), last_sequence_).IgnoreError();
  } else {
    Lose(std::move(status)).IgnoreError();
  }
}

void FileLog::Checkpointed(Position position) {
  checkpointed_ = position.sequence;
  std::vector<RetiredSegment> retired;
  while (segments_.size() > 1 && segments_.front().last_sequence <= position.sequence) {
    retired.push_back({segments_.front().number, segments_.front().bytes});
    segments_.pop_front();
  }
  if (!retired.empty()) pool_->RecycleInBackground(std::move(retired));
}

absl::Status FileLog::Close() {
  if (!status_.ok()) return status_;
  worker_.reset();
  status_ = absl::FailedPreconditionError("the log is closed");
  auto result = delayed_sync_ != nullptr ? delayed_sync_->SyncNow() : absl::OkStatus();
  segments_.clear();
  writer_.reset();
  return result;
}

uint64_t FileLog::disk_bytes() const {
  uint64_t bytes = pool_ != nullptr ? pool_->bytes() : 0;
  for (const auto& segment : segments_) bytes += segment.bytes;
  return bytes;
}

}  // namespace holdfast::storage::log
