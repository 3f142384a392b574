#include "server/engine/script_runner.h"

#include <string>

#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Done;
using command::Outcome;

const CommandError kNotBusy("NOTBUSY No scripts in execution right now.");
const CommandError kUnkillable(
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait "
    "the "
    "script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.");
const CommandError kAbandoned("ERR Script stopped, and what it did dropped, because the server shuts down");
const CommandError kWriterInReadOnly("ERR Can not execute a script with write flag using *_ro command.");
const CommandError kBusyWithScript(
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.");
const CommandError kBusyWithFunction(
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.");

}  // namespace

Outcome ScriptRunner::Run(command::Context& context, Interpreter& interpreter, Interpreter::Function function,
                          const ScriptSubject& subject, std::span<const std::string_view> keys,
                          std::span<const std::string_view> arguments, command::Scripts::Access access) {
  if (const auto error = Refusal(subject.flags, access)) return *error;
  ScriptRun run(host_, table_, context.client, subject, access);
  running_ = &run;
  request_ = context.args.words();
  interpreter.Run(function, keys, arguments, run, context.reply);
  running_ = nullptr;
  if (run.abandoned()) return kAbandoned;
  return Done{};
}

std::optional<CommandError> ScriptRunner::Load(Interpreter& interpreter, const command::Client& caller,
                                               std::string_view code, absl::Duration limit,
                                               RegisteredFunctions& functions) {
  ScriptSubject subject{.kind = ScriptKind::kFunction, .name = "FUNCTION LOAD", .flags = {}, .limit = limit};
  ScriptRun run(host_, table_, caller, subject, command::Scripts::Access::kReadOnly);
  std::string problem;
  if (interpreter.Load(code, run, functions, problem)) return std::nullopt;
  return CommandError(command::Concat({"ERR ", problem}));
}

Outcome ScriptRunner::Kill(ScriptKind kind) {
  if (running_ == nullptr) return kNotBusy;
  if (running_->has_written()) return kUnkillable;
  if (running_->kind() != kind) return *busy();
  running_->Kill();
  return Done{};
}

std::optional<CommandError> ScriptRunner::busy() const {
  if (running_ == nullptr) return std::nullopt;
  return running_->kind() == ScriptKind::kScript ? kBusyWithScript : kBusyWithFunction;
}

std::optional<CommandError> ScriptRunner::Refusal(const ScriptFlags& flags,
                                                  command::Scripts::Access access) const {
  const bool no_writes = flags.has(ScriptFlags::kNoWrites);
  if (access == command::Scripts::Access::kReadOnly && flags.declared && !no_writes) return kWriterInReadOnly;
  return std::nullopt;
}

}  // namespace holdfast::server::engine
