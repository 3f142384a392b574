#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/command/services.h"
#include "server/engine/script_cache.h"
#include "server/engine/script_runner.h"

namespace holdfast::server::engine {

// The scripts that clients bring with EVAL: command::Scripts on top of a ScriptRunner. The engine's thread.
class ScriptDoor final : public command::Scripts {
 public:
  // The runner must outlive it.
  explicit ScriptDoor(ScriptRunner& runner, size_t max_heap_bytes = Interpreter::kMaxHeapBytes)
      : runner_(runner), cache_(max_heap_bytes) {}

  command::Outcome Evaluate(command::Context& context, std::string_view body,
                            std::span<const std::string_view> keys,
                            std::span<const std::string_view> arguments, Access access) override;
  command::Outcome EvaluateKnown(command::Context& context, std::string_view sha,
                                 std::span<const std::string_view> keys,
                                 std::span<const std::string_view> arguments, Access access) override;
  std::optional<command::CommandError> Load(std::string_view body, std::string& sha) override;
  [[nodiscard]] bool Knows(std::string_view sha) const override { return cache_.Knows(sha); }
  void Flush() override { cache_.Flush(); }
  command::Outcome Kill() override { return runner_.Kill(ScriptKind::kScript); }
  [[nodiscard]] std::optional<command::CommandError> busy() const override { return runner_.busy(); }

  // How many scripts are known, and the bytes of Lua's heap, for INFO.
  [[nodiscard]] size_t size() const { return cache_.size(); }
  [[nodiscard]] size_t memory_bytes() const { return cache_.interpreter().heap_bytes(); }

 private:
  command::Outcome Run(command::Context& context, const ScriptCache::Script& script,
                       std::span<const std::string_view> keys, std::span<const std::string_view> arguments,
                       Access access);

  ScriptRunner& runner_;
  ScriptCache cache_;
};

}  // namespace holdfast::server::engine
