#include <array>
#include <cmath>
#include <limits>

#include "resp/number.h"
#include "server/command/context.h"
#include "server/commands/families.h"
#include "storage/string.h"

// Strings that are numbers.
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

const CommandError kDecrementOverflow("ERR decrement would overflow");
const CommandError kNaNOrInfinity("ERR increment would produce NaN or Infinity");

Outcome Add(Context& context, std::string_view key, int64_t increment) {
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  const std::optional<int64_t> value = string.occupied() ? resp::ParseInteger(string.value()) : 0;
  if (!value) return command::kNotInteger;
  int64_t sum = 0;
  if (__builtin_add_overflow(*value, increment, &sum)) return command::kIncrementOverflow;
  string.Write(std::to_string(sum));
  context.keyspace.Notify(storage::EventClass::kString, "incrby", key);
  context.reply.Integer(sum);
  return Done{};
}

Outcome Incr(Context& context) { return Add(context, context.args.Bytes(), 1); }
Outcome Decr(Context& context) { return Add(context, context.args.Bytes(), -1); }

Outcome IncrBy(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t increment = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  return Add(context, key, increment);
}

Outcome DecrBy(Context& context) {
  const std::string_view key = context.args.Bytes();
  const int64_t decrement = context.args.Integer();
  if (auto error = context.args.Finish()) return *error;
  if (decrement == std::numeric_limits<int64_t>::min()) return kDecrementOverflow;
  return Add(context, key, -decrement);
}

Outcome IncrByFloat(Context& context) {
  const std::string_view key = context.args.Bytes();
  String string(context.keyspace, key);
  if (string.wrong_type()) return kWrongType;
  const auto value = string.occupied() ? resp::ParseLongDouble(string.value()) : 0.0L;
  const auto increment = resp::ParseLongDouble(context.args.Bytes());
  if (!value || !increment) return command::kNotFloat;
  const long double sum = *value + *increment;
  if (!std::isfinite(sum)) return kNaNOrInfinity;
  const std::string text = resp::FormatLongDouble(sum);
  string.Write(text, storage::StringForm::kText);
  context.keyspace.Notify(storage::EventClass::kString, "incrbyfloat", key);
  context.reply.Bulk(text);
  return Done{};
}

constexpr std::array kCounterCommands = {
    Command{.name = "incr",
            .syntax = "key",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Adds one to the integer that a string is; an absent key counts as 0.",
            .run = &Incr},
    Command{.name = "decr",
            .syntax = "key",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Takes one from the integer that a string is; an absent key counts as 0.",
            .run = &Decr},
    Command{.name = "incrby",
            .syntax = "key increment",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Adds to the integer that a string is; an absent key counts as 0.",
            .run = &IncrBy},
    Command{.name = "decrby",
            .syntax = "key decrement",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "string",
            .since = "1.0.0",
            .complexity = "O(1)",
            .summary = "Takes from the integer that a string is; an absent key counts as 0.",
            .run = &DecrBy},
    Command{.name = "incrbyfloat",
            .syntax = "key increment",
            .flags = Flag::kWrite | Flag::kGrows | Flag::kFast | Flag::kBookkeeping,
            .group = "string",
            .since = "2.6.0",
            .complexity = "O(1)",
            .summary = "Adds to the decimal number that a string is; an absent key counts as 0.",
            .run = &IncrByFloat},
};

}  // namespace

Family CounterCommands() { return kCounterCommands; }

}  // namespace holdfast::server::commands
