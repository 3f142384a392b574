#include "server/engine/script_door.h"

#include "server/command/context.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Done;
using command::Outcome;

const CommandError kNoScript("NOSCRIPT No matching script. Please use EVAL.");
const CommandError kNotBusy("NOTBUSY No scripts in execution right now.");
const CommandError kUnkillable(
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait "
    "the "
    "script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.");
const CommandError kAbandoned("ERR Script stopped, and what it did dropped, because the server shuts down");
const CommandError kWriterInReadOnly("ERR Can not execute a script with write flag using *_ro command.");

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

Outcome ScriptDoor::Kill() {
  if (running_ == nullptr) return kNotBusy;
  if (running_->has_written()) return kUnkillable;
  running_->Kill();
  return Done{};
}

Outcome ScriptDoor::Run(command::Context& context, const ScriptCache::Script& script,
                        std::span<const std::string_view> keys, std::span<const std::string_view> arguments,
                        Access access) {
  if (const auto error = Refusal(script.flags, access)) return *error;
  ScriptRun run(host_, table_, context.client, script.sha, script.flags, access);
  running_ = &run;
  cache_.interpreter().Run(script.function, keys, arguments, run, context.reply);
  running_ = nullptr;
  if (run.abandoned()) return kAbandoned;
  return Done{};
}

std::optional<CommandError> ScriptDoor::Refusal(const ScriptFlags& flags, Access access) const {
  const bool may_write = access == Access::kReadWrite && !flags.no_writes;
  if (may_write && !flags.allow_oom && host_.IsFull()) return command::kOutOfMemory;
  if (access == Access::kReadOnly && flags.declared && !flags.no_writes) return kWriterInReadOnly;
  return std::nullopt;
}

}  // namespace holdfast::server::engine
