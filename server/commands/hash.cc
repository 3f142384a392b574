#include "storage/hash.h"

#include <cmath>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/commands/families.h"

namespace holdfast::server::commands {
namespace {

using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Flag;
using command::kWrongType;
using command::Outcome;
using storage::EventClass;
using storage::Hash;

const CommandError kValueNotInteger("ERR hash value is not an integer");
const CommandError kValueNotFloat("ERR hash value is not a float");
const CommandError kIncrementIsNotFinite("ERR value is NaN or Infinity");

void WriteValue(Context& context, std::optional<std::string_view> value) {
  value ? context.reply.Bulk(*value) : context.reply.Null();
}

enum class SetReply { kAdded, kOk };

template <SetReply kReply>
Outcome HSet(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto pairs = context.args.Rest();
  if (pairs.size() % 2 != 0) return command::WrongArity(context.command.name);
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  const uint64_t added = hash.Set(pairs);
  context.keyspace.Notify(EventClass::kHash, "hset", key);
  kReply == SetReply::kOk ? context.reply.Ok() : context.reply.Integer(static_cast<int64_t>(added));
  return Done{};
}

Outcome HSetNx(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto pair = context.args.Rest();
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  const bool absent = !hash.Get(pair[0]);
  if (absent) {
    hash.Set(pair);
    context.keyspace.Notify(EventClass::kHash, "hset", key);
  }
  context.reply.Integer(absent ? 1 : 0);
  return Done{};
}

Outcome HGet(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view field = context.args.Bytes();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  WriteValue(context, hash.Get(field));
  return Done{};
}

Outcome HMGet(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto fields = context.args.Rest();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  context.reply.Array(fields.size());
  for (const std::string_view field : fields) WriteValue(context, hash.Get(field));
  return Done{};
}

Outcome HLen(Context& context) {
  const Hash hash(context.keyspace, context.args.Bytes());
  if (hash.wrong_type()) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(hash.size()));
  return Done{};
}

Outcome HExists(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view field = context.args.Bytes();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  context.reply.Integer(hash.Get(field) ? 1 : 0);
  return Done{};
}

Outcome HStrLen(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view field = context.args.Bytes();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  context.reply.Integer(static_cast<int64_t>(hash.Get(field).value_or(std::string_view()).size()));
  return Done{};
}

Outcome HDel(Context& context) {
  const std::string_view key = context.args.Bytes();
  const auto fields = context.args.Rest();
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  const uint64_t removed = hash.Remove(fields);
  if (removed > 0) context.keyspace.NotifyRemoval(EventClass::kHash, "hdel", key, hash.empty());
  context.reply.Integer(static_cast<int64_t>(removed));
  return Done{};
}

Outcome HIncrBy(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view field = context.args.Bytes();
  const int64_t increment = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  const std::optional<int64_t> value = resp::ParseInteger(hash.Get(field).value_or("0"));
  if (!value) return kValueNotInteger;
  int64_t sum = 0;
  if (__builtin_add_overflow(*value, increment, &sum)) return command::kIncrementOverflow;
  hash.Update(field, std::to_string(sum));
  context.keyspace.Notify(EventClass::kHash, "hincrby", key);
  context.reply.Integer(sum);
  return Done{};
}

Outcome HIncrByFloat(Context& context) {
  const std::string_view key = context.args.Bytes();
  const std::string_view field = context.args.Bytes();
  const std::optional<long double> increment = resp::ParseLongDouble(context.args.Bytes());
  if (!increment) return command::kNotFloat;
  if (!std::isfinite(*increment)) return kIncrementIsNotFinite;
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return kWrongType;
  const std::optional<long double> value = resp::ParseLongDouble(hash.Get(field).value_or("0"));
  if (!value) return kValueNotFloat;
  const long double sum = *value + *increment;
  if (!std::isfinite(sum)) return command::kIncrementNotFinite;
  const std::string text = resp::FormatLongDouble(sum);
  hash.Update(field, text);
  context.keyspace.Notify(EventClass::kHash, "hincrbyfloat", key);
  context.reply.Bulk(text);
  return Done{};
}

constexpr Command kHashCommands[] = {
    Command{.name = "hset",
            .syntax = "key field value [field value ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the fields given",
            .summary = "Sets fields of a hash and tells how many are new.",
            .run = &HSet<SetReply::kAdded>,
            .keys = "RW update"},
    Command{.name = "hmset",
            .syntax = "key field value [field value ...]",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the fields given",
            .summary = "Sets fields of a hash; HSET does the same and counts.",
            .run = &HSet<SetReply::kOk>,
            .keys = "RW update"},
    Command{.name = "hsetnx",
            .syntax = "key field value",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Sets a field that is not there yet.",
            .run = &HSetNx,
            .keys = "RW insert"},
    Command{.name = "hget",
            .syntax = "key field",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Reads the value of a field.",
            .run = &HGet},
    Command{.name = "hmget",
            .syntax = "key field [field ...]",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the fields given",
            .summary = "Reads the values of several fields.",
            .run = &HMGet},
    Command{.name = "hlen",
            .syntax = "key",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Counts the fields.",
            .run = &HLen,
            .keys = "RO"},
    Command{.name = "hexists",
            .syntax = "key field",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Tells whether a field is there.",
            .run = &HExists,
            .keys = "RO"},
    Command{.name = "hstrlen",
            .syntax = "key field",
            .flags = Flag::kReadOnly | Flag::kFast,
            .group = "hash",
            .since = "3.2.0",
            .complexity = "O(1)",
            .summary = "Tells how long the value of a field is.",
            .run = &HStrLen,
            .keys = "RO"},
    Command{.name = "hdel",
            .syntax = "key field [field ...]",
            .flags = Flag::kWrite | Flag::kFast,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(N), N being the fields given",
            .summary = "Removes fields, and the key with the last of them.",
            .run = &HDel,
            .keys = "RW delete"},
    Command{.name = "hincrby",
            .syntax = "key field increment",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "hash",
            .since = "2.0.0",
            .complexity = "O(1)",
            .summary = "Adds to the integer in a field, 0 if it is absent.",
            .run = &HIncrBy},
    Command{.name = "hincrbyfloat",
            .syntax = "key field increment",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "hash",
            .since = "2.6.0",
            .complexity = "O(1)",
            .summary = "Adds to the floating-point number in a field, 0 if it is absent.",
            .run = &HIncrByFloat},
};

}  // namespace

Family HashCommands() { return kHashCommands; }

}  // namespace holdfast::server::commands
