#include <optional>
#include <string>
#include <string_view>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/commands/due_time.h"
#include "server/commands/families.h"
#include "storage/dump/decode.h"
#include "storage/dump/encode.h"
#include "storage/dump/payload.h"
#include "storage/dump/store_value.h"

// DUMP and RESTORE: values as bytes, to and from a Redis as well.
namespace holdfast::server::commands {
namespace {

using command::Args;
using command::Command;
using command::CommandError;
using command::Context;
using command::Done;
using command::Outcome;
using storage::EventClass;
using storage::Slot;
using storage::dump::Decoded;

const CommandError kBusyKey("BUSYKEY Target key name already exists.");
const CommandError kNegativeTtl("ERR Invalid TTL value, must be >= 0");
const CommandError kNegativeIdleTime("ERR Invalid IDLETIME value, must be >= 0");
const CommandError kBadFrequency("ERR Invalid FREQ value, must be >= 0 and <= 255");
const CommandError kBadPayload("ERR DUMP payload version or checksum are wrong");
const CommandError kBadFormat("ERR Bad data format");
const CommandError kTooMuch("ERR DUMP payload holds more than one command may store");

// What may come out of a payload: bytes, and some for each element (storage/dump/texts.h).
constexpr uint64_t kMaxRestoredBytes = uint64_t{1} << 30;

Outcome Dump(Context& context) {
  const Slot slot = context.keyspace.Look(context.args.Bytes());
  context.keyspace.set_counts_reads(false);  // it was one read
  if (!slot.entry) {
    context.reply.Null();
    return Done{};
  }
  const std::optional<std::string> payload = storage::dump::Encode(context.keyspace, slot);
  if (!payload) return command::kStringTooLong;
  context.reply.Bulk(*payload);
  return Done{};
}

struct RestoreOptions {
  bool replace = false;
  TimeOrigin ttl_from = TimeOrigin::kNow;

  std::optional<int64_t> idle_seconds;

  // FREQ is read and forgotten: nothing counts how often keys are used.
  void Read(Args& args) {
    bool frequency = false;
    while (!args.done() && !args.failed()) {
      if (args.Keyword("REPLACE")) {
        replace = true;
      } else if (args.Keyword("ABSTTL")) {
        ttl_from = TimeOrigin::kEpoch;
      } else if (args.remaining() > 1 && !frequency && args.Keyword("IDLETIME")) {
        idle_seconds = args.Integer();
        if (*idle_seconds < 0) args.Fail(kNegativeIdleTime);
      } else if (args.remaining() > 1 && !idle_seconds && args.Keyword("FREQ")) {
        const int64_t given = args.Integer();
        if (given < 0 || given > 255) args.Fail(kBadFrequency);
        frequency = true;
      } else {
        args.Fail(command::kSyntaxError);
      }
    }
  }
};

// When the key is to expire: `ttl` is in milliseconds, 0 for never. A time past all counting is over at once,
// as in Redis.
absl::Time ExpiryOf(int64_t ttl, TimeOrigin from, absl::Time now) {
  if (ttl == 0) return absl::InfiniteFuture();
  return DueTime(ttl, TimeUnit::kMilliseconds, from, now).value_or(absl::InfinitePast());
}

// An error after which nothing is to be left of what was stored.
std::optional<CommandError> Store(Context& context, Slot& slot, std::string_view payload,
                                  absl::Time expires) {
  const std::optional<std::string_view> body =
      storage::dump::Open(payload, context.services.control().checks_payloads());
  if (!body) return kBadPayload;
  storage::dump::Texts texts(kMaxRestoredBytes);
  storage::dump::Value value;
  const Decoded decoded = storage::dump::Decode(*body, texts, value);
  if (decoded == Decoded::kTooMuch) return kTooMuch;
  if (decoded == Decoded::kNonsense) return kBadFormat;
  const bool existed = context.keyspace.Remove(slot);
  if (expires <= context.now()) {
    if (existed) context.keyspace.Notify(EventClass::kGeneric, "del", slot.key);
    return std::nullopt;
  }
  if (!storage::dump::Store(context.keyspace, slot.key, value, expires)) return kBadFormat;
  context.keyspace.Notify(EventClass::kGeneric, "restore", slot.key);
  return std::nullopt;
}

Outcome Restore(Context& context) {
  Args& args = context.args;
  const std::string_view key = args.Bytes();
  Args ttl(args.Take(1), 0);
  const std::string_view payload = args.Bytes();
  RestoreOptions options;
  options.Read(args);
  if (auto error = args.Finish()) return *error;
  Slot slot = context.keyspace.Look(key);
  if (slot.entry && !options.replace) return kBusyKey;
  const int64_t milliseconds = ttl.Integer();
  if (auto error = ttl.Finish()) return *error;
  if (milliseconds < 0) return kNegativeTtl;
  const absl::Time expires = ExpiryOf(milliseconds, options.ttl_from, context.now());
  if (const auto error = Store(context, slot, payload, expires)) return *error;
  if (options.idle_seconds) {
    context.keyspace.SetAccessTime(key, context.now() - absl::Seconds(*options.idle_seconds));
  }
  context.reply.Ok();
  return Done{};
}

constexpr std::string_view kGroup = "generic";
constexpr std::string_view kRestoreSyntax =
    "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]";
constexpr uint32_t kRestores = command::kWrite | command::kGrows;
constexpr std::string_view kRestoreCost =
    "O(N) for the bytes of the value, and O(log(N)) for each element of a sorted set.";

constexpr Command kDumpCommands[] = {
    {"dump", "key", command::kReadOnly, kGroup, "2.6.0",
     "O(1) to find the key, and O(N) for the bytes of its value.",
     "Returns a key's value as bytes that RESTORE takes, here or in a Redis.", Dump},
    {"restore", kRestoreSyntax, kRestores, kGroup, "2.6.0", kRestoreCost,
     "Makes a key of what DUMP returned, here or in a Redis.", Restore, "OW update", "keyspace dangerous"},
    {"restore-asking", kRestoreSyntax, kRestores | command::kAsking, "server", "3.0.0", kRestoreCost,
     "RESTORE as nodes of a cluster say it to each other.", Restore, "OW update", "keyspace dangerous"},
};

}  // namespace

Family DumpCommands() { return kDumpCommands; }

}  // namespace holdfast::server::commands
