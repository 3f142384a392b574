#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/command/services.h"
#include "server/command/table.h"
#include "server/engine/script_cache.h"
#include "server/engine/script_host.h"

namespace holdfast::server::engine {

// The Lua scripts of the server: command::Scripts on top of a ScriptHost. One script runs at a time; the
// engine's thread.
//
// A script that ends with an error keeps what it wrote before, as in Redis: Evaluate then answers Done, and
// the error is the reply. An error as the outcome means that nothing has run, or that nothing of it may stay.
class ScriptDoor final : public command::Scripts {
 public:
  // Both must outlive it.
  ScriptDoor(ScriptHost& host, const command::Table& table,
             size_t max_heap_bytes = Interpreter::kMaxHeapBytes)
      : host_(host), table_(table), cache_(max_heap_bytes) {}

  command::Outcome Evaluate(command::Context& context, std::string_view body,
                            std::span<const std::string_view> keys,
                            std::span<const std::string_view> arguments, Access access) override;
  command::Outcome EvaluateKnown(command::Context& context, std::string_view sha,
                                 std::span<const std::string_view> keys,
                                 std::span<const std::string_view> arguments, Access access) override;
  std::optional<command::CommandError> Load(std::string_view body, std::string& sha) override;
  [[nodiscard]] bool Knows(std::string_view sha) const override { return cache_.Knows(sha); }
  void Flush() override { cache_.Flush(); }
  command::Outcome Kill() override;
  [[nodiscard]] bool running() const override { return running_ != nullptr; }

  // How many scripts are known, and the bytes of Lua's heap, for INFO.
  [[nodiscard]] size_t size() const { return cache_.size(); }
  [[nodiscard]] size_t memory_bytes() const { return cache_.interpreter().heap_bytes(); }

 private:
  command::Outcome Run(command::Context& context, const ScriptCache::Script& script,
                       std::span<const std::string_view> keys, std::span<const std::string_view> arguments,
                       Access access);
  [[nodiscard]] std::optional<command::CommandError> Refusal(const ScriptFlags& flags, Access access) const;

  ScriptHost& host_;
  const command::Table& table_;
  ScriptCache cache_;
  ScriptRun* running_ = nullptr;
};

}  // namespace holdfast::server::engine
