#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::server::engine {

// A client's socket, as the engine sees it. Implemented by the net room (and by tests); owned by it, and
// alive until Engine::Disconnect returns. All calls come on the engine's thread. A call may find the socket
// broken: then it does nothing, and the owner calls Engine::Disconnect later, never from inside one of these
// calls.
class Connection {
 public:
  virtual ~Connection() = default;

  // Bytes to send, in order; copied as far as the socket does not take them at once.
  virtual void Send(std::string_view bytes) = 0;
  // Closes once everything sent before is out. Nothing is read any more.
  virtual void CloseAfterFlush() = 0;
  // Closes now; what is not out yet is lost.
  virtual void Abort() = 0;
  // False if the peer is known to be gone (the socket reports an end or an error). Asked before a blocked
  // client is served: a job handed to a dead connection is a lost job.
  [[nodiscard]] virtual bool IsAlive() = 0;
  // Whether the peer's system has acknowledged all that was given to Send. False if the connection was reset:
  // the peer threw unread bytes away.
  [[nodiscard]] virtual bool IsDelivered() = 0;
  // Bytes given to Send that the socket has not taken.
  [[nodiscard]] virtual size_t unsent_bytes() const = 0;
  // The client was blocked (or held back) and is not any more: go on submitting what was read. Called inside
  // a turn or from Tick; the owner submits after it returned.
  virtual void Resume() = 0;
};

// Where a connection comes from.
struct Peer {
  std::string address;        // "127.0.0.1:50312"; for a unix socket its path with ":0"
  std::string local_address;  // "127.0.0.1:6379"
  int socket = -1;
  bool unix_socket = false;
};

}  // namespace holdfast::server::engine
