#pragma once

#include "server/engine/runner.h"
#include "server/engine/script_host.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

// What scripts may ask, answered by the engine's parts.
class CommandHost final : public ScriptHost {
 public:
  CommandHost(State& state, Runner& runner) : state_(state), runner_(runner) {}

  // ScriptHost.
  [[nodiscard]] command::Client& Begin(const command::Client& caller) override;
  void End() override {}
  [[nodiscard]] std::optional<command::CommandError> Refusal(
      const command::Table::Entry& entry, std::span<const std::string_view> words) override;
  [[nodiscard]] std::optional<command::CommandError> Denial(const command::Table::Entry& entry,
                                                            std::span<const std::string_view> words) override;
  [[nodiscard]] bool Allows(const command::Table::Entry& entry,
                            std::span<const std::string_view> words) const override;
  void Run(command::Client& client, const command::Table::Entry& entry,
           std::span<const std::string_view> words, resp::ReplyWriter& reply) override;
  [[nodiscard]] absl::Duration Uptime() const override { return state_.env.Monotonic(); }
  [[nodiscard]] absl::Duration BusyThreshold() const override;
  [[nodiscard]] bool OnSlow() override { return state_.process.PollSockets(); }
  void Log(Severity severity, std::string_view line) override;

 private:
  State& state_;
  Runner& runner_;
  Session session_;  // the client that a script's commands run as
};

}  // namespace holdfast::server::engine
