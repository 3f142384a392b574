#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/command/services.h"
#include "server/engine/runner.h"
#include "server/engine/state.h"

namespace holdfast::server::engine {

class LuaState;

// EVAL, EVALSHA and SCRIPT: keeps scripts by their SHA-1 in memory and runs them in one Lua 5.1 state, one at
// a time, as part of the turn. A script that fails half-way keeps what it has written, as in Redis.
//
// A script over busy-reply-threshold lets the sockets be read: other clients then get BUSY, and SCRIPT KILL
// stops it unless it has written.
class ScriptHost final : public command::Scripts {
 public:
  ScriptHost(State& state, Runner& runner);
  ~ScriptHost() override;

  // How many scripts are kept.
  [[nodiscard]] size_t size() const;

  // command::Scripts.
  command::Outcome Evaluate(command::Context& context, std::string_view body,
                            std::span<const std::string_view> keys,
                            std::span<const std::string_view> arguments, Access access) override;
  command::Outcome EvaluateKnown(command::Context& context, std::string_view sha,
                                 std::span<const std::string_view> keys,
                                 std::span<const std::string_view> arguments, Access access) override;
  std::optional<command::CommandError> Load(std::string_view body, std::string& sha) override;
  [[nodiscard]] bool Knows(std::string_view sha) const override;
  void Flush() override;
  command::Outcome Kill() override;

 private:
  void Run(command::Context& context, const std::string& sha, std::span<const std::string_view> keys,
           std::span<const std::string_view> arguments, Access access);

  State& state_;
  Runner& runner_;
  std::unique_ptr<LuaState> lua_;
};

}  // namespace holdfast::server::engine
