#pragma once

#include "server/command/services.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// SHUTDOWN, SAVE and what DEBUG may do.
class ControlDoor final : public command::Control {
 public:
  explicit ControlDoor(State& state) : state_(state) {}

  // command::Control.
  void Shutdown() override { state_.process.RequestShutdown(); }
  absl::Status Save() override;
  void SaveInBackground() override { state_.store->RequestCheckpoint(); }
  [[nodiscard]] absl::Time last_save() const override;
  [[nodiscard]] absl::Time started() const override { return state_.started; }
  void Sleep(absl::Duration duration) override;
  void ChangeReplicationId() override { state_.NewRunId(); }
  void SetActiveExpiry(bool on) override { state_.active_expiry = on; }
  void CheckPayloads(bool on) override { state_.checks_payloads = on; }
  [[nodiscard]] bool checks_payloads() const override { return state_.checks_payloads; }

 private:
  State& state_;
};

}  // namespace holdfast::server::engine
