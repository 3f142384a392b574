#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/context.h"
#include "server/command/functions.h"
#include "server/command/glob.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "server/commands/families.h"

// Functions: FCALL and FCALL_RO, FUNCTION.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::Functions;
using command::Outcome;
using command::Scripts;

const CommandError kNoFunction("ERR Function not found");
const CommandError kNoLibrary("ERR Library not found");
const CommandError kBadKeyCount("ERR Bad number of keys provided");
const CommandError kNegativeKeys("ERR Number of keys can't be negative");
const CommandError kNoCode("ERR Function code is missing");
const CommandError kNoPattern("ERR library name argument was not given");
const CommandError kFlushModes("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");

const CommandError kRestorePolicies(
    "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");

template <Scripts::Access kAccess>
Outcome Call(Context& context) {
  Args& args = context.args;
  Functions& functions = context.services.functions();
  const std::string_view function = args.Bytes();
  if (!functions.Knows(context, function)) return kNoFunction;
  const int64_t keys = args.Integer(INT64_MIN, INT64_MAX, kBadKeyCount);
  if (keys > static_cast<int64_t>(args.remaining())) args.Fail(command::kNumKeysTooLarge);
  if (keys < 0) args.Fail(kNegativeKeys);
  if (auto error = args.error()) return *error;
  const auto key_words = args.Take(static_cast<size_t>(keys));
  return functions.Call(context, function, key_words, args.Rest(), kAccess);
}

Outcome Load(Context& context) {
  Args& args = context.args;
  bool replace = false;
  while (args.remaining() > 1) {
    const std::string_view option = args.peek();
    if (!args.Keyword("REPLACE")) {
      return CommandError(command::Concat({"ERR Unknown option given: ", command::UpToZero(option)}));
    }
    replace = true;
  }
  if (args.done()) return kNoCode;
  std::string library;
  if (auto error = context.services.functions().Load(context, args.Bytes(), replace, library)) return *error;
  context.reply.Bulk(library);
  return Done{};
}

Outcome Delete(Context& context) {
  const std::string_view library = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  if (!context.services.functions().Delete(context, library)) return kNoLibrary;
  context.reply.Ok();
  return Done{};
}

Outcome Flush(Context& context) {
  Args& args = context.args;
  if (args.remaining() > 1) return command::WrongSubcommandArity(args.words());
  if (!args.Keyword("ASYNC")) args.Keyword("SYNC");
  if (!args.done()) return kFlushModes;
  context.services.functions().Flush(context);
  context.reply.Ok();
  return Done{};
}

struct ListOptions {
  std::optional<std::string_view> pattern;
  bool with_code = false;
};

std::optional<CommandError> TakeListOptions(Args& args, ListOptions& options) {
  while (!args.done()) {
    const std::string_view word = args.peek();
    if (!options.with_code && args.Keyword("WITHCODE")) {
      options.with_code = true;
    } else if (!options.pattern && args.Keyword("LIBRARYNAME")) {
      if (args.done()) return kNoPattern;
      options.pattern = args.Bytes();
    } else {
      return CommandError(command::Concat({"ERR Unknown argument ", command::UpToZero(word)}));
    }
  }
  return std::nullopt;
}

void WriteFunction(const Functions::FunctionFacts& function, resp::ReplyWriter& reply) {
  reply.Map(3);
  reply.Bulk("name");
  reply.Bulk(function.name);
  reply.Bulk("description");
  function.description ? reply.Bulk(*function.description) : reply.Null();
  reply.Bulk("flags");
  reply.Set(function.flags.size());
  for (const std::string_view flag : function.flags) reply.SimpleString(flag);
}

void WriteLibrary(const Functions::LibraryFacts& library, bool with_code, resp::ReplyWriter& reply) {
  reply.Map(with_code ? 4 : 3);
  reply.Bulk("library_name");
  reply.Bulk(library.name);
  reply.Bulk("engine");
  reply.Bulk("LUA");
  reply.Bulk("functions");
  reply.Array(library.functions.size());
  for (const Functions::FunctionFacts& function : library.functions) WriteFunction(function, reply);
  if (!with_code) return;
  reply.Bulk("library_code");
  reply.Bulk(library.code);
}

Outcome List(Context& context) {
  ListOptions options;
  if (auto error = TakeListOptions(context.args, options)) return *error;
  std::vector<Functions::LibraryFacts> found;
  context.services.functions().ForEach(context, [&](const Functions::LibraryFacts& library) {
    if (options.pattern && !command::GlobMatchesIgnoreCase(*options.pattern, library.name)) return;
    found.push_back(library);
  });
  context.reply.Array(found.size());
  for (const Functions::LibraryFacts& library : found) {
    WriteLibrary(library, options.with_code, context.reply);
  }
  return Done{};
}

