#include <algorithm>
#include <string>
#include <vector>

#include "server/command/acl_denial.h"
#include "server/command/acl_user.h"
#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/command/words.h"
#include "server/commands/families.h"

// ACL: users and their permissions.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kDefaultStays("ERR The 'default' user cannot be removed");
const CommandError kBadBits(
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to "
    "4096");

void WriteTexts(std::span<const std::string> texts, resp::ReplyWriter& reply) {
  reply.Array(texts.size());
  for (const std::string& text : texts) reply.Bulk(text);
}

Outcome Categories(Context& context) {
  const auto words = context.args.Rest();
  if (words.size() > 1) return WrongSubcommandArity(context.args.words());
  if (words.empty()) {
    context.reply.Array(CategoryNames().size());
    for (const std::string_view name : CategoryNames()) context.reply.Bulk(name);
    return Done{};
  }
  const auto category = FindCategory(words[0]);
  if (!category) return CommandError(Concat({"ERR Unknown category '", UpToZero(words[0]), "'"}));
  const Table& table = context.services.table();
  std::vector<std::string_view> names;
  for (size_t i = 0; i < table.size(); ++i) {
    if ((table.at(i).categories & *category) != 0) names.push_back(table.at(i).command->name);
  }
  context.reply.Array(names.size());
  for (const std::string_view name : names) context.reply.Bulk(name);
  return Done{};
}

Outcome SetUser(Context& context) {
  const std::string_view name = context.args.Bytes();
  if (auto error = context.services.acl().Set(name, context.args.Rest())) return *error;
  context.reply.Ok();
  return Done{};
}

Outcome DeleteUsers(Context& context) {
  const auto names = context.args.Rest();
  Acl& acl = context.services.acl();
  for (const std::string_view name : names) {
    if (name == "default") return kDefaultStays;
  }
  int64_t deleted = 0;
  for (const std::string_view name : names) deleted += acl.Delete(name) ? 1 : 0;
  context.reply.Integer(deleted);
  return Done{};
}

void WriteSelector(const AclSelector& selector, resp::ReplyWriter& reply) {
  reply.Bulk("commands");
  reply.Bulk(selector.Commands());
  reply.Bulk("keys");
  reply.Bulk(selector.Keys());
  reply.Bulk("channels");
  reply.Bulk(selector.Channels());
}

Outcome GetUser(Context& context) {
  const AclUser* user = context.services.acl().Find(context.args.Bytes());
  if (user == nullptr) {
    context.reply.Null();
    return Done{};
  }
  resp::ReplyWriter& reply = context.reply;
  reply.Map(6);
  reply.Bulk("flags");
  const auto flags = user->Flags();
  reply.Set(flags.size());
  for (const std::string_view flag : flags) reply.Bulk(flag);
  reply.Bulk("passwords");
  WriteTexts(user->passwords(), reply);
  const std::span<const AclSelector> selectors = user->selectors();
  WriteSelector(selectors.front(), reply);
  reply.Bulk("selectors");
  reply.Array(selectors.size() - 1);
  for (const AclSelector& selector : selectors.subspan(1)) {
    reply.Map(3);
    WriteSelector(selector, reply);
  }
  return Done{};
}

Outcome List(Context& context) {
  const auto users = context.services.acl().All();
  context.reply.Array(users.size());
  for (const AclUser* user : users) context.reply.Bulk(user->Describe());
  return Done{};
}

Outcome UserNames(Context& context) {
  const auto users = context.services.acl().All();
  context.reply.Array(users.size());
  for (const AclUser* user : users) context.reply.Bulk(user->name());
  return Done{};
}

Outcome WhoAmI(Context& context) {
  context.reply.Bulk(context.services.acl().UserOf(context.client).name());
  return Done{};
}

Outcome GeneratePassword(Context& context) {
  constexpr int64_t kMostBits = 4096;
  constexpr int64_t kBitsADigit = 4;
  if (context.args.remaining() > 1) return WrongSubcommandArity(context.args.words());
  int64_t bits = 256;
  if (!context.args.done()) bits = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  if (bits <= 0 || bits > kMostBits) return kBadBits;
  const auto digits = static_cast<size_t>((bits + kBitsADigit - 1) / kBitsADigit);
  context.reply.Bulk(context.services.acl().RandomDigits(digits));
  return Done{};
}

