#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/settings.h"
#include "server/net/failure_log.h"
#include "server/net/handshakes.h"
#include "server/net/loop.h"
#include "server/net/tls_context.h"

namespace holdfast::server::net {

// Accepts connections on the addresses of `bind` with `port` and `tls-port`, and on `unixsocket`. Refuses
// with Redis's words what is over `maxclients`, and strangers while protected-mode is on and no password is
// set. A TLS client becomes one of the engine's after its handshake, and counts before.
//
// One thread, the engine's. The sockets close with the listener; a unix socket's file is removed.
class Listener {
 public:
  // All four must outlive the listener.
  Listener(Loop& loop, engine::Engine& engine, const engine::Settings& settings, engine::Process& process);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Opens every address or says which one cannot be opened and why. An address of `bind` that begins with '-'
  // may be unavailable.
  [[nodiscard]] absl::Status Open();

  // Reads certificates and the other tls-* parameters again, for connections to come. An error says which
  // file is wrong and why; all stays as it is then. Nothing happens where `tls-port` is 0.
  [[nodiscard]] absl::Status ReloadTls();

 private:
  // One listening socket.
  struct Door;
  enum class DoorKind : uint8_t { kTcp, kTls, kUnix };

  [[nodiscard]] absl::Status OpenTcp(int port, DoorKind kind);
  [[nodiscard]] absl::Status OpenUnix(const std::string& path);
  void OpenDoor(int socket, DoorKind kind);
  void Accept(Door& door);
  // Takes what waits in the door's queue. False when it should rest a while (no file descriptors are left, or
  // as many handshakes are under way as may be).
  [[nodiscard]] bool AcceptSome(Door& door);
  void Admit(int socket, DoorKind kind);
  void ShakeHands(int socket, engine::Peer peer);
  void OnHandshake(const engine::Peer& peer, Handshakes::Outcome outcome);
  // Gives the connection to the loop, or tells the peer why not.
  void Welcome(std::unique_ptr<Transport> transport, const engine::Peer& peer);
  // Whether there are as many clients as may be.
  [[nodiscard]] bool IsFull() const;
  // Why the peer may not come in, as a whole error reply; empty if it may.
  [[nodiscard]] std::string Refusal(const Transport& transport) const;

  Loop& loop_;
  engine::Engine& engine_;
  const engine::Settings& settings_;
  FailureLog failures_;
  TlsContext tls_;  // none where tls-port is 0
  std::unique_ptr<Handshakes> handshakes_;
  std::string unix_path_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace holdfast::server::net
