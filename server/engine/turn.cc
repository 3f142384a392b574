#include "server/engine/turn.h"

#include <utility>

namespace holdfast::server::engine {

void Turn::Begin() {
  running_ = true;
  wall_ = env_.Now();
  begin_ = lap_ = env_.Monotonic();
  requests_ = 0;
  bytes_ = 0;
  arena_ = std::make_unique<storage::Arena>();
}

void Turn::End() {
  running_ = false;
  arena_ = nullptr;
}

absl::Duration Turn::Lap() {
  const absl::Duration now = env_.Monotonic();
  return now - std::exchange(lap_, now);
}

}  // namespace holdfast::server::engine
