#include <string>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using namespace command;

constexpr std::string_view kLolWut =
    "  __  ,\n"
    " |==|---.     Every job in the hold,\n"
    " |==|---|     lashed down before you hear\n"
    " '--'---'     that it came aboard.\n"
    "\\__________/  Holdfast. Redis ver. 7.2.4\n";
const CommandError kNoShutdown("ERR No shutdown in progress.");

Outcome Info(Context& context) {
  context.reply.Verbatim("txt", context.services.statistics().Info(context.args.Rest()));
  return Done{};
}

Outcome ConfigGet(Context& context) {
  const auto found = context.services.settings().Get(context.args.Rest());
  context.reply.Map(found.size());
  for (const auto& [name, value] : found) {
    context.reply.Bulk(name);
    context.reply.Bulk(value);
  }
  return Done{};
}

Outcome ConfigSet(Context& context) {
  const auto words = context.args.Rest();
  if (words.size() % 2 != 0) return kSyntaxError;
  if (auto error = context.services.settings().Set(words)) return *error;
  context.reply.Ok();
  return Done{};
}

Outcome ConfigResetStat(Context& context) {
  context.services.statistics().Reset();
  context.reply.Ok();
  return Done{};
}

Outcome ConfigRewrite(Context& context) {
  if (auto error = context.services.settings().Rewrite()) return *error;
  context.reply.Ok();
  return Done{};
}

Outcome Time(Context& context) {
  const int64_t microseconds = absl::ToUnixMicros(context.now());
  context.reply.Array(2);
  context.reply.BulkInteger(microseconds / 1'000'000);
  context.reply.BulkInteger(microseconds % 1'000'000);
  return Done{};
}

Outcome Role(Context& context) {
  context.reply.Array(3);
  context.reply.Bulk("master");
  context.reply.Integer(0);
  context.reply.Array(0);
  return Done{};
}

// Everything acknowledged is on disk whatever the options say, so SAVE and NOSAVE mean the same.
Outcome Shutdown(Context& context) {
  bool abort = false;
  bool save = false;
  bool no_save = false;
  bool other = false;
  while (!context.args.done()) {
    if (context.args.Keyword("ABORT")) {
      abort = true;
    } else if (context.args.Keyword("NOSAVE")) {
      no_save = true;
    } else if (context.args.Keyword("SAVE")) {
      save = true;
    } else if (context.args.Keyword("NOW") || context.args.Keyword("FORCE")) {
      other = true;
    } else {
      return kSyntaxError;
    }
  }
  if ((save && no_save) || (abort && (save || no_save || other))) return kSyntaxError;
  if (abort) return kNoShutdown;
  // A script would be given up half-way.
  if (const auto busy = context.services.scripts().busy(); busy && !no_save) return *busy;
  context.services.control().Shutdown();
  return Done{};
}

// The turn is committed by it, so no error may take effects back afterwards: it is written as the reply.
Outcome Save(Context& context) {
  const absl::Status saved = context.services.control().Save();
  saved.ok() ? context.reply.Ok() : context.reply.Error("ERR " + std::string(saved.message()));
  return Done{};
}

// An EXEC is told that it begins later, as in Redis.
void SaveInBackground(Context& context, std::string_view what) {
  context.services.control().SaveInBackground();
  context.reply.SimpleString(Concat({what, context.client.in_multi ? " scheduled" : " started"}));
}

Outcome BackgroundSave(Context& context) {
  if (!context.args.done() && !context.args.Keyword("SCHEDULE")) return kSyntaxError;
  if (auto error = context.args.Finish()) return *error;
  SaveInBackground(context, "Background saving");
  return Done{};
}

// A checkpoint is what makes the log short.
Outcome BackgroundRewrite(Context& context) {
  SaveInBackground(context, "Background append only file rewriting");
  return Done{};
}

Outcome LastSave(Context& context) {
  context.reply.Integer(absl::ToUnixSeconds(context.services.control().last_save()));
  return Done{};
}

// Redis draws here; the version stands below the picture.
Outcome LolWut(Context& context) {
  if (context.args.remaining() > 1 && context.args.Keyword("VERSION")) (void)context.args.Integer();
  context.args.Rest();
  if (auto error = context.args.Finish()) return *error;
  context.reply.Verbatim("txt", kLolWut);
  return Done{};
}

constexpr uint32_t kOperator = kAdmin | kNoScript;
constexpr uint32_t kConfig = kOperator | kLoading | kStale;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view complexity, std::string_view summary,
                        Handler run, std::string_view categories = {}) {
  return {name, syntax, flags, "server", since, complexity, summary, run, {}, categories};
}

constexpr Command kCommands[] = {
    Entry("info", "[section [section ...]]", kLoading | kStale, "1.0.0", "O(1)",
          "Returns information and statistics about the server.", &Info, "dangerous"),
    Entry("config|get", "parameter [parameter ...]", kConfig, "2.0.0",
          "O(N) when N is the number of configuration parameters provided",
          "Returns the effective values of configuration parameters.", &ConfigGet),
    Entry("config|set", "parameter value [parameter value ...]", kConfig, "2.0.0",
          "O(N) when N is the number of configuration parameters provided",
          "Sets configuration parameters in-flight.", &ConfigSet),
    Entry("config|resetstat", "", kConfig, "2.0.0", "O(1)", "Resets the server's statistics.",
          &ConfigResetStat),
    Entry("config|rewrite", "", kConfig, "2.8.0", "O(1)", "Persists the effective configuration to file.",
          &ConfigRewrite),
    Entry("time", "", kLoading | kStale | kFast, "2.6.0", "O(1)", "Returns the server time.", &Time),
    Entry("role", "", kNoScript | kLoading | kStale | kFast, "2.8.12", "O(1)",
          "Returns the replication role.", &Role, "admin dangerous"),
    Entry("shutdown", "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
          kOperator | kLoading | kStale | kNoMulti | kAllowBusy, "1.0.0",
          "O(N) when saving, where N is the total number of keys in all databases when saving data, "
          "otherwise O(1)",
          "Synchronously saves the database(s) to disk and shuts down the Redis server.", &Shutdown),
    Entry("save", "", kOperator | kNoAsyncLoading | kNoMulti, "1.0.0",
          "O(N) where N is the total number of keys in all databases",
          "Synchronously saves the database(s) to disk.", &Save),
    Entry("bgsave", "[SCHEDULE]", kOperator | kNoAsyncLoading, "1.0.0", "O(1)",
          "Asynchronously saves the database(s) to disk.", &BackgroundSave),
    Entry("bgrewriteaof", "", kOperator | kNoAsyncLoading, "1.0.0", "O(1)",
          "Asynchronously checkpoints, so that the log can become short.", &BackgroundRewrite),
    Entry("lastsave", "", kLoading | kStale | kFast, "1.0.0", "O(1)",
          "Returns the Unix timestamp of the last successful save to disk.", &LastSave, "admin dangerous"),
    Entry("lolwut", "[VERSION version]", kReadOnly | kFast, "5.0.0", "O(1)",
          "Displays computer art and the version.", &LolWut),
};

}  // namespace

Family ServerCommands() { return kCommands; }

}  // namespace holdfast::server::commands
