#include <algorithm>
#include <array>

#include "server/command/context.h"
#include "server/commands/families.h"
#include "server/commands/string_limit.h"
#include "storage/string.h"

// Verbs that see a string as a row of bytes.
namespace holdfast::server::commands {
namespace {

using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using storage::String;

const CommandError kOffsetOutOfRange("ERR offset is out of range");

Outcome ReplyLength(Context& context, const String& string) {
  context.reply.Integer(static_cast<int64_t>(string.value().size()));
  return Done{};
}

Outcome StrLen(Context& context) {
  const String string(context.keyspace, context.args.Bytes());
  if (string.wrong_type()) return kWrongType;
  return ReplyLength(context, string);
}

Outcome Append(Context& context) {
  const std::string_view key = context.args.Bytes();
  String string(context.keyspace, key);
  const std::string_view suffix = context.args.Bytes();
  if (string.wrong_type()) return kWrongType;
  if (string.value().size() + suffix.size() > kMaxStringBytes) return command::kStringTooLong;
  string.Append(suffix);
  context.keyspace.Notify(storage::EventClass::kString, "append", key);
  return ReplyLength(context, string);
}

Outcome SetRange(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t offset = context.args.Integer();
  const std::string_view bytes = context.args.Bytes();
  if (auto error = context.args.Finish()) return *error;
  if (offset < 0) return kOffsetOutOfRange;

  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  if (bytes.empty()) return ReplyLength(context, string);
  if (static_cast<uint64_t>(offset) + bytes.size() > kMaxStringBytes) return command::kStringTooLong;
  string.SetRange(static_cast<uint64_t>(offset), bytes);
  context.keyspace.Notify(storage::EventClass::kString, "setrange", key);
  return ReplyLength(context, string);
}

// Both ends belong to it. Unlike a list's range, one that ends before the string begins still gives the first
// byte, unless it runs backwards.
std::string_view Cut(std::string_view value, int64_t start, int64_t end) {
  if (start < 0 && end < 0 && start > end) return {};
  const auto length = static_cast<int64_t>(value.size());
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (end < 0) end = std::max<int64_t>(end + length, 0);
  end = std::min(end, length - 1);
  if (start > end) return {};
  return value.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1));
}

Outcome GetRange(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t start = context.args.Integer();
  const int64_t end = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  const String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  context.reply.Bulk(Cut(string.value(), start, end));
  return Done{};
}

constexpr std::array kStringRangeCommands = {
    Command{.name = "strlen",
            .syntax = "key",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "string",
            .since = "2.2.0",
            .complexity = "O(1)",
            .summary = "Tells how many bytes a string has.",
            .run = &StrLen,
            .keys = "RO"},
    Command{.name = "append",
            .syntax = "key value",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "string",
            .since = "2.0.0",
            .complexity = "O(N), N being the string's length",
            .summary = "Puts bytes at the end of a string, which may be absent.",
            .run = &Append,
            .keys = "RW insert"},
    Command{.name = "setrange",
            .syntax = "key offset value",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "string",
            .since = "2.2.0",
            .complexity = "O(N), N being the string's length",
            .summary = "Overwrites bytes from an offset on, lengthening the string with zero bytes.",
            .run = &SetRange,
            .keys = "RW update"},
    Command{.name = "getrange",
            .syntax = "key start end",
            .flags = Flag::kReadOnly,
            .group = "string",
            .since = "2.4.0",
            .complexity = "O(N), N being the bytes read",
            .summary = "Reads a run of bytes.",
            .run = &GetRange},
    Command{.name = "substr",
            .syntax = "key start end",
            .flags = Flag::kReadOnly,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(N), N being the bytes read",
            .summary = "The older name of GETRANGE.",
            .run = &GetRange},
};

}  // namespace

Family StringRangeCommands() { return kStringRangeCommands; }

}  // namespace holdfast::server::commands
