#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "server/command/context.h"
#include "server/commands/due_time.h"
#include "server/commands/families.h"
#include "storage/hash.h"

// Fields that expire, as in Redis 7.4, where the replies and the error texts come from.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::EventClass;
using storage::Hash;
using Fields = std::span<const std::string_view>;

const CommandError kNegativeTime("ERR invalid expire time, must be >= 0");
const CommandError kNoFieldsWord("ERR Mandatory argument FIELDS is missing or not at the right position");
const CommandError kNoFields("ERR Parameter `numFields` should be greater than 0");
const CommandError kFieldsNotPositive("ERR Number of fields must be a positive integer");
const CommandError kFieldsMiscounted("ERR The `numfields` parameter must match the number of arguments");

// What is told of each field.
constexpr int64_t kNoField = -2;
constexpr int64_t kNoTime = -1;
constexpr int64_t kNotSet = 0;
constexpr int64_t kSet = 1;
constexpr int64_t kDeleted = 2;

// Redis's last moment for a field: 46 bits of milliseconds.
constexpr int64_t kMaxMilliseconds = (int64_t{1} << 46) - 1;

// FIELDS numfields field [field ...]
Fields ReadFields(Args& args, const CommandError& bad_count) {
  if (!args.Keyword("FIELDS")) args.Fail(kNoFieldsWord);
  const int64_t count = args.Integer(1, std::numeric_limits<int64_t>::max(), bad_count);
  const Fields fields = args.Rest();
  if (static_cast<uint64_t>(count) != fields.size()) args.Fail(kFieldsMiscounted);
  return fields;
}

// Only one: FIELDS must follow.
ExpiryConditions ReadCondition(Args& args) {
  ExpiryConditions conditions;
  if (args.Keyword("NX")) {
    conditions.persistent = true;
  } else if (args.Keyword("XX")) {
    conditions.expiring = true;
  } else if (args.Keyword("GT")) {
    conditions.later = true;
  } else if (args.Keyword("LT")) {
    conditions.earlier = true;
  }
  return conditions;
}

// Negative and too late times are errors.
absl::Time ReadDue(Context& context, TimeUnit unit, TimeOrigin origin) {
  const int64_t amount = context.args.Integer();
  if (amount < 0) context.args.Fail(kNegativeTime);
  const std::optional<absl::Time> due = DueTime(amount, unit, origin, context.now());
  const bool too_late = !due || *due > absl::FromUnixMillis(kMaxMilliseconds);
  if (too_late) context.args.Fail(InvalidExpireTime(context));
  return due.value_or(absl::InfiniteFuture());
}

int64_t ExpireField(Hash& hash, std::string_view field, absl::Time due, const ExpiryConditions& conditions,
                    absl::Time now) {
  const std::optional<absl::Time> current = hash.Due(field);
  if (!current) return kNoField;
  if (!conditions.Allow(*current, due)) return kNotSet;
  hash.Expire(field, due);
  return due > now ? kSet : kDeleted;
}

Outcome SetExpiry(Context& context, TimeUnit unit, TimeOrigin origin) {
  const std::string_view key = context.args.Bytes();
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return command::kWrongType;
  const absl::Time due = ReadDue(context, unit, origin);
  const ExpiryConditions conditions = ReadCondition(context.args);
  const Fields fields = ReadFields(context.args, kNoFields);
  if (auto error = context.args.Finish()) return *error;
  bool set = false;
  bool deleted = false;
  context.reply.Array(fields.size());
  for (const std::string_view field : fields) {
    const int64_t result = ExpireField(hash, field, due, conditions, context.now());
    set |= result == kSet;
    deleted |= result == kDeleted;
    context.reply.Integer(result);
  }
  hash.Save();
  if (set) context.keyspace.Notify(EventClass::kHash, "hexpire", key);
  if (deleted) context.keyspace.NotifyRemoval(EventClass::kHash, "hdel", key, hash.empty());
  return Done{};
}

Outcome HExpire(Context& context) { return SetExpiry(context, TimeUnit::kSeconds, TimeOrigin::kNow); }
Outcome HPExpire(Context& context) { return SetExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kNow); }
Outcome HExpireAt(Context& context) { return SetExpiry(context, TimeUnit::kSeconds, TimeOrigin::kEpoch); }
Outcome HPExpireAt(Context& context) {
  return SetExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kEpoch);
}

