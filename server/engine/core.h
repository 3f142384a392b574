#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "server/command/services.h"
#include "server/engine/acl_door.h"
#include "server/engine/client_door.h"
#include "server/engine/command_host.h"
#include "server/engine/control_door.h"
#include "server/engine/engine.h"
#include "server/engine/expirer.h"
#include "server/engine/function_door.h"
#include "server/engine/info.h"
#include "server/engine/notifier.h"
#include "server/engine/pubsub_hub.h"
#include "server/engine/runner.h"
#include "server/engine/script_door.h"
#include "server/engine/state.h"
#include "server/engine/transaction_door.h"

namespace holdfast::server::engine {

// What stands behind Engine: the parts, and the path of a request through them.
class Engine::Core final : public command::Services {
 public:
  Core(storage::Env& env, const command::Table& table, Settings& settings, Process& process);
  ~Core() override { state_.settings.Forget(this); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] absl::Status LoadUsers() { return acl_.LoadAtStart(); }
  void Start(std::unique_ptr<storage::Store> store);
  absl::Status Stop();

  ClientId Connect(const Peer& peer, Connection& connection);
  void Disconnect(ClientId client);
  Verdict Submit(ClientId client, resp::Request words);
  void CountRejected() { ++state_.counters.rejected_connections; }
  void Refuse(ClientId client, std::string_view text);
  void EndTurn();
  void Tick();
  [[nodiscard]] absl::Duration TimeToNextTick() const;
  // Sends what producer-delay holds back until `now`, a moment of Env::Monotonic.
  void ReleaseDelayed(absl::Duration now);
  void OnDurable(uint64_t turn);
  void OnSealed(const absl::Status& why);
  void OnTurnTakenBack(const absl::Status& why);

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const InfoReport& info() const { return info_; }

  // command::Services.
  command::PubSub& pubsub() override { return pubsub_; }
  command::Clients& clients() override { return clients_; }
  command::Transactions& transactions() override { return transactions_; }
  command::Scripts& scripts() override { return scripts_; }
  command::Functions& functions() override { return functions_; }
  command::Settings& settings() override { return state_.settings; }
  command::Acl& acl() override { return acl_; }
  command::Statistics& statistics() override { return info_; }
  command::Control& control() override { return control_; }
  command::SlowLog& slow_log() override { return state_.slow_log; }
  command::Latency& latency() override { return state_.latency; }
  [[nodiscard]] const command::Table& table() const override { return state_.table; }

 private:
  void BeginTurn();
  // The request's way: find the command, refuse, queue, or run it.
  void Dispatch(Session& session, resp::Request words, resp::ReplyWriter& reply);
  void RunRequest(Session& session, resp::Request words);
  // CLIENT PAUSE: whether this must wait, and what happens to it then and afterwards.
  [[nodiscard]] bool MustWaitForPause(const Session& session, const command::Table::Entry& entry) const;
  void Postpone(Session& session, resp::Request words);
  void RunPostponed();
  void RunNow(Session& session, const command::Table::Entry& entry, resp::Request words,
              resp::ReplyWriter& reply);
  // How many bytes may be queued in MULTI: as many as an unfinished request may have.
  [[nodiscard]] size_t LongestQueue() const;
  void Reject(Session& session, const command::Table::Entry* entry, const command::CommandError& error,
              resp::ReplyWriter& reply);
  // While a script is over its time: BUSY, or one of the few commands that may run.
  Verdict SubmitWhileBusy(Session& session, resp::Request words);
  void ApplyReplyMode(Session& session, size_t begin);

  // What a command's changes mean to others: broken WATCHes, blocked clients that can be served.
  void Spread();
  void SpreadDatabase(int database);
  // Tries all blocked clients.
  void ServeAll();
  // Those in line for a key (a DatabaseKey), as far as it has something for them.
  void Serve(std::string_view database_key);
  // Whether the key may still have something: false ends the serving of its line.
  bool TryToServe(Session& session);

  void TimeOutWaiters();
  void ReleaseReplies(bool durable, uint64_t turn);
  void AfterSend(Session& session);
  // Once a second: rates, and clients that do not read their replies.
  void Sweep();
  // A line in the log when the disk level changes; where it changes often, one now and then, with the level
  // it has come to.
  void TellOfLevel();
  // And, now and then, one on who is refused.
  void TellOfRefusals(absl::Time now);
  // And that maxmemory-policy, where it asks for evictions, is without effect.
  void TellOfPolicy();
  // Those whose replies in this turn nobody may see.
  void CloseClientsOfTurn();

  // producer-delay: holds back the replies of a client that has grown data.
  void Delay(Session& session);
  // After a request of so many bytes.
  static void StallIfDelayed(Session& session, size_t request_bytes);
  // The client is gone.
  void ForgetDelay(Session& session);
  void ReleaseDelayed(Session& session);
  // Hand-over of pops: after a start, and in Tick, what is to go back goes back; confirmations are written;
  // at the end both.
  void RecoverHandOvers();
  bool PutBackReturns();
  void PutBackAll();
  [[nodiscard]] bool PutBack(const storage::HandedOut::Id& id);
  void WriteHandOvers();
  void SettleHandOvers();
  void CloseIfTooSlow(Session& session, absl::Time now);
  [[nodiscard]] bool IsTooSlow(Session& session, absl::Time now) const;

  State state_;
  Runner runner_;
  PubSubHub pubsub_;
  Notifier notifier_;
  TransactionDoor transactions_;
  ClientDoor clients_;
  AclDoor acl_;
  CommandHost script_host_;
  ScriptRunner script_runner_;
  ScriptDoor scripts_;
  FunctionDoor functions_;
  ControlDoor control_;
  InfoReport info_;
  Expirer expirer_;
  bool sealed_ = false;
  storage::DiskLevel seen_level_ = storage::DiskLevel::kNormal;
  uint64_t untold_changes_ = 0;
  // Each line on levels takes up some time, by the clock that never jumps; a few may be ahead of it.
  absl::Duration level_reports_paid_until_ = -absl::InfiniteDuration();
  std::string told_policy_ = "noeviction";
  bool write_hand_overs_ = false;  // with this turn, though it has no other effects
  absl::Time next_refusal_report_ = absl::InfinitePast();
  absl::Time next_sweep_;
  uint64_t commands_at_sweep_ = 0;
  uint64_t input_at_sweep_ = 0;
  uint64_t output_at_sweep_ = 0;
};

}  // namespace holdfast::server::engine
