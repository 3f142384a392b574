#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "server/command/errors.h"
#include "server/engine/script_flags.h"
#include "server/engine/script_interpreter.h"

namespace holdfast::server::engine {

// The scripts that the server knows, by their SHA-1. They live in memory only: a client that is told NOSCRIPT
// after a restart loads its script again.
//
// What SCRIPT LOAD or EVALSHA named stays until SCRIPT FLUSH; of those that only EVAL brought, the newest
// kMaxEvaluated stay, so that programs that build a new script for each call do not fill the memory.
class ScriptCache {
 public:
  static constexpr size_t kMaxEvaluated = 500;

  enum class Origin { kLoaded, kEvaluated };

  struct Script {
    std::string sha;
    Interpreter::Function function;
    ScriptFlags flags;
    Origin origin;
  };

  explicit ScriptCache(size_t max_heap_bytes)
      : max_heap_bytes_(max_heap_bytes),
        interpreter_(std::make_unique<Interpreter>(ScriptKind::kScript, max_heap_bytes)) {}

  // Null if there is none. `sha` in any case. A script asked for by name counts as loaded from then on.
  const Script* Find(std::string_view sha);
  [[nodiscard]] bool Knows(std::string_view sha) const;
  // The script of this text, compiled if it is new. Null, and `error` says why, if that fails. Valid until
  // the next call of Get or Flush.
  const Script* Get(std::string_view body, Origin origin, std::optional<command::CommandError>& error);
  // Forgets all of them, and all that they left in the interpreter.
  void Flush();

  [[nodiscard]] Interpreter& interpreter() { return *interpreter_; }
  [[nodiscard]] const Interpreter& interpreter() const { return *interpreter_; }
  [[nodiscard]] size_t size() const { return scripts_.size(); }

 private:
  std::optional<command::CommandError> Compile(std::string_view body, Script& script);
  void EvictOldest();

  const size_t max_heap_bytes_;
  std::unique_ptr<Interpreter> interpreter_;
  absl::flat_hash_map<std::string, std::unique_ptr<Script>> scripts_;
  // Brought by EVAL, oldest first; some may have become kLoaded since.
  std::deque<std::string> evaluated_;
};

}  // namespace holdfast::server::engine
