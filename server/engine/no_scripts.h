#pragma once

#include "server/command/services.h"

namespace holdfast::server::engine {

// A server without a script engine: knows none, runs none.
class NoScripts final : public command::Scripts {
 public:
  using Words = std::span<const std::string_view>;
  command::Outcome Evaluate(command::Context&, std::string_view, Words, Words, Access) override {
    return Unavailable();
  }
  command::Outcome EvaluateKnown(command::Context&, std::string_view, Words, Words, Access) override {
    return Unavailable();
  }
  std::optional<command::CommandError> Load(std::string_view, std::string&) override { return Unavailable(); }
  [[nodiscard]] bool Knows(std::string_view) const override { return false; }
  void Flush() override {}
  command::Outcome Kill() override { return Unavailable(); }

 private:
  static command::CommandError Unavailable() {
    return command::CommandError("ERR scripts are not available");
  }
};

}  // namespace holdfast::server::engine
