#include "server/engine/info.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "resp/number.h"
#include "server/command/words.h"
#include "server/engine/thread_time.h"
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

// "listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=6379", and so on with what else clients come by.
void Listeners(InfoLines& lines, const Settings& settings) {
  int number = 0;
  const auto add = [&](std::string_view name, std::string_view places, const std::string& port) {
    std::string text = command::Concat({"name=", name});
    for (const std::string_view place : command::SplitWords(places))
      text += command::Concat({",bind=", place});
    if (!port.empty()) text += command::Concat({",port=", port});
    lines.Add(command::Concat({"listener", std::to_string(number++)}), text);
  };
  if (settings.Integer("port") != 0) add("tcp", settings.Text("bind"), settings.Text("port"));
  if (!settings.Text("unixsocket").empty()) add("unix", settings.Text("unixsocket"), "");
  if (settings.Integer("tls-port") != 0) add("tls", settings.Text("bind"), settings.Text("tls-port"));
}

std::string Kilobytes(uint64_t bytes) { return Fixed(static_cast<double>(bytes) / 1024, 2); }

}  // namespace

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
    {"Latencystats", false, &InfoReport::LatencyStats},
    {"Cluster", true, &InfoReport::Cluster},
    {"Keyspace", true, &InfoReport::Keyspace},
    {"Holdfast", true, &InfoReport::Holdfast},
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
  state_.peak_disk = std::max(state_.peak_disk, state_.store->disk().used_bytes);
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
  lines.AddZeros({"redis_git_sha1", "redis_git_dirty", "redis_build_id"});
  lines.Add("redis_mode", "standalone");
  lines.Add("os", facts.os);
  lines.Add("arch_bits", uint64_t{64});
  lines.Add("monotonic_clock", "POSIX clock_gettime");
  lines.Add("multiplexing_api", "epoll");
  lines.Add("atomicvar_api", "c11-builtin");
  lines.Add("gcc_version", __VERSION__);
  lines.Add("process_id", static_cast<uint64_t>(facts.process_id));
  lines.Add("process_supervised", "no");
  lines.Add("run_id", state_.run_id);
  const bool tls_only = state_.settings.Integer("port") == 0;
  lines.Add("tcp_port", state_.settings.Text(tls_only ? "tls-port" : "port"));
  lines.Add("server_time_usec", static_cast<uint64_t>(absl::ToUnixMicros(now)));
  lines.Add("uptime_in_seconds", uptime);
  lines.Add("uptime_in_days", uptime / 86400);
  lines.Add("hz", state_.settings.Text("hz"));
  lines.Add("configured_hz", state_.settings.Text("hz"));
  lines.Add("lru_clock", static_cast<uint64_t>(absl::ToUnixSeconds(now)) & 0xFFFFFF);
  lines.Add("executable", "holdfast-server");
  lines.Add("config_file", "");
  lines.AddZeros({"io_threads_active"});
  Listeners(lines, state_.settings);
}

void InfoReport::Clients(Lines& lines, const ProcessFacts&) const {
  lines.Add("connected_clients", state_.sessions.size());
  lines.AddZeros({"cluster_connections"});
  lines.Add("maxclients", static_cast<uint64_t>(state_.settings.Integer("maxclients")));
  size_t largest_output = 0;
  size_t subscribed = 0;
  for (const auto& [id, session] : state_.sessions) {
    largest_output = std::max(largest_output, session->outbox.bytes());
    subscribed += session->subscribed() ? 1 : 0;
  }
  lines.AddZeros({"client_recent_max_input_buffer"});
  lines.Add("client_recent_max_output_buffer", largest_output);
  lines.Add("blocked_clients", state_.waiters.size() + state_.postponed.size());
  lines.AddZeros({"tracking_clients"});
  lines.Add("pubsub_clients", subscribed);
  lines.Add("clients_in_timeout_table", state_.waiters.timed());
  lines.Add("total_blocking_keys", state_.waiters.key_count());
  lines.AddZeros({"total_blocking_keys_on_nokey"});
}

