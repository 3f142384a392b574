#pragma once

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/command/table.h"
#include "server/commands/families.h"
#include "server/engine/engine.h"
#include "server/net/listener.h"
#include "server/net/loop.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_store.h"

namespace holdfast::server::net {

// A server on a unix socket of its own, on its own thread, over a store in memory. The fake clock stands
// still.
class NetServer : public engine::Process {
 public:
  explicit NetServer(std::string_view maxclients = "100");
  ~NetServer() override;

  [[nodiscard]] const std::string& path() const { return path_; }
  // What went to the server's log.
  [[nodiscard]] std::vector<std::string> log_lines() {
    const std::lock_guard lock(log_mutex_);
    return log_lines_;
  }

  void RequestShutdown() override { loop_.Stop(); }
  [[nodiscard]] bool PollSockets() override {
    loop_.PollWithinTurn();
    return false;
  }
  void Log(Severity, const std::string& line) override {
    const std::lock_guard lock(log_mutex_);
    log_lines_.push_back(line);
  }

 private:
  std::string path_;
  fakes::FakeEnv env_;
  command::Table table_{commands::AllFamilies()};
  engine::Settings settings_;
  engine::Engine engine_;
  boost::asio::io_context io_{1};
  Loop loop_;
  Listener listener_;
  std::mutex log_mutex_;
  std::vector<std::string> log_lines_;
  std::thread thread_;
};

// A blocking client of a unix socket, or of a TCP port. Reads give up after ten seconds.
class SocketClient {
 public:
  explicit SocketClient(const std::string& path);
  SocketClient(const std::string& address, int port);
  ~SocketClient();
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  void Send(std::string_view bytes);
  // Says that nothing more will be sent (half-close).
  void EndSending();
  // Exactly `count` bytes, or fewer at the end or after ten seconds.
  std::string Read(size_t count);
  // Everything until the server closes.
  std::string ReadAll();
  void Close();
  // Gives the socket away.
  [[nodiscard]] int Release() { return std::exchange(socket_, -1); }

 private:
  int socket_;
};

}  // namespace holdfast::server::net
