#include "storage/log/replayer.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::storage::log {

Replayer::Replayer(Position applied, std::string advice, Listener& listener)
    : applied_(applied), advice_(std::move(advice)), listener_(listener), expected_(applied.sequence + 1) {}

absl::Status Replayer::BeginSegment(RecoveredSegment& segment, uint64_t limit) {
  const bool new_epoch = segment_ == nullptr || segment.header.epoch != segment_->header.epoch;
  const bool was_full = segment_ != nullptr && place_.offset >= segment_->header.segment_bytes;
  // A proof that comes with a new epoch convicts the place in the old one.
  if (segment_ == nullptr || was_full) place_ = {segment.path, segment.header.block_bytes};
  if (auto status = CheckDurable(segment.header.durable_sequence); !status.ok()) return status;
  if (segment_ == nullptr && segment.header.first_sequence > expected_) return Missing();
  if (new_epoch) {
    DropFragments();
    broken_off_ = false;
    place_ = {segment.path, segment.header.block_bytes};
  }
  in_first_segment_ = segment_ == nullptr;
  segment_ = &segment;
  limit_ = limit;
  return absl::OkStatus();
}

absl::Status Replayer::Add(const Frame& frame) {
  if (auto status = CheckDurable(frame.header.durable_sequence); !status.ok()) return status;
  const uint64_t sequence = frame.header.sequence;
  if (BeganBefore(frame.header)) return Missing();
  if (broken_off_ || sequence >= limit_) return absl::OkStatus();
  if (sequence > applied_.sequence && !IsNext(frame.header)) {
    broken_off_ = true;
    DropFragments();
    return absl::OkStatus();
  }
  place_ = {segment_->path,
            frame.offset + RoundUp(kFrameHeaderBytes + frame.payload.size(), segment_->header.block_bytes)};
  return sequence > applied_.sequence ? Accept(frame) : absl::OkStatus();
}

absl::Status Replayer::CheckDurable(uint64_t durable) const {
  return durable < expected_ ? absl::OkStatus() : Missing();
}

absl::Status Replayer::Missing() const {
  return absl::DataLossError(
      absl::StrCat(place_.path, " is damaged at byte ", place_.offset, ": record ", expected_,
                   " should stand there; it was durable, as a later part of the log shows. ", advice_));
}

bool Replayer::BeganBefore(const FrameHeader& frame) const {
  return in_first_segment_ && parts_.empty() && frame.sequence == expected_ && frame.part > 0;
}

bool Replayer::IsNext(const FrameHeader& frame) const {
  return frame.sequence == expected_ && frame.part == parts_.size();
}

absl::Status Replayer::Accept(const Frame& frame) {
  const Fragment fragment = frame.header.fragment;
  parts_.push_back(segment_);
  if (fragment != Fragment::kWhole) payload_.append(frame.payload);
  if (fragment == Fragment::kFirst || fragment == Fragment::kMiddle) return absl::OkStatus();
  auto status = Deliver(fragment == Fragment::kWhole ? frame.payload : payload_);
  for (RecoveredSegment* part : parts_) part->last_sequence = expected_;
  DropFragments();
  ++expected_;
  return status;
}

absl::Status Replayer::Deliver(std::string_view payload) {
  Batch batch;
  if (const auto status = DecodeBatch(payload, batch); !status.ok()) {
    return absl::DataLossError(absl::StrCat(segment_->path, ": record ", expected_, ": ",
                                            std::string(status.message()), ". ", advice_));
  }
  return listener_.OnRecord({segment_->header.epoch, expected_}, batch);
}

void Replayer::DropFragments() {
  parts_.clear();
  payload_.clear();
  payload_.shrink_to_fit();
}

}  // namespace holdfast::storage::log