// Tools compare used_memory with maxmemory to know how full the server is, so both are the disk's. What the
// process takes of memory: used_memory_rss and allocator_*.
void InfoReport::Memory(Lines& lines, const ProcessFacts& facts) const {
  const storage::DiskFacts disk = state_.store->disk();
  const auto percent = [](uint64_t part, uint64_t whole) {
    const double share = whole == 0 ? 0 : static_cast<double>(part) * 100 / static_cast<double>(whole);
    return Fixed(share, 2) + "%";
  };
  lines.AddBytes("used_memory", disk.used_bytes);
  lines.AddBytes("used_memory_rss", facts.resident_bytes);
  lines.AddBytes("used_memory_peak", state_.peak_disk);
  lines.Add("used_memory_peak_perc", percent(disk.used_bytes, state_.peak_disk));
  lines.AddZeros({"used_memory_overhead", "used_memory_startup"});
  lines.Add("used_memory_dataset", disk.used_bytes);
  lines.Add("used_memory_dataset_perc", "100.00%");
  lines.Add("allocator_allocated", facts.allocated_bytes);
  lines.Add("allocator_active", facts.resident_bytes);
  lines.Add("allocator_resident", facts.resident_bytes);
  lines.AddBytes("total_system_memory", facts.system_bytes);
  lines.AddBytes("maxmemory", disk.limit_bytes);
  lines.Add("maxmemory_policy", "noeviction");
  lines.Add("number_of_cached_scripts", scripts_.size());
  lines.Add("number_of_functions", functions_.function_count());
  lines.Add("number_of_libraries", functions_.library_count());
  lines.Add("used_memory_vm_eval", scripts_.memory_bytes());
  lines.AddBytes("used_memory_lua", scripts_.memory_bytes());
  lines.Add("used_memory_vm_functions", functions_.memory_bytes());
  lines.AddBytes("used_memory_vm_total", scripts_.memory_bytes() + functions_.memory_bytes());
  // What scripts and functions take is counted with the interpreters that hold them.
  lines.AddZeros({"used_memory_scripts_eval", "used_memory_functions"});
  lines.AddBytes("used_memory_scripts", 0);
  const double ratio = facts.allocated_bytes == 0 ? 1.0
                                                  : static_cast<double>(facts.resident_bytes) /
                                                        static_cast<double>(facts.allocated_bytes);
  lines.Add("mem_fragmentation_ratio", Fixed(ratio, 2));
  lines.Add("mem_fragmentation_bytes",
            facts.resident_bytes - std::min(facts.resident_bytes, facts.allocated_bytes));
  lines.Add("allocator_frag_ratio", Fixed(ratio, 2));
  lines.Add("allocator_rss_ratio", "1.00");
  lines.Add("rss_overhead_ratio", "1.00");
  lines.AddZeros({"allocator_frag_bytes", "allocator_rss_bytes", "rss_overhead_bytes",
                  "mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers",
                  "mem_clients_slaves"});
  lines.Add("mem_clients_normal", BufferedBytes());
  lines.AddZeros({"mem_cluster_links", "mem_aof_buffer"});
  lines.Add("mem_allocator", "libc");
  lines.AddZeros({"active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects"});
  lines.Add("used_disk", disk.used_bytes);
}

uint64_t InfoReport::BufferedBytes() const {
  uint64_t bytes = 0;
  for (const auto& [id, session] : state_.sessions) bytes += session->outbox.bytes();
  return bytes;
}