void WriteLogEntry(const AclLogEntry& entry, absl::Time now, resp::ReplyWriter& reply) {
  const auto text = [&](std::string_view name, std::string_view value) {
    reply.Bulk(name);
    reply.Bulk(value);
  };
  const auto number = [&](std::string_view name, int64_t value) {
    reply.Bulk(name);
    reply.Integer(value);
  };
  reply.Map(10);
  number("count", static_cast<int64_t>(entry.count));
  text("reason", entry.reason);
  text("context", entry.context);
  text("object", entry.object);
  text("username", entry.user);
  reply.Bulk("age-seconds");
  reply.Double(static_cast<double>(absl::ToInt64Milliseconds(now - entry.updated)) / 1000);
  text("client-info", entry.client);
  number("entry-id", static_cast<int64_t>(entry.id));
  number("timestamp-created", absl::ToUnixMillis(entry.created));
  number("timestamp-last-updated", absl::ToUnixMillis(entry.updated));
}

Outcome Log(Context& context) {
  constexpr int64_t kUsual = 10;
  Acl& acl = context.services.acl();
  if (context.args.remaining() > 1) return WrongSubcommandArity(context.args.words());
  if (context.args.Keyword("RESET")) {
    acl.ResetLog();
    context.reply.Ok();
    return Done{};
  }
  int64_t count = kUsual;
  if (!context.args.done()) count = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  auto entries = acl.Log();
  entries.resize(std::min(entries.size(), static_cast<size_t>(std::max<int64_t>(count, 0))));
  context.reply.Array(entries.size());
  for (const AclLogEntry* entry : entries) WriteLogEntry(*entry, context.now(), context.reply);
  return Done{};
}

Outcome DryRun(Context& context) {
  const std::string_view name = context.args.Bytes();
  const auto words = context.args.Rest();
  const AclUser* user = context.services.acl().Find(name);
  if (user == nullptr) return CommandError(Concat({"ERR User '", UpToZero(name), "' not found"}));
  const Table::Entry* entry = context.services.table().Named(words);
  if (entry == nullptr) return CommandError(Concat({"ERR Command '", UpToZero(words[0]), "' not found"}));
  if (!entry->Accepts(words.size())) return WrongArity(entry->command->name);
  const AclVerdict verdict = user->Check(*entry, words);
  if (verdict.allowed()) {
    context.reply.Ok();
  } else {
    context.reply.Bulk(DenialText(verdict, *user, *entry, words, Naming::kNamed));
  }
  return Done{};
}

template <std::optional<CommandError> (Acl::*kAct)()>
Outcome FileCommand(Context& context) {
  if (auto error = (context.services.acl().*kAct)()) return *error;
  context.reply.Ok();
  return Done{};
}

constexpr uint32_t kOpen = kNoScript | kLoading | kStale;
constexpr uint32_t kOperator = kOpen | kAdmin;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view complexity, std::string_view summary,
                        Handler run) {
  return {name, syntax, flags, "server", since, complexity, summary, run};
}

constexpr std::string_view kPerUser = "O(N), N being the configured users";

constexpr Command kCommands[] = {
    Entry("acl|cat", "[category]", kOpen, "6.0.0", "O(1)",
          "Lists the ACL categories, or the commands inside a category.", &Categories),
    Entry("acl|deluser", "username [username ...]", kOperator, "6.0.0", "O(1) a user",
          "Deletes ACL users and closes their connections.", &DeleteUsers),
    Entry("acl|dryrun", "username command [arg [arg ...]]", kOperator, "7.0.0", "O(1)",
          "Says whether a user could run a command, without running it.", &DryRun),
    Entry("acl|genpass", "[bits]", kOpen, "6.0.0", "O(1)", "Makes a random password of hexadecimal digits.",
          &GeneratePassword),
    Entry("acl|getuser", "username", kOperator, "6.0.0", "O(N), N being the rules of the user",
          "Lists the rules of an ACL user.", &GetUser),
    Entry("acl|list", "", kOperator, "6.0.0", kPerUser, "Shows the users as lines of an ACL file.", &List),
    Entry("acl|load", "", kOperator, "6.0.0", kPerUser, "Takes the users from the ACL file.",
          &FileCommand<&Acl::Load>),
    Entry("acl|log", "[count | RESET]", kOperator, "6.0.0", "O(N), N being the entries shown",
          "Lists what was denied to users lately.", &Log),
    Entry("acl|save", "", kOperator, "6.0.0", kPerUser, "Writes the users to the ACL file.",
          &FileCommand<&Acl::Save>),
    Entry("acl|setuser", "username [rule [rule ...]]", kOperator, "6.0.0", "O(N), N being the rules given",
          "Creates an ACL user or changes its rules.", &SetUser),
    Entry("acl|users", "", kOperator, "6.0.0", kPerUser, "Lists the names of all ACL users.", &UserNames),
    Entry("acl|whoami", "", kOpen, "6.0.0", "O(1)", "Returns the user of the connection.", &WhoAmI),
};

}  // namespace

Family AclFamily() { return kCommands; }

}  // namespace holdfast::server::commands
