#include "server/command/context.h"
#include "server/commands/families.h"

// A single server, as a Redis with cluster-enabled no: every one of these answers the same error.
namespace holdfast::server::commands {
namespace {

using namespace command;

const CommandError kDisabled("ERR This instance has cluster support disabled");

Outcome Refuse(Context&) { return kDisabled; }

constexpr uint32_t kQuery = kStale;
constexpr uint32_t kOrder = kAdmin | kStale;
constexpr uint32_t kSaving = kOrder | kNoAsyncLoading;
constexpr uint32_t kConnection = kLoading | kStale | kFast;

constexpr Command Entry(std::string_view name, std::string_view syntax, uint32_t flags,
                        std::string_view since, std::string_view categories = {}) {
  return {name,    syntax, flags,     "cluster", since, "O(1)", "Answers an error: there is no cluster.",
          &Refuse, {},     categories};
}

constexpr Command kCommands[] = {
    Entry("asking", "", kFast, "3.0.0", "connection"),
    Entry("readonly", "", kConnection, "3.0.0", "connection"),
    Entry("readwrite", "", kConnection, "3.0.0", "connection"),
    Entry("cluster|addslots", "slot [slot ...]", kSaving, "3.0.0"),
    Entry("cluster|addslotsrange", "start-slot end-slot [start-slot end-slot ...]", kSaving, "7.0.0"),
    Entry("cluster|bumpepoch", "", kSaving, "3.0.0"),
    Entry("cluster|count-failure-reports", "node-id", kOrder, "3.0.0"),
    Entry("cluster|countkeysinslot", "slot", kQuery, "3.0.0"),
    Entry("cluster|delslots", "slot [slot ...]", kSaving, "3.0.0"),
    Entry("cluster|delslotsrange", "start-slot end-slot [start-slot end-slot ...]", kSaving, "7.0.0"),
    Entry("cluster|failover", "[FORCE | TAKEOVER]", kSaving, "3.0.0"),
    Entry("cluster|flushslots", "", kSaving, "3.0.0"),
    Entry("cluster|forget", "node-id", kSaving, "3.0.0"),
    Entry("cluster|getkeysinslot", "slot count", kQuery, "3.0.0"),
    Entry("cluster|help", "", kLoading | kStale, "5.0.0"),
    Entry("cluster|info", "", kQuery, "3.0.0"),
    Entry("cluster|keyslot", "key-name", kQuery, "3.0.0"),
    Entry("cluster|links", "", kQuery, "7.0.0"),
    Entry("cluster|meet", "ip port [cluster-bus-port]", kSaving, "3.0.0"),
    Entry("cluster|myid", "", kQuery, "3.0.0"),
    Entry("cluster|myshardid", "", kQuery, "7.2.0"),
    Entry("cluster|nodes", "", kQuery, "3.0.0"),
    Entry("cluster|replicas", "node-id", kOrder, "5.0.0"),
    Entry("cluster|replicate", "node-id", kSaving, "3.0.0"),
    Entry("cluster|reset", "[HARD | SOFT]", kOrder | kNoScript, "3.0.0"),
    Entry("cluster|saveconfig", "", kSaving, "3.0.0"),
    Entry("cluster|set-config-epoch", "config-epoch", kSaving, "3.0.0"),
    Entry("cluster|setslot", "slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>", kSaving,
          "3.0.0"),
    Entry("cluster|shards", "", kQuery, "7.0.0"),
    Entry("cluster|slaves", "node-id", kOrder, "3.0.0"),
    Entry("cluster|slots", "", kQuery, "3.0.0"),
};

}  // namespace

Family ClusterCommands() { return kCommands; }

}  // namespace holdfast::server::commands
