#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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

  // Put a parameter to use that has changed since; nothing happens if it has not. Connections go on, only
  // those to come go another way. An error says which address cannot be opened and why. Then the old port is
  // still listened on; but of `bind`'s addresses any may be closed, until its old value is put to use again.
  [[nodiscard]] absl::Status ApplyPort();
  [[nodiscard]] absl::Status ApplyTlsPort();
  [[nodiscard]] absl::Status ApplyBind();

  // Reads certificates and the other tls-* parameters again, for connections to come. An error says which
  // file is wrong and why; all stays as it is then. Nothing happens where `tls-port` is 0.
  [[nodiscard]] absl::Status ReloadTls();

 private:
  // One listening socket.
  struct Door;
  enum class DoorKind : uint8_t { kTcp, kTls, kUnix };

  // Sockets that listen on all addresses of `bind`; none on port 0.
  [[nodiscard]] absl::StatusOr<std::vector<int>> ListenOn(int port) const;
  // Lets doors of that kind be on `port` instead of `open`.
  [[nodiscard]] absl::Status Move(DoorKind kind, int port, int& open);
  [[nodiscard]] absl::Status OpenUnix(const std::string& path);
  void OpenDoor(int socket, DoorKind kind);
  void CloseDoors(DoorKind kind);
  void Accept(const std::shared_ptr<Door>& door);
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
  TlsContext tls_;  // none where tls-port was never set
  std::unique_ptr<Handshakes> handshakes_;
  std::string unix_path_;
  // What is listened on: `bind`, `port` and `tls-port` as they were put to use.
  std::string bind_;
  int port_ = 0;
  int tls_port_ = 0;
  std::vector<std::shared_ptr<Door>> doors_;  // the only owner; what is under way asks whether they are there
};

}  // namespace holdfast::server::net
