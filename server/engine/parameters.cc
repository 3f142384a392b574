#include "server/engine/parameters.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "server/command/words.h"
#include "server/engine/accepted_parameters.h"

namespace holdfast::server::engine {
namespace {

using Kind = ParameterKind;
using Use = ParameterUse;
using Guard = ParameterGuard;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kMostSize = -1;  // all of uint64_t
constexpr int64_t kLeastInt = std::numeric_limits<int32_t>::min();
constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostUnsigned = std::numeric_limits<uint32_t>::max();

// Milliseconds; clients give up waiting for a reply after three seconds.
constexpr int64_t kMostProducerDelay = 1000;

constexpr Parameter kParameters[] = {
    {"acl-pubsub-default", Kind::kWord, Use::kAnyTime, "resetchannels", 0, 0, "allchannels|resetchannels"},
    {"aclfile", Kind::kText, Use::kAtStart, ""},
    {"acllog-max-len", Kind::kInteger, Use::kAnyTime, "128", 0, kMost},
    {"active-expire-effort", Kind::kInteger, Use::kAccepted, "1", 1, 10},
    {"activedefrag", Kind::kBool, Use::kAccepted, "no"},
    {"activerehashing", Kind::kBool, Use::kAccepted, "yes"},
    {"appendfilename", Kind::kText, Use::kAtStart, "appendonly.aof"},
    {"appendfsync", Kind::kWord, Use::kAccepted, "always", 0, 0, "everysec|always|no"},
    {"appendonly", Kind::kBool, Use::kAccepted, "yes"},
    {"auto-aof-rewrite-min-size", Kind::kBytes, Use::kAccepted, "67108864", 0, kMost},
    {"auto-aof-rewrite-percentage", Kind::kInteger, Use::kAccepted, "100", 0, kMostInt},
    {"bind", Kind::kList, Use::kAnyTime, "127.0.0.1 -::1"},
    {"bookkeeping-percent", Kind::kInteger, Use::kAnyTime, "10", 0, 100},
    {"busy-reply-threshold", Kind::kInteger, Use::kAnyTime, "5000", 0, kMost},
    {"check-at-start-ms", Kind::kInteger, Use::kAtStart, "250", 0, kMostInt},
    {"checkpoint-interval-ms", Kind::kInteger, Use::kAtStart, "1000", 1, kMostInt},
    {"client-output-buffer-limit", Kind::kBuffers, Use::kAnyTime,
     "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
    {"client-query-buffer-limit", Kind::kBytes, Use::kAnyTime, "1073741824", 1048576, kMost},
    {"cluster-enabled", Kind::kWord, Use::kAtStart, "no", 0, 0, "no"},
    {"daemonize", Kind::kWord, Use::kAtStart, "no", 0, 0, "no"},
    {"databases", Kind::kInteger, Use::kAtStart, "16", 1, 16},
    {"dbfilename", Kind::kText, Use::kAccepted, "dump.rdb", 0, 0, "", 0, 0, Guard::kProtected},
    {"dir", Kind::kText, Use::kAtStart, ".", 0, 0, "", 0, 0, Guard::kProtected},
    {"disk-full-percent", Kind::kInteger, Use::kAnyTime, "90", 1, 100},
    {"disk-hysteresis-percent", Kind::kInteger, Use::kAnyTime, "2", 0, 50},
    {"disk-warn-percent", Kind::kInteger, Use::kAnyTime, "80", 1, 100},
    {"durability", Kind::kWord, Use::kAtStart, "always", 0, 0, "always|everysec|off"},
    {"dynamic-hz", Kind::kBool, Use::kAccepted, "yes"},
    {"enable-debug-command", Kind::kWord, Use::kAtStart, "local", 0, 0, "no|yes|local"},
    {"hand-over", Kind::kBool, Use::kAnyTime, "yes"},
    {"hash-max-listpack-entries", Kind::kInteger, Use::kAnyTime, "512", 0, kMost},
    {"hash-max-listpack-value", Kind::kBytes, Use::kAnyTime, "64", 0, kMost},
    {"hz", Kind::kInteger, Use::kAccepted, "10", 0, kMostInt, "", 1, 500},
    {"io-threads", Kind::kInteger, Use::kAtStart, "1", 1, 128},
    {"jemalloc-bg-thread", Kind::kBool, Use::kAccepted, "yes"},
    {"job-envelope-fields", Kind::kList, Use::kAnyTime, "payload"},
    {"job-id-fields", Kind::kList, Use::kAnyTime, "jid correlation_id"},
    {"job-return-fields", Kind::kList, Use::kAnyTime, "retry_count failed_at"},
    {"latency-monitor-threshold", Kind::kInteger, Use::kAnyTime, "0", 0, kMost},
    {"latency-tracking", Kind::kBool, Use::kAnyTime, "yes"},
    {"latency-tracking-info-percentiles", Kind::kPercents, Use::kAnyTime, "50 99 99.9"},
    {"lazyfree-lazy-eviction", Kind::kBool, Use::kAccepted, "no"},
    {"lazyfree-lazy-expire", Kind::kBool, Use::kAccepted, "no"},
    {"lazyfree-lazy-server-del", Kind::kBool, Use::kAccepted, "no"},
    {"lazyfree-lazy-user-del", Kind::kBool, Use::kAccepted, "no"},
    {"lazyfree-lazy-user-flush", Kind::kBool, Use::kAccepted, "no"},
    {"list-compress-depth", Kind::kInteger, Use::kAccepted, "0", 0, kMostInt},
    {"list-max-listpack-size", Kind::kInteger, Use::kAnyTime, "-2", kLeastInt, kMostInt},
    {"loan-allowance", Kind::kBytes, Use::kAnyTime, "65536", 0, kMost},
    {"loan-capacity", Kind::kInteger, Use::kAnyTime, "1000000", 0, kMostUnsigned},
    {"loan-seconds", Kind::kInteger, Use::kAnyTime, "86400", 1, kMostUnsigned},
    {"log-dir", Kind::kText, Use::kAtStart, ""},
    {"log-segment-bytes", Kind::kBytes, Use::kAtStart, "16777216", 65536, int64_t{1} << 40},
    {"logfile", Kind::kText, Use::kAtStart, ""},
    {"loglevel", Kind::kWord, Use::kAnyTime, "notice", 0, 0, "debug|verbose|notice|warning|nothing"},
    {"map-bytes", Kind::kBytes, Use::kAtStart, "1099511627776", 1048576, int64_t{1} << 46},
    {"maxclients", Kind::kInteger, Use::kAnyTime, "10000", 1, kMostUnsigned},
    {"maxdisk", Kind::kDisk, Use::kAnyTime, "90%", 0, kMost},
    {"maxmemory", Kind::kBytes, Use::kAccepted, "0", 0, kMostSize},
    {"maxmemory-clients", Kind::kMemory, Use::kAccepted, "0", 0, kMostSize},
    {"maxmemory-policy", Kind::kWord, Use::kAccepted, "noeviction", 0, 0,
     "volatile-lru|volatile-lfu|volatile-random|volatile-ttl|allkeys-lru|allkeys-lfu|allkeys-random|"
     "noeviction"},
    {"maxmemory-samples", Kind::kInteger, Use::kAccepted, "5", 1, kMostInt},
    {"memtable-bytes", Kind::kBytes, Use::kAtStart, "33554432", 65536, int64_t{1} << 40},
    {"min-replicas-to-write", Kind::kInteger, Use::kAccepted, "0", 0, kMostInt},
    {"no-appendfsync-on-rewrite", Kind::kBool, Use::kAccepted, "no"},
    {"notify-keyspace-events", Kind::kEvents, Use::kAnyTime, ""},
    {"oom-score-adj", Kind::kWord, Use::kAccepted, "no", 0, 0, "no|yes|relative=yes|absolute"},
    {"pidfile", Kind::kText, Use::kAtStart, ""},
    {"port", Kind::kInteger, Use::kAnyTime, "6379", 0, 65535},
    {"protected-mode", Kind::kBool, Use::kAnyTime, "yes"},
    {"producer-delay", Kind::kInteger, Use::kAnyTime, "0", 0, kMostProducerDelay},
    {"proto-max-bulk-len", Kind::kBytes, Use::kAnyTime, "536870912", 1048576, int64_t{512} << 20},
    {"queue-limit", Kind::kLimits, Use::kAnyTime, ""},
    {"rdbcompression", Kind::kBool, Use::kAccepted, "yes"},
    {"repl-backlog-size", Kind::kBytes, Use::kAccepted, "1048576", 1, kMost, "", 16384},
    {"requirepass", Kind::kText, Use::kAnyTime, ""},
    {"save", Kind::kSave, Use::kAccepted, ""},
    {"set-max-intset-entries", Kind::kInteger, Use::kAnyTime, "512", 0, kMost},
    {"set-max-listpack-entries", Kind::kInteger, Use::kAnyTime, "128", 0, kMost},
    {"set-max-listpack-value", Kind::kBytes, Use::kAnyTime, "64", 0, kMost},
    {"slowlog-log-slower-than", Kind::kInteger, Use::kAnyTime, "10000", -1, kMost},
    {"slowlog-max-len", Kind::kInteger, Use::kAnyTime, "128", 0, kMost},
    {"stop-writes-on-bgsave-error", Kind::kBool, Use::kAccepted, "yes"},
    {"stream-node-max-bytes", Kind::kBytes, Use::kAnyTime, "4096", 0, kMost},
    {"stream-node-max-entries", Kind::kInteger, Use::kAnyTime, "100", 0, kMost},
    {"supervised", Kind::kWord, Use::kAtStart, "auto", 0, 0, "auto|systemd|no"},
    {"tcp-backlog", Kind::kInteger, Use::kAtStart, "511", 0, kMostInt},
    {"tcp-keepalive", Kind::kInteger, Use::kAnyTime, "300", 0, kMostInt},
    {"timeout", Kind::kInteger, Use::kAnyTime, "0", 0, kMostInt},
    {"tls-auth-clients", Kind::kWord, Use::kAnyTime, "yes", 0, 0, "no|yes|optional"},
    {"tls-ca-cert-dir", Kind::kText, Use::kAnyTime, ""},
    {"tls-ca-cert-file", Kind::kText, Use::kAnyTime, ""},
    {"tls-cert-file", Kind::kText, Use::kAnyTime, ""},
    {"tls-ciphers", Kind::kText, Use::kAnyTime, ""},
    {"tls-ciphersuites", Kind::kText, Use::kAnyTime, ""},
    {"tls-client-cert-file", Kind::kText, Use::kAccepted, ""},
    {"tls-client-key-file", Kind::kText, Use::kAccepted, ""},
    {"tls-client-key-file-pass", Kind::kText, Use::kAccepted, ""},
    {"tls-cluster", Kind::kBool, Use::kAccepted, "no"},
    {"tls-dh-params-file", Kind::kText, Use::kAnyTime, ""},
    {"tls-key-file", Kind::kText, Use::kAnyTime, ""},
    {"tls-key-file-pass", Kind::kText, Use::kAnyTime, ""},
    {"tls-port", Kind::kInteger, Use::kAnyTime, "0", 0, 65535},
    {"tls-prefer-server-ciphers", Kind::kBool, Use::kAnyTime, "no"},
    {"tls-protocols", Kind::kText, Use::kAnyTime, ""},
    {"tls-replication", Kind::kBool, Use::kAccepted, "no"},
    {"tls-session-cache-size", Kind::kInteger, Use::kAnyTime, "20480", 0, kMostInt},
    {"tls-session-cache-timeout", Kind::kInteger, Use::kAnyTime, "300", 0, kMostInt},
    {"tls-session-caching", Kind::kBool, Use::kAnyTime, "yes"},
    {"tracking-table-max-keys", Kind::kInteger, Use::kAccepted, "1000000", 0, kMost},
    {"unixsocket", Kind::kText, Use::kAtStart, ""},
    {"unixsocketperm", Kind::kOctal, Use::kAtStart, "0"},
    {"zset-max-listpack-entries", Kind::kInteger, Use::kAnyTime, "128", 0, kMost},
    {"zset-max-listpack-value", Kind::kBytes, Use::kAnyTime, "64", 0, kMost},
};

// Redis's older names, which clients and configuration files still use.
constexpr OlderName kOlderNames[] = {
    {"hash-max-ziplist-entries", "hash-max-listpack-entries"},
    {"hash-max-ziplist-value", "hash-max-listpack-value"},
    {"list-max-ziplist-size", "list-max-listpack-size"},
    {"lua-time-limit", "busy-reply-threshold"},
    {"cluster-slave-no-failover", "cluster-replica-no-failover"},
    {"cluster-slave-validity-factor", "cluster-replica-validity-factor"},
    {"min-slaves-max-lag", "min-replicas-max-lag"},
    {"min-slaves-to-write", "min-replicas-to-write"},
    {"repl-ping-slave-period", "repl-ping-replica-period"},
    {"slave-announce-ip", "replica-announce-ip"},
    {"slave-announce-port", "replica-announce-port"},
    {"slave-ignore-maxmemory", "replica-ignore-maxmemory"},
    {"slave-lazy-flush", "replica-lazy-flush"},
    {"slave-priority", "replica-priority"},
    {"slave-read-only", "replica-read-only"},
    {"slave-serve-stale-data", "replica-serve-stale-data"},
    {"slaveof", "replicaof"},
    {"zset-max-ziplist-entries", "zset-max-listpack-entries"},
    {"zset-max-ziplist-value", "zset-max-listpack-value"},
};

// Letters to change, add or drop to make one word of the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t i = 0; i <= b.size(); ++i) row[i] = i;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

bool TakesWords(ParameterKind kind) {
  switch (kind) {
    case Kind::kText:
    case Kind::kList:
    case Kind::kBuffers:
    case Kind::kPercents:
    case Kind::kLimits:
    case Kind::kSave:
    case Kind::kShutdown:
    case Kind::kScores:
    case Kind::kTitle:
      return true;
    default:
      return false;
  }
}

std::span<const Parameter> AllParameters() {
  static const std::vector<Parameter>& all = *[] {
    auto* parameters = new std::vector<Parameter>(std::begin(kParameters), std::end(kParameters));
    const auto accepted = AcceptedParameters();
    parameters->insert(parameters->end(), accepted.begin(), accepted.end());
    std::sort(parameters->begin(), parameters->end(),
              [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
    return parameters;
  }();
  return all;
}

std::span<const OlderName> OlderNames() { return kOlderNames; }

const Parameter* FindParameter(std::string_view name) {
  for (const OlderName& older : kOlderNames) {
    if (command::EqualsIgnoreCase(older.name, name)) name = older.current;
  }
  for (const Parameter& parameter : AllParameters()) {
    if (command::EqualsIgnoreCase(parameter.name, name)) return &parameter;
  }
  return nullptr;
}

const Parameter* NearestParameter(std::string_view name) {
  const std::string lower = command::Lower(name);
  const Parameter* nearest = nullptr;
  size_t least = lower.size() / 3 + 1;
  for (const Parameter& parameter : AllParameters()) {
    const size_t distance = EditDistance(lower, parameter.name);
    if (distance > least || (nearest != nullptr && distance == least)) continue;
    least = distance;
    nearest = &parameter;
  }
  return nearest;
}

}  // namespace holdfast::server::engine
