#include "server/engine/control_door.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace holdfast::server::engine {

absl::Status ControlDoor::Save() {
  // A checkpoint holds whole turns: what this one has changed so far gets a record of its own.
  state_.store->Commit();
  absl::Status saved = state_.store->Checkpoint();
  state_.OpenTransaction();
  return saved;
}

absl::Time ControlDoor::last_save() const {
  // As Redis: at the start what was loaded counts as saved.
  return std::max(state_.started, state_.store->stats().last_checkpoint);
}

void ControlDoor::Sleep(absl::Duration duration) { absl::SleepFor(duration); }

}  // namespace holdfast::server::engine