// Seconds are rounded up.
int64_t TimeLeft(absl::Time due, TimeUnit unit, TimeOrigin origin, absl::Time now) {
  const int64_t base = origin == TimeOrigin::kNow ? absl::ToUnixMillis(now) : 0;
  const int64_t left = absl::ToUnixMillis(due) - base;
  return unit == TimeUnit::kMilliseconds ? left : (left + 999) / 1000;
}

Outcome AnswerExpiry(Context& context, TimeUnit unit, TimeOrigin origin) {
  const std::string_view key = context.args.Bytes();
  const Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return command::kWrongType;
  const Fields fields = ReadFields(context.args, kFieldsNotPositive);
  if (auto error = context.args.Finish()) return *error;
  context.reply.Array(fields.size());
  for (const std::string_view field : fields) {
    const std::optional<absl::Time> due = hash.Due(field);
    if (!due) {
      context.reply.Integer(kNoField);
    } else if (*due == absl::InfiniteFuture()) {
      context.reply.Integer(kNoTime);
    } else {
      context.reply.Integer(TimeLeft(*due, unit, origin, context.now()));
    }
  }
  return Done{};
}

Outcome HTtl(Context& context) { return AnswerExpiry(context, TimeUnit::kSeconds, TimeOrigin::kNow); }
Outcome HPTtl(Context& context) { return AnswerExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kNow); }
Outcome HExpireTime(Context& context) {
  return AnswerExpiry(context, TimeUnit::kSeconds, TimeOrigin::kEpoch);
}
Outcome HPExpireTime(Context& context) {
  return AnswerExpiry(context, TimeUnit::kMilliseconds, TimeOrigin::kEpoch);
}

int64_t PersistField(Hash& hash, std::string_view field) {
  const std::optional<absl::Time> due = hash.Due(field);
  if (!due) return kNoField;
  if (*due == absl::InfiniteFuture()) return kNoTime;
  hash.Expire(field, absl::InfiniteFuture());
  return kSet;
}

Outcome HPersist(Context& context) {
  const std::string_view key = context.args.Bytes();
  Hash hash(context.keyspace, key);
  if (hash.wrong_type()) return command::kWrongType;
  const Fields fields = ReadFields(context.args, kFieldsNotPositive);
  if (auto error = context.args.Finish()) return *error;
  bool persisted = false;
  context.reply.Array(fields.size());
  for (const std::string_view field : fields) {
    const int64_t result = PersistField(hash, field);
    persisted |= result == kSet;
    context.reply.Integer(result);
  }
  hash.Save();
  if (persisted) context.keyspace.Notify(EventClass::kHash, "hpersist", key);
  return Done{};
}

constexpr uint32_t kReadFast = command::kReadOnly | command::kFast;
constexpr uint32_t kWriteFast = command::kWrite | command::kFast;
constexpr uint32_t kGrowFast = kWriteFast | command::kGrows;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view summary, command::Handler run) {
  const std::string_view keys = (flags & command::kWrite) != 0 ? "RW update" : "RO access";
  return {name, syntax, flags, "hash", "7.4.0", "O(N), N being the fields given", summary, run, keys};
}

constexpr Command kCommands[] = {
    Entry("hexpire", "key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]", kGrowFast,
          "Lets fields expire after some seconds.", HExpire),
    Entry("hexpireat", "key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
          kGrowFast, "Lets fields expire at a time given in Unix seconds.", HExpireAt),
    Entry("hexpiretime", "key FIELDS numfields field [field ...]", kReadFast,
          "Returns when fields expire, in Unix seconds.", HExpireTime),
    Entry("hpersist", "key FIELDS numfields field [field ...]", kWriteFast,
          "Lets fields that would expire live on.", HPersist),
    Entry("hpexpire", "key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]", kGrowFast,
          "Lets fields expire after some milliseconds.", HPExpire),
    Entry("hpexpireat", "key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
          kGrowFast, "Lets fields expire at a time given in Unix milliseconds.", HPExpireAt),
    Entry("hpexpiretime", "key FIELDS numfields field [field ...]", kReadFast,
          "Returns when fields expire, in Unix milliseconds.", HPExpireTime),
    Entry("hpttl", "key FIELDS numfields field [field ...]", kReadFast,
          "Returns how many milliseconds fields have left.", HPTtl),
    Entry("httl", "key FIELDS numfields field [field ...]", kReadFast,
          "Returns how many seconds fields have left.", HTtl),
};

}  // namespace

Family HashExpiryCommands() { return kCommands; }

}  // namespace holdfast::server::commands
