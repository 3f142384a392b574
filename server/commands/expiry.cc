#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "server/command/context.h"
#include "server/command/words.h"
#include "server/commands/due_time.h"
#include "server/commands/families.h"
#include "storage/keyspace.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Concat;
using command::Context;
using command::Done;
using command::Outcome;
using storage::EventClass;
using storage::Slot;

const CommandError kNxWithOthers("ERR NX and XX, GT or LT options at the same time are not compatible");
const CommandError kGtWithLt("ERR GT and LT options at the same time are not compatible");

constexpr int64_t kMissing = -2;
constexpr int64_t kPersistent = -1;

ExpiryConditions ReadConditions(Args& args) {
  ExpiryConditions conditions;
  while (!args.done() && !args.failed()) {
    if (args.Keyword("NX")) {
      conditions.persistent = true;
    } else if (args.Keyword("XX")) {
      conditions.expiring = true;
    } else if (args.Keyword("GT")) {
      conditions.later = true;
    } else if (args.Keyword("LT")) {
      conditions.earlier = true;
    } else {
      const std::string_view option = args.peek();  // shown as C shows it: up to a zero byte
      args.Fail(CommandError(Concat({"ERR Unsupported option ", command::UpToZero(option)})));
    }
  }
  const bool others = conditions.expiring || conditions.later || conditions.earlier;
  if (conditions.persistent && others) args.Fail(kNxWithOthers);
  if (conditions.later && conditions.earlier) args.Fail(kGtWithLt);
  return conditions;
}

Outcome SetExpiry(Context& context, TimeUnit unit, TimeOrigin origin) {
  const std::string_view key = context.args.Bytes();
  Args amount(context.args.Take(1), 0);
  const ExpiryConditions conditions = ReadConditions(context.args);
  if (auto error = context.args.Finish()) return *error;
  const std::optional<absl::Time> expires = DueTime(amount.Integer(), unit, origin, context.now());
  if (auto error = amount.Finish()) return *error;
  if (!expires) return InvalidExpireTime(context);
  Slot slot = context.keyspace.Look(key);
  const bool set = slot.entry && conditions.Allow(slot.entry->expires, *expires);
  if (set && *expires <= context.now()) {
    context.keyspace.Remove(slot);
    context.keyspace.Notify(EventClass::kGeneric, "del", key);
  } else if (set) {
    slot.entry->expires = *expires;
    context.keyspace.Save(slot);
    context.keyspace.Notify(EventClass::kGeneric, "expire", key);
  }
  context.reply.Integer(set ? 1 : 0);
  return Done{};
}

Outcome Expire(Context& context) { return SetExpiry(context, TimeUnit::kSeconds, TimeOrigin::kNow); }
Outcome PExpire(Context& context) { return SetExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kNow); }
Outcome ExpireAt(Context& context) { return SetExpiry(context, TimeUnit::kSeconds, TimeOrigin::kEpoch); }
Outcome PExpireAt(Context& context) {
  return SetExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kEpoch);
}

Outcome Persist(Context& context) {
  Slot slot = context.keyspace.Look(context.args.Bytes());
  const bool expiring = slot.entry && slot.entry->expires != absl::InfiniteFuture();
  if (expiring) {
    slot.entry->expires = absl::InfiniteFuture();
    context.keyspace.Save(slot);
    context.keyspace.Notify(EventClass::kGeneric, "persist", slot.key);
  }
  context.reply.Integer(expiring ? 1 : 0);
  return Done{};
}

// Seconds are rounded to the nearest, as Redis does it.
int64_t InUnit(int64_t milliseconds, TimeUnit unit) {
  if (unit == TimeUnit::kMilliseconds) return milliseconds;
  // Adding first would overflow at the last moments that PEXPIREAT takes.
  return milliseconds / 1000 + (milliseconds % 1000 >= 500 ? 1 : 0);
}

Outcome AnswerExpiry(Context& context, TimeUnit unit, TimeOrigin origin) {
  const std::optional<storage::Entry> entry = context.keyspace.Find(context.args.Bytes());
  if (!entry) {
    context.reply.Integer(kMissing);
  } else if (entry->expires == absl::InfiniteFuture()) {
    context.reply.Integer(kPersistent);
  } else {
    const int64_t base = origin == TimeOrigin::kNow ? absl::ToUnixMillis(context.now()) : 0;
    context.reply.Integer(InUnit(absl::ToUnixMillis(entry->expires) - base, unit));
  }
  return Done{};
}

Outcome Ttl(Context& context) { return AnswerExpiry(context, TimeUnit::kSeconds, TimeOrigin::kNow); }
Outcome PTtl(Context& context) { return AnswerExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kNow); }
Outcome ExpireTime(Context& context) { return AnswerExpiry(context, TimeUnit::kSeconds, TimeOrigin::kEpoch); }
Outcome PExpireTime(Context& context) {
  return AnswerExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kEpoch);
}

constexpr uint32_t kPeekFast = command::kReadOnly | command::kFast | command::kPeeks;
constexpr uint32_t kWriteFast = command::kWrite | command::kFast;
constexpr std::string_view kGroup = "generic";

constexpr Command kExpiryCommands[] = {
    {"expire", "key seconds [NX | XX | GT | LT]", kWriteFast, kGroup, "1.0.0", "O(1)",
     "Lets a key expire after some seconds.", Expire, "RW update"},
    {"expireat", "key unix-time-seconds [NX | XX | GT | LT]", kWriteFast, kGroup, "1.2.0", "O(1)",
     "Lets a key expire at a time given in Unix seconds.", ExpireAt, "RW update"},
    {"expiretime", "key", kPeekFast, kGroup, "7.0.0", "O(1)", "Returns when a key expires, in Unix seconds.",
     ExpireTime},
    {"persist", "key", kWriteFast, kGroup, "2.2.0", "O(1)", "Lets a key that would expire live on.", Persist,
     "RW update"},
    {"pexpire", "key milliseconds [NX | XX | GT | LT]", kWriteFast, kGroup, "2.6.0", "O(1)",
     "Lets a key expire after some milliseconds.", PExpire, "RW update"},
    {"pexpireat", "key unix-time-milliseconds [NX | XX | GT | LT]", kWriteFast, kGroup, "2.6.0", "O(1)",
     "Lets a key expire at a time given in Unix milliseconds.", PExpireAt, "RW update"},
    {"pexpiretime", "key", kPeekFast, kGroup, "7.0.0", "O(1)",
     "Returns when a key expires, in Unix milliseconds.", PExpireTime},
    {"pttl", "key", kPeekFast, kGroup, "2.6.0", "O(1)", "Returns how many milliseconds a key has left.",
     PTtl},
    {"ttl", "key", kPeekFast, kGroup, "1.0.0", "O(1)", "Returns how many seconds a key has left.", Ttl},
};

}  // namespace

Family ExpiryCommands() { return kExpiryCommands; }

}  // namespace holdfast::server::commands