void InfoReport::Persistence(Lines& lines, const ProcessFacts&) const {
  const storage::StoreStats stats = state_.store->stats();
  const bool sealed = state_.store->admission() == storage::Admission::kSealed;
  const auto seconds = static_cast<uint64_t>(absl::ToInt64Seconds(stats.last_checkpoint_duration));
  lines.AddZeros({"loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age",
                  "current_save_keys_processed", "current_save_keys_total"});
  lines.Add("current_fork_perc", "0.00");
  lines.Add("rdb_changes_since_last_save", stats.turn - stats.checkpointed_turn);
  lines.Add("rdb_bgsave_in_progress", uint64_t{0});
  lines.Add("rdb_last_save_time",
            static_cast<uint64_t>(absl::ToUnixSeconds(std::max(state_.started, stats.last_checkpoint))));
  lines.Add("rdb_last_bgsave_status", stats.last_checkpoint_status.ok() ? "ok" : "err");
  lines.Add("rdb_last_bgsave_time_sec", seconds);
  lines.Add("rdb_current_bgsave_time_sec", "-1");
  lines.Add("rdb_saves", stats.checkpoints);
  lines.AddZeros({"rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded"});
  lines.Add("aof_enabled", uint64_t{1});
  lines.AddZeros({"aof_rewrite_in_progress", "aof_rewrite_scheduled"});
  lines.Add("aof_last_rewrite_time_sec", "-1");
  lines.Add("aof_current_rewrite_time_sec", "-1");
  lines.Add("aof_last_bgrewrite_status", "ok");
  lines.AddZeros({"aof_rewrites", "aof_rewrites_consecutive_failures"});
  lines.Add("aof_last_write_status", sealed ? "err" : "ok");
  lines.AddZeros({"aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size"});
  lines.Add("aof_current_size", stats.log_bytes);
  lines.AddZeros({"aof_base_size", "aof_pending_rewrite", "aof_buffer_length", "aof_pending_bio_fsync",
                  "aof_delayed_fsync"});
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
  lines.AddZeros({"total_net_repl_input_bytes", "total_net_repl_output_bytes"});
  lines.Add("instantaneous_input_kbps", Kilobytes(counters.input_bytes_per_second));
  lines.Add("instantaneous_output_kbps", Kilobytes(counters.output_bytes_per_second));
  lines.Add("instantaneous_input_repl_kbps", "0.00");
  lines.Add("instantaneous_output_repl_kbps", "0.00");
  lines.Add("rejected_connections", counters.rejected_connections);
  lines.AddZeros({"sync_full", "sync_partial_ok", "sync_partial_err"});
  const storage::Lookups lookups = state_.lookups();
  lines.Add("expired_keys", lookups.expired);
  lines.Add("expired_subkeys", counters.expired_fields);
  lines.Add("expired_stale_perc", "0.00");
  lines.AddZeros({"expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds", "evicted_keys",
                  "evicted_clients", "total_eviction_exceeded_time", "current_eviction_exceeded_time"});
  lines.Add("keyspace_hits", lookups.hits);
  lines.Add("keyspace_misses", lookups.misses);
  lines.Add("pubsub_channels", pubsub_.channel_count());
  lines.Add("pubsub_patterns", static_cast<uint64_t>(pubsub_.PatternCount()));
  lines.Add("pubsubshard_channels", pubsub_.shard_channel_count());
  lines.AddZeros({"latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys",
                  "active_defrag_hits", "active_defrag_misses", "active_defrag_key_hits",
                  "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time",
                  "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes",
                  "unexpected_error_replies"});
  lines.Add("total_error_replies", counters.error_replies);
  lines.AddZeros({"dump_payload_sanitizations"});
  lines.Add("total_reads_processed", counters.commands);
  lines.Add("total_writes_processed", counters.turns);
  lines.AddZeros({"io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks",
                  "reply_buffer_expands", "client_query_buffer_limit_disconnections"});
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
  lines.Add("master_failover_state", "no-failover");
  lines.Add("master_replid", state_.run_id);
  lines.Add("master_replid2", std::string(40, '0'));
  lines.AddZeros({"master_repl_offset"});
  lines.Add("second_repl_offset", "-1");
  lines.AddZeros({"repl_backlog_active"});
  lines.Add("repl_backlog_size", state_.settings.Text("repl-backlog-size"));
  lines.AddZeros({"repl_backlog_first_byte_offset", "repl_backlog_histlen"});
}

void InfoReport::Cpu(Lines& lines, const ProcessFacts& facts) const {
  lines.Add("used_cpu_sys", Seconds(facts.system_time));
  lines.Add("used_cpu_user", Seconds(facts.user_time));
  lines.Add("used_cpu_sys_children", Seconds(facts.children_system_time));
  lines.Add("used_cpu_user_children", Seconds(facts.children_user_time));
  const ThreadTime main_thread = ThreadTime::OfThisOne();  // INFO is answered on it
  lines.Add("used_cpu_sys_main_thread", Seconds(main_thread.system));
  lines.Add("used_cpu_user_main_thread", Seconds(main_thread.user));
}

void InfoReport::LatencyStats(Lines& lines, const ProcessFacts&) const {
  for (size_t i = 0; i < state_.table.size(); ++i) {
    const LatencyHistogram* histogram = state_.latency.histogram(i);
    if (histogram == nullptr) continue;
    std::string percentiles;
    std::string_view rest = state_.settings.Text("latency-tracking-info-percentiles");
    while (!rest.empty()) {
      const std::string_view percent = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), percent.size() + 1));
      const absl::Duration time = histogram->Percentile(resp::ParseDouble(percent).value_or(0));
      percentiles += command::Concat(
          {percentiles.empty() ? "p" : ",p", percent, "=", Fixed(absl::ToDoubleMicroseconds(time), 3)});
    }
    lines.Add(command::Concat({"latency_percentiles_usec_", state_.table.at(i).command->name}), percentiles);
  }
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
