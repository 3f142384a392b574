#include "server/commands/command_description.h"

#include <bit>
#include <span>
#include <string>
#include <vector>

#include "server/command/words.h"

namespace holdfast::server::commands {
namespace {

using namespace command;
using resp::ReplyWriter;

struct FlagName {
  uint32_t flag;
  std::string_view name;
};

constexpr FlagName kFlagNames[] = {
    {kWrite, "write"},          {kReadOnly, "readonly"},
    {kGrows, "denyoom"},        {kAdmin, "admin"},
    {kPubSub, "pubsub"},        {kNoScript, "noscript"},
    {kBlocking, "blocking"},    {kLoading, "loading"},
    {kStale, "stale"},          {kFast, "fast"},
    {kNoAuth, "no_auth"},       {kNoMulti, "no_multi"},
    {kAllowBusy, "allow_busy"}, {kSkipSlowlog, "skip_slowlog"},
    {kScript, "skip_monitor"},
};

uint32_t FlagsOf(const Table::Entry& entry) {
  return entry.command->flags | (entry.syntax.has_movable_keys() ? uint32_t{kMovableKeys} : 0);
}

void WriteFlags(const Table::Entry& entry, ReplyWriter& reply) {
  std::vector<std::string_view> names;
  for (const auto& [flag, name] : kFlagNames) {
    if ((FlagsOf(entry) & flag) != 0) names.push_back(name);
  }
  if ((FlagsOf(entry) & kMovableKeys) != 0) names.push_back("movablekeys");
  if (entry.syntax.has_optional_keys()) names.push_back("no_mandatory_keys");
  reply.Set(names.size());
  for (const std::string_view name : names) reply.SimpleString(name);
}

void WriteCategories(const Table::Entry& entry, ReplyWriter& reply) {
  const std::span<const std::string_view> names = CategoryNames();
  reply.Set(static_cast<size_t>(std::popcount(entry.categories)));
  for (size_t i = 0; i < names.size(); ++i) {
    if ((entry.categories >> i & 1) != 0) reply.SimpleString(Concat({"@", names[i]}));
  }
}

void WriteBulkInteger(ReplyWriter& reply, std::string_view name, int64_t value) {
  reply.Bulk(name);
  reply.Integer(value);
}

void WriteBeginSearch(const KeySpec& spec, ReplyWriter& reply) {
  const bool keyword = spec.find == KeySpec::Find::kKeyword;
  reply.Bulk("begin_search");
  reply.Map(2);
  reply.Bulk("type");
  reply.Bulk(keyword ? "keyword" : "index");
  reply.Bulk("spec");
  reply.Map(keyword ? 2 : 1);
  if (keyword) {
    reply.Bulk("keyword");
    reply.Bulk(spec.keyword);
    WriteBulkInteger(reply, "startfrom", spec.first);
  } else {
    WriteBulkInteger(reply, "index", spec.first);
  }
}

void WriteFindKeys(const KeySpec& spec, ReplyWriter& reply) {
  const bool counted = spec.find == KeySpec::Find::kCounted;
  reply.Bulk("find_keys");
  reply.Map(2);
  reply.Bulk("type");
  reply.Bulk(counted ? "keynum" : "range");
  reply.Bulk("spec");
  reply.Map(3);
  if (counted) {
    WriteBulkInteger(reply, "keynumidx", 0);
    WriteBulkInteger(reply, "firstkey", 1);
    WriteBulkInteger(reply, "keystep", 1);
    return;
  }
  const bool from_end = spec.find == KeySpec::Find::kRange ? spec.last < 0 : spec.parts > 0;
  const bool keyword = spec.find == KeySpec::Find::kKeyword;
  const int last = from_end ? std::min(spec.last, -1) : keyword ? 0 : spec.last - spec.first;
  WriteBulkInteger(reply, "lastkey", last);
  WriteBulkInteger(reply, "keystep", spec.step);
  WriteBulkInteger(reply, "limit", spec.parts);
}

void WriteKeySpec(const KeySpec& spec, ReplyWriter& reply) {
  const bool varies = spec.use.narrows != KeyUse::Narrows::kNever;
  reply.Map(3);
  reply.Bulk("flags");
  WriteKeyFlags(Concat({spec.use.flags, varies ? " variable_flags" : ""}), reply);
  WriteBeginSearch(spec, reply);
  WriteFindKeys(spec, reply);
}

constexpr std::string_view TypeName(Argument::Type type) {
  switch (type) {
    case Argument::Type::kString:
    case Argument::Type::kShardChannel:
      return "string";
    case Argument::Type::kInteger:
      return "integer";
    case Argument::Type::kDouble:
      return "double";
    case Argument::Type::kKey:
      return "key";
    case Argument::Type::kPattern:
      return "pattern";
    case Argument::Type::kUnixTime:
      return "unix-time";
    case Argument::Type::kPureToken:
      return "pure-token";
    case Argument::Type::kOneOf:
      return "oneof";
    case Argument::Type::kBlock:
      return "block";
  }
  return "string";
}

void WriteArguments(const std::vector<Argument>& arguments, ReplyWriter& reply);

std::vector<std::string_view> ArgumentFlags(const Argument& argument) {
  std::vector<std::string_view> flags;
  if (argument.optional) flags.push_back("optional");
  if (argument.multiple) flags.push_back("multiple");
  if (argument.multiple_token) flags.push_back("multiple_token");
  return flags;
}

void WriteArgument(const Argument& argument, ReplyWriter& reply) {
  const std::vector<std::string_view> flags = ArgumentFlags(argument);
  const bool is_value = argument.children.empty() && argument.type != Argument::Type::kPureToken;
  reply.Map(2 + (is_value ? 1 : 0) + (argument.token.empty() ? 0 : 1) + (flags.empty() ? 0 : 1) +
            (argument.children.empty() ? 0 : 1));
  reply.Bulk("name");
  reply.Bulk(argument.name);
  reply.Bulk("type");
  reply.Bulk(TypeName(argument.type));
  if (is_value) {
    reply.Bulk("display_text");
    reply.Bulk(argument.name);
  }
  if (!argument.token.empty()) {
    reply.Bulk("token");
    reply.Bulk(argument.token);
  }
  if (!flags.empty()) {
    reply.Bulk("flags");
    reply.Set(flags.size());
    for (const std::string_view flag : flags) reply.SimpleString(flag);
  }
  if (!argument.children.empty()) {
    reply.Bulk("arguments");
    WriteArguments(argument.children, reply);
  }
}

void WriteArguments(const std::vector<Argument>& arguments, ReplyWriter& reply) {
  reply.Array(arguments.size());
  for (const Argument& argument : arguments) WriteArgument(argument, reply);
}

}  // namespace

void WriteKeyFlags(std::string_view flags, ReplyWriter& reply) {
  std::vector<std::string_view> words;
  if (!flags.empty()) words = SplitWords(flags);
  reply.Set(words.size());
  for (const std::string_view word : words) reply.SimpleString(word);
}

void WriteCommandInfo(const Table::Entry& entry, ReplyWriter& reply) {
  reply.Array(10);
  reply.Bulk(entry.command->name);
  reply.Integer(entry.syntax.arity());
  WriteFlags(entry, reply);
  reply.Integer(entry.syntax.first_key());
  reply.Integer(entry.syntax.last_key());
  reply.Integer(entry.syntax.key_step());
  WriteCategories(entry, reply);
  reply.Array(0);
  reply.Array(entry.syntax.keys().size());
  for (const KeySpec& spec : entry.syntax.keys()) WriteKeySpec(spec, reply);
  reply.Array(entry.subcommands.size());
  for (const Table::Entry* subcommand : entry.subcommands) WriteCommandInfo(*subcommand, reply);
}

void WriteCommandDocs(const Table::Entry& entry, ReplyWriter& reply) {
  const Command& command = *entry.command;
  const bool has_arguments = !entry.is_container() && !entry.syntax.arguments().empty();
  reply.Map(4 + (has_arguments ? 1 : 0) + (entry.is_container() ? 1 : 0));
  reply.Bulk("summary");
  reply.Bulk(command.summary);
  reply.Bulk("since");
  reply.Bulk(command.since);
  reply.Bulk("group");
  reply.Bulk(command.group);
  reply.Bulk("complexity");
  reply.Bulk(command.complexity);
  if (has_arguments) {
    reply.Bulk("arguments");
    WriteArguments(entry.syntax.arguments(), reply);
  }
  if (!entry.is_container()) return;
  reply.Bulk("subcommands");
  reply.Map(entry.subcommands.size());
  for (const Table::Entry* subcommand : entry.subcommands) {
    reply.Bulk(subcommand->command->name);
    WriteCommandDocs(*subcommand, reply);
  }
}

}  // namespace holdfast::server::commands
