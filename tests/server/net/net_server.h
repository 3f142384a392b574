#pragma once

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

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

  void RequestShutdown() override { loop_.Stop(); }
  [[nodiscard]] bool PollSockets() override {
    loop_.PollWithinTurn();
    return false;
  }
  void Log(Severity, const std::string&) override {}

 private:
  std::string path_;
  fakes::FakeEnv env_;
  command::Table table_{commands::AllFamilies()};
  engine::Settings settings_;
  engine::Engine engine_;
  boost::asio::io_context io_{1};
  Loop loop_;
  Listener listener_;
  std::thread thread_;
};

// A blocking client of a unix socket. Reads give up after ten seconds.
class SocketClient {
 public:
  explicit SocketClient(const std::string& path);
  ~SocketClient();
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  void Send(std::string_view bytes);
  // Says that nothing more will be sent (half-close).
  void EndSending();
  // Exactly `count` bytes, or fewer at the end or after ten seconds.
  std::string Read(size_t count);
  // Everything until the server closes.
  std::string ReadAll();
  void Close();

 private:
  int socket_;
};

}  // namespace holdfast::server::net
