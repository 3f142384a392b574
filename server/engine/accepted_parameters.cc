#include "server/engine/accepted_parameters.h"

#include <limits>

namespace holdfast::server::engine {
namespace {

using Kind = ParameterKind;
using Use = ParameterUse;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kMostSize = -1;  // all of uint64_t
constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostUnsigned = std::numeric_limits<uint32_t>::max();
constexpr int64_t kMostPort = 65535;

constexpr Parameter kParameters[] = {
    {"active-defrag-cycle-max", Kind::kInteger, Use::kAccepted, "25", 1, 99},
    {"active-defrag-cycle-min", Kind::kInteger, Use::kAccepted, "1", 1, 99},
    {"active-defrag-ignore-bytes", Kind::kBytes, Use::kAccepted, "104857600", 1, kMost},
    {"active-defrag-max-scan-fields", Kind::kInteger, Use::kAccepted, "1000", 1, kMost},
    {"active-defrag-threshold-lower", Kind::kInteger, Use::kAccepted, "10", 0, 1000},
    {"active-defrag-threshold-upper", Kind::kInteger, Use::kAccepted, "100", 0, 1000},
    {"always-show-logo", Kind::kBool, Use::kAcceptedAtStart, "no"},
    {"aof-disable-auto-gc", Kind::kBool, Use::kAccepted, "no"},
    {"aof-load-truncated", Kind::kBool, Use::kAccepted, "yes"},
    {"aof-rewrite-incremental-fsync", Kind::kBool, Use::kAccepted, "yes"},
    {"aof-timestamp-enabled", Kind::kBool, Use::kAccepted, "no"},
    {"aof-use-rdb-preamble", Kind::kBool, Use::kAccepted, "yes"},
    {"aof_rewrite_cpulist", Kind::kText, Use::kAcceptedAtStart, ""},
    {"appenddirname", Kind::kText, Use::kAcceptedAtStart, "appendonlydir"},
    {"bgsave_cpulist", Kind::kText, Use::kAcceptedAtStart, ""},
    {"bind-source-addr", Kind::kText, Use::kAccepted, ""},
    {"bio_cpulist", Kind::kText, Use::kAcceptedAtStart, ""},
    {"cluster-allow-pubsubshard-when-down", Kind::kBool, Use::kAccepted, "yes"},
    {"cluster-allow-reads-when-down", Kind::kBool, Use::kAccepted, "no"},
    {"cluster-allow-replica-migration", Kind::kBool, Use::kAccepted, "yes"},
    {"cluster-announce-bus-port", Kind::kInteger, Use::kAccepted, "0", 0, kMostPort},
    {"cluster-announce-hostname", Kind::kHostname, Use::kAccepted, ""},
    {"cluster-announce-human-nodename", Kind::kText, Use::kAccepted, ""},
    {"cluster-announce-ip", Kind::kText, Use::kAccepted, ""},
    {"cluster-announce-port", Kind::kInteger, Use::kAccepted, "0", 0, kMostPort},
    {"cluster-announce-tls-port", Kind::kInteger, Use::kAccepted, "0", 0, kMostPort},
    {"cluster-config-file", Kind::kText, Use::kAcceptedAtStart, "nodes.conf"},
    {"cluster-link-sendbuf-limit", Kind::kBytes, Use::kAccepted, "0", 0, kMostSize},
    {"cluster-migration-barrier", Kind::kInteger, Use::kAccepted, "1", 0, kMostInt},
    {"cluster-node-timeout", Kind::kInteger, Use::kAccepted, "15000", 0, kMost},
    {"cluster-port", Kind::kInteger, Use::kAcceptedAtStart, "0", 0, kMostPort},
    {"cluster-preferred-endpoint-type", Kind::kWord, Use::kAccepted, "ip", 0, 0,
     "ip|hostname|unknown-endpoint"},
    {"cluster-replica-no-failover", Kind::kBool, Use::kAccepted, "no"},
    {"cluster-replica-validity-factor", Kind::kInteger, Use::kAccepted, "10", 0, kMostInt},
    {"cluster-require-full-coverage", Kind::kBool, Use::kAccepted, "yes"},
    {"crash-log-enabled", Kind::kBool, Use::kAccepted, "yes"},
    {"crash-memcheck-enabled", Kind::kBool, Use::kAccepted, "yes"},
    {"disable-thp", Kind::kBool, Use::kAcceptedAtStart, "yes"},
    {"enable-module-command", Kind::kWord, Use::kAtStart, "no", 0, 0, "yes|no|local"},
    {"enable-protected-configs", Kind::kWord, Use::kAtStart, "no", 0, 0, "yes|no|local"},
    {"hll-sparse-max-bytes", Kind::kBytes, Use::kAccepted, "3000", 0, kMost},
    {"ignore-warnings", Kind::kText, Use::kAccepted, ""},
    {"io-threads-do-reads", Kind::kBool, Use::kAcceptedAtStart, "no"},
    {"lfu-decay-time", Kind::kInteger, Use::kAccepted, "1", 0, kMostInt},
    {"lfu-log-factor", Kind::kInteger, Use::kAccepted, "10", 0, kMostInt},
    {"locale-collate", Kind::kText, Use::kAccepted, ""},
    {"masterauth", Kind::kText, Use::kAccepted, ""},
    {"masteruser", Kind::kText, Use::kAccepted, ""},
    {"maxmemory-eviction-tenacity", Kind::kInteger, Use::kAccepted, "10", 0, 100},
    {"min-replicas-max-lag", Kind::kInteger, Use::kAccepted, "10", 0, kMostInt},
    {"oom-score-adj-values", Kind::kScores, Use::kAccepted, "0 200 800"},
    {"proc-title-template", Kind::kTitle, Use::kAccepted, "{title} {listen-addr} {server-mode}"},
    {"propagation-error-behavior", Kind::kWord, Use::kAccepted, "ignore", 0, 0,
     "ignore|panic|panic-on-replicas"},
    {"rdb-del-sync-files", Kind::kBool, Use::kAccepted, "no"},
    {"rdb-save-incremental-fsync", Kind::kBool, Use::kAccepted, "yes"},
    {"rdbchecksum", Kind::kBool, Use::kAcceptedAtStart, "yes"},
    {"repl-backlog-ttl", Kind::kInteger, Use::kAccepted, "3600", 0, kMost},
    {"repl-disable-tcp-nodelay", Kind::kBool, Use::kAccepted, "no"},
    {"repl-diskless-load", Kind::kWord, Use::kAccepted, "disabled", 0, 0, "disabled|on-empty-db|swapdb"},
    {"repl-diskless-sync", Kind::kBool, Use::kAccepted, "yes"},
    {"repl-diskless-sync-delay", Kind::kInteger, Use::kAccepted, "5", 0, kMostInt},
    {"repl-diskless-sync-max-replicas", Kind::kInteger, Use::kAccepted, "0", 0, kMostInt},
    {"repl-ping-replica-period", Kind::kInteger, Use::kAccepted, "10", 1, kMostInt},
    {"repl-timeout", Kind::kInteger, Use::kAccepted, "60", 1, kMostInt},
    {"replica-announce-ip", Kind::kText, Use::kAccepted, ""},
    {"replica-announce-port", Kind::kInteger, Use::kAccepted, "0", 0, kMostPort},
    {"replica-announced", Kind::kBool, Use::kAccepted, "yes"},
    {"replica-ignore-disk-write-errors", Kind::kBool, Use::kAccepted, "no"},
    {"replica-ignore-maxmemory", Kind::kBool, Use::kAccepted, "yes"},
    {"replica-lazy-flush", Kind::kBool, Use::kAccepted, "no"},
    {"replica-priority", Kind::kInteger, Use::kAccepted, "100", 0, kMostInt},
    {"replica-read-only", Kind::kBool, Use::kAccepted, "yes"},
    {"replica-serve-stale-data", Kind::kBool, Use::kAccepted, "yes"},
    {"replicaof", Kind::kText, Use::kAcceptedAtStart, ""},
    {"sanitize-dump-payload", Kind::kWord, Use::kAccepted, "no", 0, 0, "no|yes|clients"},
    {"server_cpulist", Kind::kText, Use::kAcceptedAtStart, ""},
    {"set-proc-title", Kind::kBool, Use::kAcceptedAtStart, "yes"},
    {"shutdown-on-sigint", Kind::kShutdown, Use::kAccepted, "default"},
    {"shutdown-on-sigterm", Kind::kShutdown, Use::kAccepted, "default"},
    {"shutdown-timeout", Kind::kInteger, Use::kAccepted, "10", 0, kMostInt},
    {"socket-mark-id", Kind::kInteger, Use::kAcceptedAtStart, "0", 0, kMostUnsigned},
    {"syslog-enabled", Kind::kBool, Use::kAcceptedAtStart, "no"},
    {"syslog-facility", Kind::kWord, Use::kAcceptedAtStart, "local0", 0, 0,
     "user|local0|local1|local2|local3|local4|local5|local6|local7"},
    {"syslog-ident", Kind::kText, Use::kAcceptedAtStart, "redis"},
};

}  // namespace

std::span<const Parameter> AcceptedParameters() { return kParameters; }

}  // namespace holdfast::server::engine
