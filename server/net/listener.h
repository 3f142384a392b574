#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/settings.h"
#include "server/net/loop.h"

namespace holdfast::server::net {

// Accepts connections on the addresses of `bind` and `port`, and on `unixsocket`. Refuses with Redis's words
// what is over `maxclients`, and strangers while protected-mode is on and no password is set.
//
// One thread, the engine's. The sockets close with the listener; a unix socket's file is removed.
class Listener {
 public:
  // All three must outlive the listener.
  Listener(Loop& loop, engine::Engine& engine, const engine::Settings& settings);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Opens every address or says which one cannot be opened and why. An address of `bind` that begins with '-'
  // may be unavailable.
  [[nodiscard]] absl::Status Open();

 private:
  // One listening socket.
  struct Door;

  [[nodiscard]] absl::Status OpenTcp(std::string_view address, int port);
  [[nodiscard]] absl::Status OpenUnix(const std::string& path);
  void OpenDoor(int socket);
  void Accept(Door& door);
  // Takes what waits in the door's queue. False when it should rest a while (no file descriptors are left).
  [[nodiscard]] bool AcceptSome(Door& door);
  void Admit(int socket, bool unix_socket);
  // Why the peer may not come in, as a whole error reply; empty if it may.
  [[nodiscard]] std::string Refusal(bool from_this_machine) const;

  Loop& loop_;
  engine::Engine& engine_;
  const engine::Settings& settings_;
  std::string unix_path_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace holdfast::server::net
