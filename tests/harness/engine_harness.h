#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "resp/reply.h"
#include "server/command/table.h"
#include "server/engine/engine.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_store.h"
#include "tests/harness/test_client.h"

namespace holdfast::harness {

// A whole engine with all commands, in this process, without sockets, files or a real clock.
//
//   EngineHarness server;
//   EXPECT_EQ(server.Run("LPUSH q a"), "(integer) 1");
//   server.Send("worker", {"BRPOP", "q", "0"});
//   EXPECT_EQ(server.Take("worker"), "1) \"q\"\n2) \"a\"");
//   server.Advance(absl::Seconds(5));
//
// Clients are named and connect when they are first used. Each request is a turn of its own, unless it stands
// between BeginTurn and EndTurn.
class EngineHarness final : public server::engine::Process {
 public:
  EngineHarness();
  ~EngineHarness() override;

  [[nodiscard]] TestClient& client(std::string_view name);
  // The engine's name for it.
  [[nodiscard]] server::engine::ClientId id(std::string_view name) { return client(name).id_; }

  // Submits one request; one behind a blocked request waits for it.
  void Send(std::string_view client, const std::vector<std::string>& words);
  // What has arrived since the last call as redis-cli prints it, replies joined by line ends. Empty if
  // nothing has.
  [[nodiscard]] std::string Take(std::string_view client);
  // Both, for the client "main"; the line is split as redis-cli splits it.
  std::string Run(std::string_view line);
  std::string Run(std::string_view client, std::string_view line);

  // Several requests in one turn.
  void BeginTurn() { in_turn_ = true; }
  void EndTurn();

  void Disconnect(std::string_view client);
  // Moves the clock, in steps, as a server sees time pass.
  void Advance(absl::Duration duration);
  // Ends all connections and opens the same data again.
  void Restart();
  // The server dies without a word, and the same data are opened again.
  void Crash();

  [[nodiscard]] server::engine::Engine& engine() { return *engine_; }
  [[nodiscard]] fakes::MemoryStore& store() { return *store_; }
  [[nodiscard]] fakes::FakeEnv& env() { return env_; }
  [[nodiscard]] server::engine::Settings& settings() { return settings_; }
  [[nodiscard]] bool shutdown_requested() const { return shutdown_requested_; }
  [[nodiscard]] const std::vector<std::string>& log_lines() const { return log_lines_; }
  // Called when a script over its time lets the sockets be read.
  std::function<void()> on_poll;
  // Called for each line for the server's log: a script can make something happen by redis.log.
  std::function<void(const std::string&)> on_log;

  // server::engine::Process.
  void RequestShutdown() override { shutdown_requested_ = true; }
  bool PollSockets() override {
    if (on_poll) on_poll();
    return shutdown_requested_;
  }
  void Log(Severity, const std::string& line) override {
    log_lines_.push_back(line);
    if (on_log) on_log(line);
  }

 private:
  void Start();
  void Pump();
  bool PumpOne(TestClient& client);

  fakes::FakeEnv env_;
  server::command::Table table_;
  server::engine::Settings settings_;
  std::shared_ptr<fakes::MemoryDisk> disk_ = std::make_shared<fakes::MemoryDisk>();
  std::unique_ptr<server::engine::Engine> engine_;
  fakes::MemoryStore* store_ = nullptr;  // the engine owns it
  std::map<std::string, std::unique_ptr<TestClient>, std::less<>> clients_;
  bool in_turn_ = false;
  bool shutdown_requested_ = false;
  std::vector<std::string> log_lines_;
};

}  // namespace holdfast::harness
