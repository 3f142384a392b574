#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// Deletes due keys and fields of hashes, in slices bounded by count and time. (What is past its time reads as
// absent at once, whether it was deleted or not.)
class Expirer {
 public:
  explicit Expirer(State& state) : state_(state) {}

  // Whether a slice has work.
  [[nodiscard]] bool IsDue() const;
  // When the next slice should run; never while expiry is switched off. What was given a time since
  // then are found after kRecheck.
  [[nodiscard]] absl::Time next_due() const {
    return state_.active_expiry ? next_due_ : absl::InfiniteFuture();
  }
  // Needs a running turn.
  void RunSlice();
  // Deletes the keys that commands met past their time, whether expiry is switched off or not. Needs a
  // running turn.
  void RemoveOverdue();

 private:
  // Whether keys may be deleted at all. A sealed store cannot write it down; the keys read as absent anyway.
  [[nodiscard]] bool MayDelete() const;
  // Keeps what was deleted since `mark`, `fields` of hashes among it, if the log has room for it.
  bool Keep(const storage::Transaction::Mark& mark, uint64_t fields);

  static constexpr int kMaxSteps = 256;
  static constexpr absl::Duration kMaxTime = absl::Milliseconds(1);
  static constexpr absl::Duration kRecheck = absl::Milliseconds(100);

  State& state_;
  absl::Time next_due_ = absl::InfinitePast();
};

}  // namespace holdfast::server::engine
