#include "server/engine/control_door.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace holdfast::server::engine {

absl::Time ControlDoor::last_save() const {
  // As Redis: at the start what was loaded counts as saved.
  return std::max(state_.started, state_.store->stats().last_checkpoint);
}

void ControlDoor::Sleep(absl::Duration duration) { absl::SleepFor(duration); }

}  // namespace holdfast::server::engine
