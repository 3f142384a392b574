#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/commands/families.h"

// Lua scripts: EVAL and its kin, and SCRIPT.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::Outcome;
using command::Scripts;

const CommandError kTooManyKeys("ERR Number of keys can't be greater than number of args");
const CommandError kNoScript("NOSCRIPT No matching script. Please use EVAL.");
const CommandError kNegativeKeys("ERR Number of keys can't be negative");
const CommandError kFlushModes("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
const CommandError kDebugModes("ERR Use SCRIPT DEBUG YES/SYNC/NO");
const CommandError kDebugInPipeline("ERR SCRIPT DEBUG must be called outside a pipeline");
const CommandError kNoDebugger("ERR this server has no debugger for scripts");

constexpr size_t kDigestLength = 40;  // of a SHA-1 in hexadecimal

struct Evaluation {
  std::string_view script;  // its text, or its SHA-1
  std::span<const std::string_view> keys;
  std::span<const std::string_view> arguments;
};

Evaluation TakeEvaluation(Args& args) {
  Evaluation evaluation;
  evaluation.script = args.Bytes();
  const int64_t keys = args.Integer();
  if (keys < 0) args.Fail(kNegativeKeys);
  if (keys > static_cast<int64_t>(args.remaining())) args.Fail(kTooManyKeys);
  if (args.failed()) return evaluation;
  evaluation.keys = args.Take(static_cast<size_t>(keys));
  evaluation.arguments = args.Rest();
  return evaluation;
}

template <Scripts::Access kAccess>
Outcome Eval(Context& context) {
  const Evaluation evaluation = TakeEvaluation(context.args);
  if (auto error = context.args.error()) return *error;
  return context.services.scripts().Evaluate(context, evaluation.script, evaluation.keys,
                                             evaluation.arguments, kAccess);
}

template <Scripts::Access kAccess>
Outcome EvalSha(Context& context) {
  if (context.args.peek().size() != kDigestLength) return kNoScript;
  const Evaluation evaluation = TakeEvaluation(context.args);
  if (auto error = context.args.error()) return *error;
  return context.services.scripts().EvaluateKnown(context, evaluation.script, evaluation.keys,
                                                  evaluation.arguments, kAccess);
}

Outcome ScriptLoad(Context& context) {
  const std::string_view body = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  std::string sha;
  if (auto error = context.services.scripts().Load(body, sha)) return *error;
  context.reply.Bulk(sha);
  return Done{};
}

Outcome ScriptExists(Context& context) {
  context.reply.Array(context.args.remaining());
  for (const std::string_view sha : context.args.Rest()) {
    context.reply.Integer(context.services.scripts().Knows(sha) ? 1 : 0);
  }
  return Done{};
}

Outcome ScriptFlush(Context& context) {
  Args& args = context.args;
  if (!args.Keyword("ASYNC")) args.Keyword("SYNC");
  if (!args.done()) return kFlushModes;
  context.services.scripts().Flush();
  context.reply.Ok();
  return Done{};
}

Outcome ScriptKill(Context& context) {
  Outcome outcome = context.services.scripts().Kill();
  if (outcome.error() == nullptr) context.reply.Ok();
  return outcome;
}

// There is no debugger to switch on. OK to YES would be a promise that what scripts write is taken back.
Outcome ScriptDebug(Context& context) {
  if (context.client.in_multi) return kDebugInPipeline;
  Args& args = context.args;
  const bool off = args.Keyword("NO");
  if (!off && !args.Keyword("YES") && !args.Keyword("SYNC")) return kDebugModes;
  if (!off) return kNoDebugger;
  context.reply.Ok();
  return Done{};
}

constexpr uint32_t kEvalFlags = Flag::kNoScript | Flag::kStale | Flag::kMovableKeys | Flag::kScript;

constexpr std::array kScriptCommands = {
    Command{.name = "eval",
            .syntax = "script numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kEvalFlags,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "Depends on the script that is executed.",
            .summary = "Runs a Lua script.",
            .run = &Eval<Scripts::Access::kReadWrite>},
    Command{.name = "evalsha",
            .syntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kEvalFlags,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "Depends on the script that is executed.",
            .summary = "Runs a Lua script that the server knows, by its SHA-1.",
            .run = &EvalSha<Scripts::Access::kReadWrite>},
    Command{.name = "eval_ro",
            .syntax = "script numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kEvalFlags | Flag::kReadOnly,
            .group = "scripting",
            .since = "7.0.0",
            .complexity = "Depends on the script that is executed.",
            .summary = "Runs a Lua script that may not write.",
            .run = &Eval<Scripts::Access::kReadOnly>},
    Command{.name = "evalsha_ro",
            .syntax = "sha1 numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kEvalFlags | Flag::kReadOnly,
            .group = "scripting",
            .since = "7.0.0",
            .complexity = "Depends on the script that is executed.",
            .summary = "Runs a Lua script that the server knows and that may not write, by its SHA-1.",
            .run = &EvalSha<Scripts::Access::kReadOnly>},
    Command{.name = "script|load",
            .syntax = "script",
            .flags = Flag::kNoScript | Flag::kStale,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "O(N), N being the length of the script",
            .summary = "Keeps a Lua script and returns its SHA-1.",
            .run = &ScriptLoad},
    Command{.name = "script|exists",
            .syntax = "sha1 [sha1 ...]",
            .flags = Flag::kNoScript,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "O(N), N being the scripts asked for",
            .summary = "Says which scripts the server knows.",
            .run = &ScriptExists},
    Command{.name = "script|flush",
            .syntax = "[ASYNC | SYNC]",
            .flags = Flag::kNoScript,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "O(N), N being the scripts known",
            .summary = "Forgets all scripts.",
            .run = &ScriptFlush},
    Command{.name = "script|debug",
            .syntax = "<YES | SYNC | NO>",
            .flags = Flag::kNoScript,
            .group = "scripting",
            .since = "3.2.0",
            .complexity = "O(1)",
            .summary = "Sets the debug mode of the scripts to come; only NO is possible.",
            .run = &ScriptDebug},
    Command{.name = "script|kill",
            .syntax = "",
            .flags = Flag::kNoScript | Flag::kAllowBusy,
            .group = "scripting",
            .since = "2.6.0",
            .complexity = "O(1)",
            .summary = "Ends the script that runs now, if it has not written anything.",
            .run = &ScriptKill},
};

}  // namespace

Family ScriptCommands() { return kScriptCommands; }

}  // namespace holdfast::server::commands
