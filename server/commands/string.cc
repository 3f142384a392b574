#include "storage/string.h"

#include <array>
#include <limits>

#include "server/command/context.h"
#include "server/commands/families.h"
#include "server/commands/string_expiry.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using storage::EventClass;
using storage::String;
using ExpiryKind = StringExpiry::Kind;

// The value's bytes, or null for an absent key.
void ReplyValue(Context& context, const String& string) {
  string.occupied() ? context.reply.Bulk(string.value()) : context.reply.Null();
}

Outcome Get(Context& context) {
  const String string(context.keyspace, context.args.Bytes());
  if (string.wrong_type()) return kWrongType;
  ReplyValue(context, string);
  return Done{};
}

// `expires` may be past: the key is gone as soon as it is set.
void SetAndNotify(Context& context, String& string, std::string_view key, std::string_view value,
                  absl::Time expires, bool timed) {
  string.Set(value, expires);
  context.keyspace.Notify(EventClass::kString, "set", key);
  if (!timed) return;
  context.keyspace.Notify(EventClass::kGeneric, "expire", key);
  if (expires <= context.now()) context.keyspace.Notify(EventClass::kExpired, "expired", key);
}

void SetForEver(Context& context, String& string, std::string_view key, std::string_view value) {
  SetAndNotify(context, string, key, value, absl::InfiniteFuture(), false);
}

struct SetOptions {
  enum class Condition { kAlways, kIfAbsent, kIfPresent };
  Condition condition = Condition::kAlways;
  bool get = false;
  StringExpiry expiry;

  [[nodiscard]] bool Allow(const String& string) const {
    return condition == Condition::kAlways || string.occupied() == (condition == Condition::kIfPresent);
  }
};

bool TakeCondition(Args& args, SetOptions& options) {
  using Condition = SetOptions::Condition;
  const bool absent = args.Keyword("NX");
  if (!absent && !args.Keyword("XX")) return false;
  const Condition condition = absent ? Condition::kIfAbsent : Condition::kIfPresent;
  if (options.condition != Condition::kAlways && options.condition != condition) {
    args.Fail(command::kSyntaxError);
  }
  options.condition = condition;
  return true;
}

SetOptions TakeSetOptions(Args& args) {
  SetOptions options;
  while (!args.done() && !args.failed()) {
    if (TakeCondition(args, options)) continue;
    if (TakeTime(args, options.expiry)) continue;
    if (TakeWord(args, "KEEPTTL", ExpiryKind::kKeep, options.expiry)) continue;
    if (args.Keyword("GET")) {
      options.get = true;
      continue;
    }
    args.Fail(command::kSyntaxError);
  }
  return options;
}

Outcome Set(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view value = context.args.Bytes();
  const SetOptions options = TakeSetOptions(context.args);
  if (auto error = context.args.Finish()) return *error;
  absl::Time expires = absl::InfiniteFuture();
  if (options.expiry.timed()) {
    if (auto error = ReadDueTime(context, options.expiry, expires)) return *error;
  }

  context.keyspace.set_counts_reads(options.get);
  String string(context.keyspace, key);
  if (options.get) {
    if (string.wrong_type()) return kWrongType;
    ReplyValue(context, string);
  }
  const bool allowed = options.Allow(string);
  if (allowed) {
    if (options.expiry.kind == ExpiryKind::kKeep) expires = string.expires();
    SetAndNotify(context, string, key, value, expires, options.expiry.timed());
  }
  if (!options.get) allowed ? context.reply.Ok() : context.reply.Null();
  return Done{};
}

// SETEX and PSETEX.
template <ExpiryKind kKind>
Outcome SetWithTime(Context& context) {
  const std::string_view key = context.args.Bytes();
  const StringExpiry expiry{.kind = kKind, .amount = context.args.Bytes()};
  const std::string_view value = context.args.Bytes();
  absl::Time expires;
  if (auto error = ReadDueTime(context, expiry, expires)) return *error;
  String string(context.keyspace, key);
  SetAndNotify(context, string, key, value, expires, true);
  context.reply.Ok();
  return Done{};
}

Outcome SetNx(Context& context) {
  const std::string_view key = context.args.Bytes();
  String string(context.keyspace, key);
  const bool absent = !string.occupied();
  if (absent) SetForEver(context, string, key, context.args.Bytes());
  context.reply.Integer(absent ? 1 : 0);
  return Done{};
}

Outcome GetSet(Context& context) {
  const std::string_view key = context.args.Bytes();
  context.keyspace.set_counts_reads(true);
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  ReplyValue(context, string);
  SetForEver(context, string, key, context.args.Bytes());
  return Done{};
}

Outcome GetDel(Context& context) {
  const std::string_view key = context.args.Bytes();
  context.keyspace.set_counts_reads(true);
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  ReplyValue(context, string);
  if (string.occupied()) context.keyspace.Notify(EventClass::kGeneric, "del", key);
  string.Remove();
  return Done{};
}

