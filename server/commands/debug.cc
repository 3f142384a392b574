#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

#include "server/command/context.h"
#include "server/command/glob.h"
#include "server/command/services.h"
#include "server/command/size_text.h"
#include "server/command/words.h"
#include "server/commands/dataset_digest.h"
#include "server/commands/debug_protocol.h"
#include "server/commands/debug_values.h"
#include "server/commands/families.h"
#include "storage/entry.h"

// The harmless parts of DEBUG, for test suites. One command, as in Redis: its subcommands stand in no table
// but the one at the foot.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNotAllowed(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it "
    "from a local connection, otherwise you need to set this option in the configuration file, and then "
    "restart the server.");
const CommandError kNoReload("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
const CommandError kNoThreshold("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
const CommandError kNoLeak("ERR DEBUG LEAK is refused: memory that it loses would not come back");

bool IsLocal(const Client& client) {
  return client.unix_socket || client.address.starts_with("127.") || client.address.starts_with("[::1]") ||
         client.address.starts_with("::1");
}

bool MayDebug(Context& context) {
  const std::string_view names[] = {"enable-debug-command"};
  const auto found = context.services.settings().Get(names);
  const std::string who = found.empty() ? "no" : found.front().second;
  return who == "yes" || (who == "local" && IsLocal(context.client));
}

// A number as C's atoi reads it: what is none is 0.
bool IsOn(std::string_view word) { return std::strtol(std::string(word).c_str(), nullptr, 10) != 0; }

// What cannot be read as a number is 0, as in Redis.
Outcome Sleep(Context& context) {
  const double seconds = std::strtod(std::string(context.args.Bytes()).c_str(), nullptr);
  context.services.control().Sleep(absl::Seconds(seconds));
  context.reply.Ok();
  return Done{};
}

Outcome SetActiveExpire(Context& context) {
  context.services.control().SetActiveExpiry(IsOn(context.args.Bytes()));
  context.reply.Ok();
  return Done{};
}

Outcome SetSkipChecksums(Context& context) {
  context.services.control().CheckPayloads(!IsOn(context.args.Bytes()));
  context.reply.Ok();
  return Done{};
}

// What has no meaning here is accepted.
Outcome Accept(Context& context) {
  context.reply.Ok();
  return Done{};
}

Outcome AcceptInteger(Context& context) {
  (void)context.args.Integer();
  if (auto error = context.args.error()) return *error;
  return Accept(context);
}

// Everything is on disk and is read from there already: a checkpoint is what comes nearest.
Outcome Checkpoint(Context& context) {
  const absl::Status saved = context.services.control().Save();
  saved.ok() ? context.reply.Ok() : context.reply.Error("ERR " + std::string(saved.message()));
  return Done{};
}

Outcome Reload(Context& context) {
  bool saves = true;
  while (!context.args.done()) {
    if (context.args.Keyword("NOSAVE")) {
      saves = false;
    } else if (!context.args.Keyword("MERGE") && !context.args.Keyword("NOFLUSH")) {
      return kNoReload;
    }
  }
  return saves ? Checkpoint(context) : Accept(context);
}

Outcome RewriteConfiguration(Context& context) {
  const auto error = context.services.settings().Rewrite();
  if (!error) return Accept(context);
  std::string_view why = error->text();
  if (why.starts_with("ERR ")) why.remove_prefix(4);
  return CommandError(Concat({"ERR CONFIG-REWRITE-FORCE-ALL failed: ", why}));
}

Outcome SetPackedThreshold(Context& context) {
  constexpr int64_t kMost = (int64_t{1} << 32) - (int64_t{1} << 20);
  const auto bytes = ParseSize(context.args.Bytes());
  if (!bytes || *bytes < 0 || *bytes > kMost) return kNoThreshold;
  return Accept(context);
}

Outcome ReplyBuffer(Context& context) {
  Args& args = context.args;
  if (args.Keyword("RESIZING")) return Accept(context);
  if (!args.Keyword("PEAK-RESET-TIME")) return WrongSubcommandArity(args.words());
  if (args.Keyword("NEVER") || args.Keyword("RESET")) return Accept(context);
  return AcceptInteger(context);
}

Outcome StructureSizes(Context& context) {
  context.reply.Bulk(Concat(
      {"bits:", std::to_string(8 * sizeof(void*)), " entry:", std::to_string(sizeof(storage::Entry)), " "}));
  return Done{};
}

Outcome RefuseLeak(Context&) { return kNoLeak; }

Outcome StringMatchLength(Context& context) {
  const int64_t length = context.args.Integer(0, 1 << 26);
  const std::string_view pattern = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  context.reply.Integer(GlobMatches(pattern, std::string(static_cast<size_t>(length), 'x')) ? 1 : 0);
  return Done{};
}

Outcome ChangeReplicationId(Context& context) {
  context.services.control().ChangeReplicationId();
  context.reply.Ok();
  return Done{};
}

Outcome Digest(Context& context) {
  context.reply.SimpleString(DigestText(DigestOfAll(context.transaction())));
  return Done{};
}

Outcome DigestValue(Context& context) {
  const auto keys = context.args.Rest();
  context.reply.Array(keys.size());
  for (const std::string_view key : keys) {
    context.reply.SimpleString(DigestText(DigestOfValue(context.keyspace, key)));
  }
  return Done{};
}

Outcome Error(Context& context) { return CommandError(std::string(context.args.Bytes())); }

Outcome Help(Context& context);

struct Subcommand {
  std::string_view name;
  std::string_view syntax;  // for HELP
  size_t least;             // words behind it
  size_t most;
  std::string_view summary;
  Handler run;
};

constexpr size_t kAny = SIZE_MAX;

constexpr Subcommand kSubcommands[] = {
    {"AOF-FLUSH-SLEEP", "<microsec>", 1, 1, "Accepted without effect.", &Accept},
    {"CHANGE-REPL-ID", "", 0, 0, "Makes a new master_replid.", &ChangeReplicationId},
    {"CONFIG-REWRITE-FORCE-ALL", "", 0, 0, "As CONFIG REWRITE.", &RewriteConfiguration},
    {"DICT-RESIZING", "<0|1>", 1, 1, "Accepted: there are no hash tables.", &Accept},
    {"DIGEST", "", 0, 0, "Hashes the whole dataset.", &Digest},
    {"DIGEST-VALUE", "<key> [<key> ...]", 0, kAny, "Hashes the values of keys.", &DigestValue},
    {"DROP-CLUSTER-PACKET-FILTER", "<packet-type>", 1, 1, "Accepted: there is no cluster.", &AcceptInteger},
    {"ERROR", "<string>", 1, 1, "Answers with that error.", &Error},
    {"HELP", "", 0, 0, "Shows this.", &Help},
    {"HTSTATS", "<dbid> [full]", 1, 2, "Counts the keys of a database.", &DebugDatabaseTable},
    {"HTSTATS-KEY", "<key> [full]", 1, 2, "Counts the elements of a large value.", &DebugValueTable},
    {"LEAK", "<string>", 1, 1, "Refused: it would lose memory.", &RefuseLeak},
    {"LISTPACK", "<key>", 1, 1, "Tells whether the value is a small one; prints nothing.", &DebugListpack},
    {"LOADAOF", "", 0, kAny, "Checkpoints: what is on disk is what is read.", &Checkpoint},
    {"LOG", "<message>", 1, 1, "Accepted without effect.", &Accept},
    {"OBJECT", "<key> [fast]", 1, 2, "Shows how a key's value is held.", &DebugObject},
    {"PAUSE-CRON", "<0|1>", 1, 1, "Accepted without effect.", &Accept},
    {"POPULATE", "<count> [<prefix>] [<size>]", 1, 3, "Makes strings key:N of value:N.", &DebugPopulate},
    {"PROTOCOL", "<type>", 1, 1, "Answers with a reply of that type.", &DebugProtocol},
    {"QUICKLIST", "<key> [<0|1>]", 1, 2, "Tells whether the value is a long list; prints nothing.",
     &DebugQuicklist},
    {"QUICKLIST-PACKED-THRESHOLD", "<size>", 1, 1, "Accepted: lists have no nodes.", &SetPackedThreshold},
    {"RELOAD", "[MERGE] [NOFLUSH] [NOSAVE]", 0, kAny, "Checkpoints: what is on disk is what is read.",
     &Reload},
    {"REPLICATE", "<string>", 1, kAny, "Accepted: there are no replicas.", &Accept},
    {"REPLYBUFFER", "<PEAK-RESET-TIME <NEVER|RESET|time> | RESIZING <0|1>>", 2, 2, "Accepted without effect.",
     &ReplyBuffer},
    {"SDSLEN", "<key>", 1, 1, "Shows how long a key and its string are.", &DebugStringLengths},
    {"SET-ACTIVE-EXPIRE", "<0|1>", 1, 1, "Switches the removal of expired keys that nobody asks for.",
     &SetActiveExpire},
    {"SET-DISABLE-DENY-SCRIPTS", "<0|1>", 1, 1, "Accepted without effect.", &Accept},
    {"SET-SKIP-CHECKSUM-VALIDATION", "<0|1>", 1, 1, "Switches whether RESTORE takes a wrong checksum.",
     &SetSkipChecksums},
    {"SLEEP", "<seconds>", 1, 1, "Stops the server for a while.", &Sleep},
    {"STRINGMATCH-LEN", "<length> <glob>", 2, 2, "Matches a glob with a string of that length.",
     &StringMatchLength},
    {"STRUCTSIZE", "", 0, 0, "Shows the size of a pointer and of a key's entry.", &StructureSizes},
};

Outcome Help(Context& context) {
  context.reply.Array(1 + 2 * std::size(kSubcommands));
  context.reply.SimpleString("DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const Subcommand& subcommand : kSubcommands) {
    const std::string_view space = subcommand.syntax.empty() ? "" : " ";
    context.reply.SimpleString(Concat({subcommand.name, space, subcommand.syntax}));
    context.reply.SimpleString(Concat({"    ", subcommand.summary}));
  }
  return Done{};
}

Outcome Debug(Context& context) {
  if (!MayDebug(context)) return kNotAllowed;
  const std::string_view name = context.args.Bytes();
  const size_t words = context.args.remaining();
  const auto* const found =
      std::find_if(std::begin(kSubcommands), std::end(kSubcommands), [&](const Subcommand& subcommand) {
        return EqualsIgnoreCase(subcommand.name, name) && words >= subcommand.least &&
               words <= subcommand.most;
      });
  if (found == std::end(kSubcommands)) return WrongSubcommandArity(context.args.words());
  return found->run(context);
}

constexpr Command kCommands[] = {
    {"debug", "subcommand [arg ...]", command::kPeeks | kAdmin | kNoScript | kLoading | kStale, "server",
     "1.0.0", "Depends on subcommand.", "A container for debugging commands.", &Debug},
};

}  // namespace

Family DebugCommands() { return kCommands; }

}  // namespace holdfast::server::commands