void WriteRunning(const Functions::Running& running, resp::ReplyWriter& reply) {
  reply.Map(3);
  reply.Bulk("name");
  reply.Bulk(running.function);
  reply.Bulk("command");
  reply.Array(running.request.size());
  for (const std::string_view word : running.request) reply.Bulk(word);
  reply.Bulk("duration_ms");
  reply.Integer(absl::ToInt64Milliseconds(running.time));
}

Outcome Stats(Context& context) {
  const std::optional<Functions::Stats> stats = context.services.functions().Look(context);
  if (!stats) return *context.services.scripts().busy();
  resp::ReplyWriter& reply = context.reply;
  reply.Map(2);
  reply.Bulk("running_script");
  stats->running ? WriteRunning(*stats->running, reply) : reply.Null();
  reply.Bulk("engines");
  reply.Map(1);
  reply.Bulk("LUA");
  reply.Map(2);
  reply.Bulk("libraries_count");
  reply.Integer(static_cast<int64_t>(stats->libraries));
  reply.Bulk("functions_count");
  reply.Integer(static_cast<int64_t>(stats->functions));
  return Done{};
}

Outcome Dump(Context& context) {
  context.reply.Bulk(context.services.functions().Dump(context));
  return Done{};
}

Outcome Restore(Context& context) {
  Args& args = context.args;
  const std::string_view payload = args.Bytes();
  if (args.remaining() > 1) return command::WrongSubcommandArity(args.words());
  auto policy = Functions::RestorePolicy::kAppend;
  if (args.Keyword("REPLACE")) {
    policy = Functions::RestorePolicy::kReplace;
  } else if (args.Keyword("FLUSH")) {
    policy = Functions::RestorePolicy::kFlush;
  } else if (!args.done() && !args.Keyword("APPEND")) {
    return kRestorePolicies;
  }
  if (auto error = context.services.functions().Restore(context, payload, policy)) return *error;
  context.reply.Ok();
  return Done{};
}

Outcome Kill(Context& context) {
  Outcome outcome = context.services.functions().Kill();
  if (outcome.error() == nullptr) context.reply.Ok();
  return outcome;
}

constexpr uint32_t kCallFlags = Flag::kNoScript | Flag::kStale | Flag::kMovableKeys | Flag::kScript;

constexpr Command Subcommand(std::string_view name, std::string_view syntax, uint32_t flags,
                             std::string_view complexity, std::string_view summary, command::Handler run) {
  return {name, syntax, flags | Flag::kNoScript, "scripting", "7.0.0", complexity, summary, run};
}

constexpr std::array kFunctionCommands = {
    Command{.name = "fcall",
            .syntax = "function numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kCallFlags,
            .group = "scripting",
            .since = "7.0.0",
            .complexity = "Depends on the function that is executed.",
            .summary = "Calls a function.",
            .run = &Call<Scripts::Access::kReadWrite>},
    Command{.name = "fcall_ro",
            .syntax = "function numkeys [key [key ...]] [arg [arg ...]]",
            .flags = kCallFlags | Flag::kReadOnly,
            .group = "scripting",
            .since = "7.0.0",
            .complexity = "Depends on the function that is executed.",
            .summary = "Calls a function that may not write.",
            .run = &Call<Scripts::Access::kReadOnly>},
    Subcommand("function|load", "[REPLACE] function-code", Flag::kWrite | Flag::kGrows,
               "O(1), and what the library does while it is loaded", "Stores a library of functions.", &Load),
    Subcommand("function|delete", "library-name", Flag::kWrite, "O(1)",
               "Deletes a library and its functions.", &Delete),
    Subcommand("function|flush", "[ASYNC | SYNC]", Flag::kWrite, "O(N), N being the libraries",
               "Deletes all libraries.", &Flush),
    Subcommand("function|dump", "", 0, "O(N), N being the functions",
               "Serializes all libraries, as FUNCTION RESTORE takes them.", &Dump),
    Subcommand("function|restore", "serialized-value [FLUSH | APPEND | REPLACE]", Flag::kWrite | Flag::kGrows,
               "O(N), N being the functions of the payload", "Stores the libraries of FUNCTION DUMP.",
               &Restore),
    Subcommand("function|list", "[LIBRARYNAME library-name-pattern] [WITHCODE]", 0,
               "O(N), N being the functions", "Describes the libraries and their functions.", &List),
    Subcommand("function|stats", "", Flag::kAllowBusy, "O(1)",
               "Says which function runs now, and how many there are.", &Stats),
    Subcommand("function|kill", "", Flag::kAllowBusy, "O(1)",
               "Ends the function that runs now, if it has not written anything.", &Kill),
};

}  // namespace

Family FunctionCommands() { return kFunctionCommands; }

}  // namespace holdfast::server::commands
