#include <cstdint>
#include <limits>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/commands/families.h"

// There are no replicas and no master: what asks for them is refused in clear words, what can be answered
// without them is.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kNoReplication(
    "ERR Holdfast has no replicas and is none (ARCHITECTURE.md, Deliberate differences from Redis)");
const CommandError kNoMigration(
    "ERR Holdfast sends no keys to other servers: DUMP and RESTORE carry them "
    "(ARCHITECTURE.md, Deliberate differences from Redis)");
const CommandError kNoReplicas("ERR FAILOVER requires connected replicas.");
const CommandError kNoFailover("ERR No failover in progress.");
const CommandError kLocalOutOfRange("ERR value is out of range, value must between 0 and 1");
const CommandError kTimeoutNotInteger("ERR timeout is not an integer or out of range");
const CommandError kNothingLocal(
    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

void ReadTimeout(Args& args) {
  if (args.Integer(std::numeric_limits<int64_t>::min(), kLargest, kTimeoutNotInteger) < 0) {
    args.Fail(kTimeoutNegative);
  }
}

Outcome Wait(Context& context) {
  (void)context.args.Integer();
  ReadTimeout(context.args);
  if (auto error = context.args.Finish()) return *error;
  context.reply.Integer(0);
  return Done{};
}

// Under `always` this very reply waits until all that came before is on the disk. Under `everysec` that is
// not known yet, and 0 is what Redis says once the time is over.
Outcome WaitAof(Context& context) {
  Args& args = context.args;
  const int64_t local = args.Integer();
  if (local < 0 || local > 1) args.Fail(kLocalOutOfRange);
  (void)args.Integer(0, kLargest, kMustBePositive);
  ReadTimeout(args);
  if (auto error = args.Finish()) return *error;
  static constexpr std::string_view kDurability[] = {"durability"};
  const auto found = context.services.settings().Get(kDurability);
  const std::string_view durability = found.empty() ? std::string_view() : found[0].second;
  if (local > 0 && durability == "off") return kNothingLocal;
  context.reply.Array(2);
  context.reply.Integer(durability == "always" ? 1 : 0);
  context.reply.Integer(0);
  return Done{};
}

Outcome ReplicaOf(Context& context) {
  if (!context.args.Keyword("NO") || !context.args.Keyword("ONE")) return kNoReplication;
  context.reply.Ok();
  return Done{};
}

Outcome Failover(Context& context) { return context.args.Keyword("ABORT") ? kNoFailover : kNoReplicas; }

Outcome Refuse(Context&) { return kNoReplication; }
Outcome Migrate(Context&) { return kNoMigration; }

constexpr uint32_t kPeer = kAdmin | kNoScript;
constexpr uint32_t kLink = kPeer | kNoAsyncLoading;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view summary, Handler run) {
  return {name, syntax, flags, "server", since, "O(1)", summary, run};
}

constexpr Command kCommands[] = {
    Entry("failover", "[TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]", kPeer | kStale, "6.2.0",
          "Answers an error: there is no replica to take over.", &Failover),
    Entry("psync", "replicationid offset [arg ...]", kLink | kNoMulti, "2.8.0",
          "Answers an error: there are no replicas.", &Refuse),
    Entry("replconf", "[arg ...]", kPeer | kLoading | kStale | kAllowBusy, "3.0.0",
          "Answers an error: there are no replicas.", &Refuse),
    Entry("replicaof", "host port", kLink | kStale, "5.0.0",
          "Takes NO ONE, for the server is no replica; anything else is an error.", &ReplicaOf),
    Entry("slaveof", "host port", kLink | kStale, "1.0.0", "An older name of REPLICAOF.", &ReplicaOf),
    Entry("sync", "", kLink | kNoMulti, "1.0.0", "Answers an error: there are no replicas.", &Refuse),
    {"migrate",
     "host port <key | \"\"> destination-db timeout [COPY] [REPLACE] [AUTH password] "
     "[AUTH2 username password] [KEYS key [key ...]]",
     kWrite, "generic", "2.6.0", "O(1)", "Answers an error: DUMP and RESTORE carry keys.", &Migrate,
     "RW access delete", "keyspace dangerous"},
    {"wait",
     "numreplicas timeout",
     0,
     "generic",
     "3.0.0",
     "O(1)",
     "Answers 0 at once: there are no replicas to wait for.",
     &Wait,
     {},
     "connection"},
    {"waitaof",
     "numlocal numreplicas timeout",
     kNoScript,
     "generic",
     "7.2.0",
     "O(1)",
     "Tells whether all earlier writes are on this server's disk.",
     &WaitAof,
     {},
     "connection"},
};

}  // namespace

Family ReplicationCommands() { return kCommands; }

}  // namespace holdfast::server::commands
