#include "server/engine/info.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "server/command/words.h"
#include "server/engine/version.h"

namespace holdfast::server::engine {
namespace {

constexpr std::string_view kRedisVersion = "7.2.4";

std::string Fixed(double value, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string Seconds(absl::Duration duration) { return Fixed(absl::ToDoubleSeconds(duration), 6); }

}  // namespace

class InfoReport::Lines {
 public:
  explicit Lines(std::string& out) : out_(out) {}
  void Add(std::string_view name, std::string_view value) {
    out_ += command::Concat({name, ":", value, "\r\n"});
  }
  void Add(std::string_view name, uint64_t value) { Add(name, std::to_string(value)); }
  void AddBytes(std::string_view name, uint64_t bytes) {
    Add(name, bytes);
    Add(command::Concat({name, "_human"}), HumanBytes(bytes));
  }

 private:
  std::string& out_;
};

const InfoReport::Section InfoReport::kSections[] = {
    {"Server", true, &InfoReport::Server},
    {"Clients", true, &InfoReport::Clients},
    {"Memory", true, &InfoReport::Memory},
    {"Persistence", true, &InfoReport::Persistence},
    {"Stats", true, &InfoReport::Stats},
    {"Replication", true, &InfoReport::Replication},
    {"CPU", true, &InfoReport::Cpu},
    {"Modules", true, &InfoReport::Modules},
    {"Commandstats", false, &InfoReport::CommandStats},
    {"Errorstats", true, &InfoReport::ErrorStats},
    {"Cluster", true, &InfoReport::Cluster},
    {"Keyspace", true, &InfoReport::Keyspace},
};

std::string InfoReport::Info(std::span<const std::string_view> sections) const {
  const auto wanted = [&](const Section& section) {
    if (sections.empty()) return section.by_default;
    return std::any_of(sections.begin(), sections.end(), [&](std::string_view name) {
      return command::EqualsIgnoreCase(name, section.name) || command::EqualsIgnoreCase(name, "all") ||
             command::EqualsIgnoreCase(name, "everything") ||
             (section.by_default && command::EqualsIgnoreCase(name, "default"));
    });
  };
  const ProcessFacts facts = ProcessFacts::Read(state_.env);
  state_.peak_memory = std::max(state_.peak_memory, facts.allocated_bytes);
  std::string text;
  for (const Section& section : kSections) {
    if (!wanted(section)) continue;
    if (!text.empty()) text += "\r\n";
    text += command::Concat({"# ", section.name, "\r\n"});
    Lines lines(text);
    (this->*section.write)(lines, facts);
  }
  return text;
}

void InfoReport::Server(Lines& lines, const ProcessFacts& facts) const {
  const absl::Time now = state_.env.Now();
  const auto uptime = static_cast<uint64_t>(absl::ToInt64Seconds(now - state_.started));
  lines.Add("redis_version", kRedisVersion);
  lines.Add("holdfast_version", kHoldfastVersion);
  lines.Add("redis_mode", "standalone");
  lines.Add("os", facts.os);
  lines.Add("arch_bits", uint64_t{64});
  lines.Add("multiplexing_api", "epoll");
  lines.Add("process_id", static_cast<uint64_t>(facts.process_id));
  lines.Add("run_id", state_.run_id);
  const bool tls_only = state_.settings.Integer("port") == 0;
  lines.Add("tcp_port", state_.settings.Text(tls_only ? "tls-port" : "port"));
  lines.Add("server_time_usec", static_cast<uint64_t>(absl::ToUnixMicros(now)));
  lines.Add("uptime_in_seconds", uptime);
  lines.Add("uptime_in_days", uptime / 86400);
  lines.Add("hz", uint64_t{10});
  lines.Add("executable", "holdfast-server");
}

void InfoReport::Clients(Lines& lines, const ProcessFacts&) const {
  lines.Add("connected_clients", state_.sessions.size());
  lines.Add("maxclients", static_cast<uint64_t>(state_.settings.Integer("maxclients")));
  size_t largest_output = 0;
  size_t subscribed = 0;
  for (const auto& [id, session] : state_.sessions) {
    largest_output = std::max(largest_output, session->outbox.bytes());
    subscribed += session->subscribed() ? 1 : 0;
  }
  lines.Add("client_recent_max_output_buffer", largest_output);
  lines.Add("blocked_clients", state_.waiters.size());
  lines.Add("pubsub_clients", subscribed);
  lines.Add("clients_in_timeout_table", state_.waiters.size());
}

void InfoReport::Memory(Lines& lines, const ProcessFacts& facts) const {
  lines.AddBytes("used_memory", facts.allocated_bytes);
  lines.AddBytes("used_memory_rss", facts.resident_bytes);
  lines.AddBytes("used_memory_peak", state_.peak_memory);
  lines.Add("used_memory_dataset", state_.store->stats().memtable_bytes);
  lines.AddBytes("total_system_memory", facts.system_bytes);
  lines.AddBytes("maxmemory", static_cast<uint64_t>(state_.settings.Integer("maxmemory")));
  lines.Add("maxmemory_policy", "noeviction");
  lines.Add("number_of_cached_scripts", scripts_.size());
  lines.Add("used_memory_vm_eval", scripts_.memory_bytes());
  const double ratio = facts.allocated_bytes == 0 ? 1.0
                                                  : static_cast<double>(facts.resident_bytes) /
                                                        static_cast<double>(facts.allocated_bytes);
  lines.Add("mem_fragmentation_ratio", Fixed(ratio, 2));
  lines.Add("mem_allocator", "libc");
  lines.Add("used_disk", state_.store->stats().used_bytes);
}

void InfoReport::Persistence(Lines& lines, const ProcessFacts&) const {
  const storage::StoreStats stats = state_.store->stats();
  const bool sealed = state_.store->admission() == storage::Admission::kSealed;
  lines.Add("loading", uint64_t{0});
  lines.Add("rdb_changes_since_last_save", stats.turn - stats.checkpointed_turn);
  lines.Add("rdb_bgsave_in_progress", uint64_t{0});
  lines.Add("rdb_last_save_time",
            static_cast<uint64_t>(absl::ToUnixSeconds(std::max(state_.started, stats.last_checkpoint))));
  lines.Add("rdb_last_bgsave_status", stats.last_checkpoint_status.ok() ? "ok" : "err");
  lines.Add("aof_enabled", uint64_t{1});
  lines.Add("aof_rewrite_in_progress", uint64_t{0});
  lines.Add("aof_last_write_status", sealed ? "err" : "ok");
  lines.Add("aof_current_size", stats.log_bytes);
  lines.Add("log_epoch", stats.epoch);
  lines.Add("log_turn", stats.turn);
  lines.Add("log_durable_turn", state_.store->durable_turn());
  lines.Add("log_replayed_records", stats.replayed_records);
  lines.Add("checkpointed_turn", stats.checkpointed_turn);
  lines.Add("checkpoints", stats.checkpoints);
  lines.Add("failed_checkpoints", stats.failed_checkpoints);
  lines.Add("checkpoint_waits_usec", static_cast<uint64_t>(absl::ToInt64Microseconds(stats.waited)));
  lines.Add("data_file_bytes", stats.data_file_bytes);
}

void InfoReport::Stats(Lines& lines, const ProcessFacts&) const {
  const Counters& counters = state_.counters;
  lines.Add("total_connections_received", counters.connections);
  lines.Add("total_commands_processed", counters.commands);
  lines.Add("instantaneous_ops_per_sec", counters.commands_per_second);
  lines.Add("total_net_input_bytes", counters.input_bytes);
  lines.Add("total_net_output_bytes", counters.output_bytes);
  lines.Add("expired_keys", counters.expired_keys);
  lines.Add("evicted_keys", uint64_t{0});
  const storage::Lookups lookups = state_.lookups();
  lines.Add("keyspace_hits", lookups.hits);
  lines.Add("keyspace_misses", lookups.misses);
  lines.Add("pubsub_channels", pubsub_.channel_count());
  lines.Add("pubsub_patterns", static_cast<uint64_t>(pubsub_.PatternCount()));
  lines.Add("pubsubshard_channels", pubsub_.shard_channel_count());
  lines.Add("total_error_replies", counters.error_replies);
  lines.Add("client_output_buffer_limit_disconnections", counters.slow_readers_closed);
  lines.Add("acl_access_denied_auth", counters.denied(command::AclDenial::kLogin));
  lines.Add("acl_access_denied_cmd", counters.denied(command::AclDenial::kCommand));
  lines.Add("acl_access_denied_key", counters.denied(command::AclDenial::kKey));
  lines.Add("acl_access_denied_channel", counters.denied(command::AclDenial::kChannel));
  lines.Add("total_turns", counters.turns);
}

void InfoReport::Replication(Lines& lines, const ProcessFacts&) const {
  lines.Add("role", "master");
  lines.Add("connected_slaves", uint64_t{0});
  lines.Add("master_replid", state_.run_id);
  lines.Add("master_repl_offset", uint64_t{0});
}

void InfoReport::Cpu(Lines& lines, const ProcessFacts& facts) const {
  lines.Add("used_cpu_sys", Seconds(facts.system_time));
  lines.Add("used_cpu_user", Seconds(facts.user_time));
  lines.Add("used_cpu_sys_children", Seconds(facts.children_system_time));
  lines.Add("used_cpu_user_children", Seconds(facts.children_user_time));
}

void InfoReport::Modules(Lines&, const ProcessFacts&) const {}

void InfoReport::CommandStats(Lines& lines, const ProcessFacts&) const {
  for (size_t i = 0; i < state_.table.size(); ++i) {
    const CommandCounters& counters = state_.counters.of(i);
    if (counters.calls == 0 && counters.rejected == 0) continue;
    const int64_t microseconds = absl::ToInt64Microseconds(counters.time);
    const double each = counters.calls == 0
                            ? 0
                            : absl::ToDoubleMicroseconds(counters.time) / static_cast<double>(counters.calls);
    lines.Add(command::Concat({"cmdstat_", state_.table.at(i).command->name}),
              command::Concat({"calls=", std::to_string(counters.calls),
                               ",usec=", std::to_string(microseconds), ",usec_per_call=", Fixed(each, 2),
                               ",rejected_calls=", std::to_string(counters.rejected),
                               ",failed_calls=", std::to_string(counters.failed)}));
  }
}

void InfoReport::ErrorStats(Lines& lines, const ProcessFacts&) const {
  std::vector<std::pair<std::string, uint64_t>> errors(state_.counters.errors().begin(),
                                                       state_.counters.errors().end());
  std::sort(errors.begin(), errors.end());
  for (const auto& [code, count] : errors) {
    lines.Add(command::Concat({"errorstat_", code}), command::Concat({"count=", std::to_string(count)}));
  }
}

void InfoReport::Cluster(Lines& lines, const ProcessFacts&) const {
  lines.Add("cluster_enabled", uint64_t{0});
}

void InfoReport::Keyspace(Lines& lines, const ProcessFacts&) const {
  if (state_.transaction == nullptr) return;
  for (int number = 0; number < storage::Transaction::kMaxDatabases; ++number) {
    const storage::Database& database = state_.transaction->database(number);
    if (database.keys == 0) continue;
    lines.Add(command::Concat({"db", std::to_string(number)}),
              command::Concat({"keys=", std::to_string(database.keys),
                               ",expires=", std::to_string(database.expiring_keys), ",avg_ttl=0"}));
  }
}

}  // namespace holdfast::server::engine
