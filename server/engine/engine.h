#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "resp/request.h"
#include "server/command/table.h"
#include "server/engine/connection.h"
#include "server/engine/process.h"
#include "server/engine/settings.h"
#include "storage/env.h"
#include "storage/store.h"

namespace holdfast::server::engine {

using ClientId = uint64_t;

// Owns all semantic state (the store, clients, blocked clients, MULTI, WATCH, channels, scripts) and runs
// requests one at a time, in turns, on one thread. A turn is the requests that share one log record; its
// replies leave when the record is durable. No sockets: whoever owns them drives the engine like this:
//
//   Engine engine(env, table, settings, process);
//   auto store = Store::Open(options, engine);          // the engine is the store's listener
//   engine.Start(std::move(*store));
//   ClientId client = engine.Connect(peer, connection);
//   loop:
//     for each request read, while !engine.TurnIsFull():  verdict = engine.Submit(client, words);
//     engine.EndTurn();                                  // nothing more is at hand
//     engine.Tick();
//     sleep at most engine.TimeToNextTick()
//   engine.Stop();
//
// Every function belongs to the engine's thread.
class Engine final : public storage::StoreListener {
 public:
  // What became of a request, as its reader must know it.
  enum class Verdict : uint8_t {
    kReady,    // send the next one
    kHeld,     // the client is blocked: keep what was read until Connection::Resume
    kClosing,  // read nothing more
  };

  // All four must outlive the engine.
  Engine(storage::Env& env, const command::Table& table, Settings& settings, Process& process);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The ACL users that the settings name; before any connection. kInvalidArgument says what is wrong with
  // them.
  [[nodiscard]] absl::Status LoadUsers();
  void Start(std::unique_ptr<storage::Store> store);
  // Ends the turn, checkpoints, closes the store. Blocks. No other call may follow.
  [[nodiscard]] absl::Status Stop();

  // A new connection; `connection` must live until Disconnect(id). Never refuses: whoever counts maxclients
  // answers "-ERR max number of clients reached" before.
  ClientId Connect(const Peer& peer, Connection& connection);
  // One that was refused before: for INFO.
  void CountRejectedConnection();
  // The socket is closed. What it waits for or watches is forgotten; what it queued in MULTI is not run.
  void Disconnect(ClientId client);
  [[nodiscard]] size_t client_count() const;
  // Whether it has logged in, or need not: before that its requests are kept small.
  [[nodiscard]] bool IsAuthenticated(ClientId client) const;
  // Whether new connections have to log in.
  [[nodiscard]] bool needs_login() const;

  // Runs one request (at least one word) inside the current turn, beginning one where needed. The words are
  // copied only where they must outlive the call (MULTI, blocking). Must not be called for a client whose
  // last verdict was kHeld before its connection was resumed, nor after kClosing.
  Verdict Submit(ClientId client, resp::Request words);
  // The parser gave up: `text` ("ERR Protocol error: ...") is the last reply, then the connection closes.
  void Refuse(ClientId client, std::string_view text);

  // Whether the turn has reached its bound of requests, bytes or time.
  [[nodiscard]] bool TurnIsFull() const;
  // One log record for the turn; replies leave as soon as it is durable. Nothing happens without a turn.
  void EndTurn();

  // Between turns: deadlines of blocked clients, due keys, slow readers, the store's own work. Cheap.
  void Tick();
  // The loop ends: sends the replies that producer-delay holds back.
  void SendDelayed();
  // How long the loop may sleep without missing a deadline; at most 100 ms.
  [[nodiscard]] absl::Duration TimeToNextTick() const;

  // storage::StoreListener.
  void OnDurable(uint64_t turn) override;
  void OnSealed(const absl::Status& why) override;
  void OnTurnTakenBack(const absl::Status& why) override;

  // Facts for health checks and metrics.
  [[nodiscard]] const storage::Store& store() const;
  // The text of INFO with these sections (none: the default ones).
  [[nodiscard]] std::string Info(std::span<const std::string_view> sections) const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace holdfast::server::engine
