#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/command/table.h"
#include "server/engine/acl_log.h"
#include "server/engine/counters.h"
#include "server/engine/hand_overs.h"
#include "server/engine/latency_monitor.h"
#include "server/engine/monitors.h"
#include "server/engine/process.h"
#include "server/engine/refusals.h"
#include "server/engine/reserve.h"
#include "server/engine/session.h"
#include "server/engine/settings.h"
#include "server/engine/slow_log.h"
#include "server/engine/turn.h"
#include "server/engine/users.h"
#include "server/engine/waiters.h"
#include "server/engine/watches.h"
#include "storage/env.h"
#include "storage/store.h"

namespace holdfast::server::engine {

// What the engine's parts share. Plain data, one thread; each part's header says what it changes.
struct State {
  State(storage::Env& the_env, const command::Table& the_table, Settings& the_settings, Process& the_process)
      : env(the_env),
        table(the_table),
        settings(the_settings),
        process(the_process),
        turn(the_env),
        counters(the_table.size()),
        users(the_table),
        slow_log(the_settings),
        latency(the_settings, the_table.size()) {}

  // It has something to send when the turn ends.
  void NoteReply(Session& session) {
    if (session.in_turn) return;
    session.in_turn = true;
    in_turn.push_back(&session);
  }
  // Takes the store's transaction for the turn that runs.
  void OpenTransaction();
  // What the transaction must know of the settings; also after CONFIG SET.
  void ApplySettings();
  // What the store must know of them: at the start and after CONFIG SET.
  void ApplyQuota();
  // What reads found since the last ResetCounters.
  [[nodiscard]] storage::Lookups lookups() const;
  void ResetCounters();
  void NewRunId();
  // A message that another client's command (or its own) caused.
  void Deliver(Session& session, std::string_view message);
  // Between them messages wait for the verdict on what causes them (Runner).
  void HoldMessages() { holds_messages = true; }
  void DropMessages();
  void SendMessages();
  // Commands that grow data must pay for it.
  [[nodiscard]] bool disk_is_full() const { return store->admission() == storage::Admission::kFull; }
  [[nodiscard]] bool IsPaused() const { return env.Now() < std::max(writes_paused_until, all_paused_until); }
  [[nodiscard]] Session* Find(uint64_t id) const;
  // All sessions in the order of their ids.
  [[nodiscard]] std::vector<Session*> InOrder() const;

  storage::Env& env;
  const command::Table& table;
  Settings& settings;
  Process& process;
  bool active_expiry = true;    // DEBUG SET-ACTIVE-EXPIRE
  bool checks_payloads = true;  // DEBUG SET-SKIP-CHECKSUM-VALIDATION
  absl::Time started;
  std::string run_id;  // 40 hexadecimal digits, new at each start

  std::unique_ptr<storage::Store> store;
  storage::Transaction* transaction = nullptr;  // of the turn that runs, or of the last one
  storage::DiskFacts disk;                      // as the turn began
  int64_t growth_at_begin = 0;                  // Transaction::growth then
  uint64_t peak_disk = 0;                       // used bytes, at the moments they were looked at
  bool grew = false;                            // the request that runs has changed data as producers do
  Turn turn;
  Counters counters;
  Users users;
  AclLog acl_log;
  Refusals refusals;
  CommandSlowLog slow_log;
  LatencyMonitor latency;
  Monitors monitors;
  Reserve reserve;
  HandOvers hand_overs;

  absl::flat_hash_map<uint64_t, std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<Session>> gone;  // disconnected while lists may still name them
  uint64_t next_client = 1;
  Session* current = nullptr;       // whose command runs
  std::vector<Session*> in_turn;    // have open replies
  std::vector<Session*> undurable;  // have sealed replies
  Waiters waiters;
  Watches watches;

  bool holds_messages = false;
  std::vector<std::pair<uint64_t, std::string>> held_messages;  // by receiver's id, in order
  // Whose replies producer-delay holds back, and until when.
  std::multimap<absl::Duration, uint64_t> delayed;  // by the clock that never jumps

  // CLIENT PAUSE: who came meanwhile, and until when.
  std::vector<uint64_t> postponed;
  absl::Time writes_paused_until = absl::InfinitePast();
  absl::Time all_paused_until = absl::InfinitePast();
};

}  // namespace holdfast::server::engine