StringExpiry TakeGetExOptions(Args& args) {
  StringExpiry expiry;
  while (!args.done() && !args.failed()) {
    if (TakeTime(args, expiry)) continue;
    if (TakeWord(args, "PERSIST", ExpiryKind::kPersist, expiry)) continue;
    args.Fail(command::kSyntaxError);
  }
  return expiry;
}

Outcome GetEx(Context& context) {
  const std::string_view key = context.args.Bytes();
  const StringExpiry expiry = TakeGetExOptions(context.args);
  if (auto error = context.args.Finish()) return *error;
  context.keyspace.set_counts_reads(true);
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  ReplyValue(context, string);
  if (!string.occupied()) return Done{};

  absl::Time expires = absl::InfiniteFuture();
  if (expiry.timed()) {
    if (auto error = ReadDueTime(context, expiry, expires)) return *error;
  }
  const bool persisted = expiry.kind == ExpiryKind::kPersist && string.expires() != absl::InfiniteFuture();
  if (expiry.timed() || persisted) string.Expire(expires);
  if (persisted) context.keyspace.Notify(EventClass::kGeneric, "persist", key);
  if (expiry.timed()) {
    context.keyspace.Notify(EventClass::kGeneric, string.occupied() ? "expire" : "del", key);
  }
  return Done{};
}

Outcome MGet(Context& context) {
  const auto keys = context.args.Rest();
  context.reply.Array(keys.size());
  for (const std::string_view key : keys) {
    const String string(context.keyspace, key);
    string.wrong_type() ? context.reply.Null() : ReplyValue(context, string);
  }
  return Done{};
}

using KeysAndValues = std::span<const std::string_view>;

void SetAll(Context& context, KeysAndValues words) {
  for (size_t i = 0; i < words.size(); i += 2) {
    String string(context.keyspace, words[i]);
    SetForEver(context, string, words[i], words[i + 1]);
  }
}

Outcome MSet(Context& context) {
  const KeysAndValues words = context.args.Rest();
  if (words.size() % 2 != 0) return command::WrongArity(context.command.name);
  SetAll(context, words);
  context.reply.Ok();
  return Done{};
}

Outcome MSetNx(Context& context) {
  const KeysAndValues words = context.args.Rest();
  if (words.size() % 2 != 0) return command::WrongArity(context.command.name);
  for (size_t i = 0; i < words.size(); i += 2) {
    if (!context.keyspace.Find(words[i])) continue;
    context.reply.Integer(0);
    return Done{};
  }
  SetAll(context, words);
  context.reply.Integer(1);
  return Done{};
}

constexpr std::array kStringCommands = {
    Command{.name = "get",
            .syntax = "key",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Reads a string.",
            .run = &Get},
    Command{.name = "set",
            .syntax = "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
                      "PXAT unix-time-milliseconds | KEEPTTL]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kBookkeeping,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Makes a key a string, whatever it held, on conditions and for a time.",
            .run = &Set,
            .keys = "RW access update; from 3 without GET: OW update"},
    Command{.name = "setex",
            .syntax = "key seconds value",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "string",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Sets a string that expires after some seconds.",
            .run = &SetWithTime<ExpiryKind::kSeconds>,
            .keys = "OW update"},
    Command{.name = "psetex",
            .syntax = "key milliseconds value",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "string",
            .since = "2.6.0",
            .complexity = "O(1)",
            .summary = "Sets a string that expires after some milliseconds.",
            .run = &SetWithTime<ExpiryKind::kMilliseconds>,
            .keys = "OW update"},
    Command{.name = "setnx",
            .syntax = "key value",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Sets a string if the key is absent.",
            .run = &SetNx,
            .keys = "OW insert"},
    Command{.name = "getset",
            .syntax = "key value",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Sets a string and gives what it was before.",
            .run = &GetSet},
    Command{.name = "getdel",
            .syntax = "key",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "string",
            .since = "6.2.0",
            .complexity = "O(1)",
            .summary = "Reads a string and deletes its key.",
            .run = &GetDel,
            .keys = "RW access delete"},
    Command{.name = "getex",
            .syntax = "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
                      "unix-time-milliseconds | PERSIST]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "string",
            .since = "6.2.0",
            .complexity = "O(1)",
            .summary = "Reads a string and changes when it expires.",
            .run = &GetEx},
    Command{.name = "mget",
            .syntax = "key [key ...]",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(N), N being the keys",
            .summary = "Reads several strings.",
            .run = &MGet},
    Command{.name = "mset",
            .syntax = "key value [key value ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "string",
            .since = "1.0.1",
            .complexity = "O(N), N being the keys",
            .summary = "Sets several strings at once.",
            .run = &MSet,
            .keys = "OW update"},
    Command{.name = "msetnx",
            .syntax = "key value [key value ...]",
            .flags = Flag::kWrite | Flag::kGrows,
            .group = "string",
            .since = "1.0.1",
            .complexity = "O(N), N being the keys",
            .summary = "Sets several strings at once, if none of the keys is there.",
            .run = &MSetNx,
            .keys = "OW insert"},
};

}  // namespace

Family StringCommands() { return kStringCommands; }

}  // namespace holdfast::server::commands
