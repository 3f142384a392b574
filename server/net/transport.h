#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace holdfast::server::net {

// How a session's bytes get through its socket: as they are, or as TLS. Owns the socket, which is connected
// and non-blocking, and closes it. No call blocks.
//
// Readiness is edge-triggered (poller.h): what a call says to come next is all that the caller may rely on.
//
// One thread at a time.
class Transport {
 public:
  enum class Next : uint8_t {
    kMore,   // the same call may do more at once
    kReady,  // when the socket is reported ready
    kRoom,   // of Read: when the socket takes bytes again, which only TLS may need
    kEnded,  // never: the peer has ended its side, or the connection is broken
  };
  struct Progress {
    size_t bytes = 0;
    Next next = Next::kMore;
  };

  explicit Transport(int socket) : socket_(socket) {}
  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  [[nodiscard]] int socket() const { return socket_; }

  // Fills `buffer` as far as the socket allows. kEnded comes without bytes.
  [[nodiscard]] virtual Progress Read(std::span<char> buffer) = 0;
  // Sends from the front of `bytes`, which is not empty. What was not taken must be the beginning of the next
  // Write, wherever it lies by then.
  [[nodiscard]] virtual Progress Write(std::string_view bytes) = 0;
  // Whether Read has something to say of which the socket's readiness does not tell any more.
  [[nodiscard]] virtual bool pending() const = 0;
  // False if the peer is known to be gone, by a look that takes nothing from Read but may leave it pending.
  [[nodiscard]] virtual bool IsAlive() = 0;
  // Whether the peer's system has acknowledged all that was written; false once it has reset the connection.
  [[nodiscard]] bool IsDelivered() const;

 protected:
  // Takes notice of what a call left in errno.
  void NoteError() { reset_ |= errno == ECONNRESET || errno == EPIPE; }
  // Whether the socket itself knows of an end or an error.
  [[nodiscard]] bool SocketIsAlive() const;

 private:
  const int socket_;
  bool reset_ = false;
};

// Bytes as they are.
[[nodiscard]] std::unique_ptr<Transport> MakePlainTransport(int socket);

}  // namespace holdfast::server::net
