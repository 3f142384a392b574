#include "server/engine/script_cache.h"

#include <utility>

#include "server/command/words.h"
#include "server/engine/script_sha.h"

namespace holdfast::server::engine {

using command::CommandError;

const ScriptCache::Script* ScriptCache::Find(std::string_view sha) {
  const auto found = scripts_.find(command::Lower(sha));
  if (found == scripts_.end()) return nullptr;
  found->second->origin = Origin::kLoaded;
  return found->second.get();
}

bool ScriptCache::Knows(std::string_view sha) const { return scripts_.contains(command::Lower(sha)); }

const ScriptCache::Script* ScriptCache::Get(std::string_view body, Origin origin,
                                            std::optional<CommandError>& error) {
  const Sha1Digits digits = Sha1Hex(body);
  const std::string sha(View(digits));
  const auto found = scripts_.find(sha);
  if (found != scripts_.end()) {
    if (origin == Origin::kLoaded) found->second->origin = origin;
    return found->second.get();
  }
  auto script = std::make_unique<Script>(Script{sha, Interpreter::kNoFunction, {}, origin});
  if ((error = Compile(body, *script))) return nullptr;
  if (origin == Origin::kEvaluated) {
    evaluated_.push_back(sha);
    if (evaluated_.size() > kMaxEvaluated) EvictOldest();
  }
  return (scripts_[sha] = std::move(script)).get();
}

std::optional<CommandError> ScriptCache::Compile(std::string_view body, Script& script) {
  if (auto error = ReadScriptFlags(body, script.flags)) return error;
  std::string problem;
  script.function = interpreter_->Compile(body.substr(script.flags.line_bytes), problem);
  if (script.function != Interpreter::kNoFunction) return std::nullopt;
  return CommandError(command::Concat({"ERR Error compiling script (new function): ", problem}));
}

void ScriptCache::EvictOldest() {
  const auto oldest = scripts_.find(evaluated_.front());
  evaluated_.pop_front();
  if (oldest->second->origin == Origin::kLoaded) return;
  interpreter_->Forget(oldest->second->function);
  scripts_.erase(oldest);
}

void ScriptCache::Flush() {
  scripts_.clear();
  evaluated_.clear();
  auto fresh = std::make_unique<Interpreter>(ScriptKind::kScript, max_heap_bytes_);
  fresh->ContinueRandom(*interpreter_);
  interpreter_ = std::move(fresh);
}

}  // namespace holdfast::server::engine
