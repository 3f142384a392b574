#include "server/engine/script_door.h"

#include "server/command/context.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Outcome;

const CommandError kNoScript("NOSCRIPT No matching script. Please use EVAL.");

}  // namespace

Outcome ScriptDoor::Evaluate(command::Context& context, std::string_view body,
                             std::span<const std::string_view> keys,
                             std::span<const std::string_view> arguments, Access access) {
  std::optional<CommandError> error;
  const ScriptCache::Script* script = cache_.Get(body, ScriptCache::Origin::kEvaluated, error);
  if (script == nullptr) return *error;
  return Run(context, *script, keys, arguments, access);
}

Outcome ScriptDoor::EvaluateKnown(command::Context& context, std::string_view sha,
                                  std::span<const std::string_view> keys,
                                  std::span<const std::string_view> arguments, Access access) {
  const ScriptCache::Script* script = cache_.Find(sha);
  if (script == nullptr) return kNoScript;
  return Run(context, *script, keys, arguments, access);
}

std::optional<CommandError> ScriptDoor::Load(std::string_view body, std::string& sha) {
  std::optional<CommandError> error;
  const ScriptCache::Script* script = cache_.Get(body, ScriptCache::Origin::kLoaded, error);
  if (script != nullptr) sha = script->sha;
  return error;
}

Outcome ScriptDoor::Run(command::Context& context, const ScriptCache::Script& script,
                        std::span<const std::string_view> keys, std::span<const std::string_view> arguments,
                        Access access) {
  const ScriptSubject subject{.kind = ScriptKind::kScript, .name = script.sha, .flags = script.flags};
  return runner_.Run(context, cache_.interpreter(), script.function, subject, keys, arguments, access);
}

}  // namespace holdfast::server::engine
