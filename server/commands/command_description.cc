#include "server/commands/command_description.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>
#include <vector>

#include "server/command/words.h"
#include "server/commands/command_facts.h"

namespace holdfast::server::commands {
namespace {

using namespace command;
using resp::ReplyWriter;

struct FlagName {
  uint32_t flag;
  std::string_view name;
};

constexpr FlagName kFlagNames[] = {
    {kWrite, "write"},
    {kReadOnly, "readonly"},
    {kGrows, "denyoom"},
    {kAdmin, "admin"},
    {kPubSub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMulti, "no_multi"},
    {kAllowBusy, "allow_busy"},
    {kSkipSlowlog, "skip_slowlog"},
    {kScript, "skip_monitor"},
    {kAsking, "asking"},
    {kNoAsyncLoading, "no_async_loading"},
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

// What Redis says of keys that it looks for in a way that no specification tells.
void WriteUnknown(std::string_view name, ReplyWriter& reply) {
  reply.Bulk(name);
  reply.Map(2);
  reply.Bulk("type");
  reply.Bulk("unknown");
  reply.Bulk("spec");
  reply.Map(0);
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
    WriteBulkInteger(reply, "startfrom", spec.instead ? -2 : spec.first);
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
  WriteBulkInteger(reply, "limit", spec.parts > 1 ? spec.parts : 0);
}

// A keyword that stands anywhere, or one of several: Redis knows no specification for its key.
bool IsUnknown(const KeySpec& spec) {
  return spec.find == KeySpec::Find::kUnknown || (spec.find == KeySpec::Find::kKeyword && spec.parts == 0);
}

void WriteKeySpec(const KeySpec& spec, std::string_view note, ReplyWriter& reply) {
  const bool varies = spec.use.narrows != KeyUse::Narrows::kNever;
  reply.Map(note.empty() ? 3 : 4);
  if (!note.empty()) {
    reply.Bulk("notes");
    reply.Bulk(note);
  }
  reply.Bulk("flags");
  WriteKeyFlags(Concat({spec.use.flags, varies ? " variable_flags" : "", spec.instead ? " incomplete" : ""}),
                reply);
  if (IsUnknown(spec)) {
    WriteUnknown("begin_search", reply);
    WriteUnknown("find_keys", reply);
    return;
  }
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

void WriteArguments(const std::vector<Argument>& arguments, int64_t& next_key, int64_t last_key,
                    ReplyWriter& reply);

std::vector<std::string_view> ArgumentFlags(const Argument& argument) {
  std::vector<std::string_view> flags;
  if (argument.optional) flags.push_back("optional");
  if (argument.multiple) flags.push_back("multiple");
  if (argument.multiple_token) flags.push_back("multiple_token");
  return flags;
}

// `next_key`: how many keys' arguments were before it, which is the index of its key spec, up to that of the
// last one: LCS has one for both of its keys.
void WriteArgument(const Argument& argument, int64_t& next_key, int64_t last_key, ReplyWriter& reply) {
  const std::vector<std::string_view> flags = ArgumentFlags(argument);
  const bool is_value = argument.children.empty() && argument.type != Argument::Type::kPureToken;
  const bool is_key = argument.type == Argument::Type::kKey;
  reply.Map(2 + (is_value ? 1 : 0) + (is_key ? 1 : 0) + (argument.token.empty() ? 0 : 1) +
            (flags.empty() ? 0 : 1) + (argument.children.empty() ? 0 : 1));
  reply.Bulk("name");
  reply.Bulk(argument.name);
  reply.Bulk("type");
  reply.Bulk(TypeName(argument.type));
  if (is_value) {
    reply.Bulk("display_text");
    reply.Bulk(argument.name);
  }
  if (is_key) {
    reply.Bulk("key_spec_index");
    reply.Integer(std::min(next_key++, last_key));
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
    WriteArguments(argument.children, next_key, last_key, reply);
  }
}

void WriteArguments(const std::vector<Argument>& arguments, int64_t& next_key, int64_t last_key,
                    ReplyWriter& reply) {
  reply.Array(arguments.size());
  for (const Argument& argument : arguments) WriteArgument(argument, next_key, last_key, reply);
}

// The parts of a text of CommandFacts; none of an empty one.
std::vector<std::string_view> Parts(std::string_view text, char separator) {
  return text.empty() ? std::vector<std::string_view>() : SplitWords(text, separator);
}

void WriteTips(const CommandFacts& facts, ReplyWriter& reply) {
  const std::vector<std::string_view> tips = Parts(facts.tips, ' ');
  reply.Set(tips.size());
  for (const std::string_view tip : tips) reply.Bulk(tip);
}

void WriteKeySpecs(const Table::Entry& entry, const CommandFacts& facts, ReplyWriter& reply) {
  const std::vector<std::string_view> notes = Parts(facts.key_notes, '\n');
  const std::vector<KeySpec>& specs = entry.syntax.keys();
  reply.Set(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) WriteKeySpec(specs[i], i < notes.size() ? notes[i] : "", reply);
}

// How many fields of COMMAND DOCS tell of the past.
size_t CountPast(const CommandFacts& facts) {
  return (facts.internal || !facts.deprecated_since.empty() ? 1 : 0) +
         (facts.deprecated_since.empty() ? 0 : 2) + (facts.history.empty() ? 0 : 1);
}

void WriteText(ReplyWriter& reply, std::string_view name, std::string_view text) {
  reply.Bulk(name);
  reply.Bulk(text);
}

void WritePast(const CommandFacts& facts, ReplyWriter& reply) {
  const bool deprecated = !facts.deprecated_since.empty();
  if (facts.internal || deprecated) {
    reply.Bulk("doc_flags");
    reply.Set(1);
    reply.SimpleString(deprecated ? "deprecated" : "syscmd");
  }
  if (deprecated) {
    WriteText(reply, "deprecated_since", facts.deprecated_since);
    WriteText(reply, "replaced_by", facts.replaced_by);
  }
  if (facts.history.empty()) return;
  const std::vector<std::string_view> changes = Parts(facts.history, '\n');
  reply.Bulk("history");
  reply.Set(changes.size());
  for (const std::string_view change : changes) {
    const size_t space = change.find(' ');
    reply.Array(2);
    reply.Bulk(change.substr(0, space));
    reply.Bulk(change.substr(space + 1));
  }
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
  const CommandFacts& facts = FactsOf(entry.command->name);
  WriteTips(facts, reply);
  WriteKeySpecs(entry, facts, reply);
  entry.is_container() ? reply.Array(entry.subcommands.size()) : reply.Set(0);
  for (const Table::Entry* subcommand : entry.subcommands) WriteCommandInfo(*subcommand, reply);
}

void WriteCommandDocs(const Table::Entry& entry, ReplyWriter& reply) {
  const Command& command = *entry.command;
  const bool has_arguments = !entry.is_container() && !entry.syntax.arguments().empty();
  const CommandFacts& facts = FactsOf(command.name);
  reply.Map(4 + CountPast(facts) + (has_arguments ? 1 : 0) + (entry.is_container() ? 1 : 0));
  WriteText(reply, "summary", command.summary);
  WriteText(reply, "since", command.since);
  WriteText(reply, "group", command.group);
  WriteText(reply, "complexity", command.complexity);
  WritePast(facts, reply);
  if (has_arguments) {
    reply.Bulk("arguments");
    int64_t next_key = 0;
    const auto last_key = static_cast<int64_t>(entry.syntax.keys().size()) - 1;
    WriteArguments(entry.syntax.arguments(), next_key, last_key, reply);
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
