#include "server/net/transport.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace holdfast::server::net {
namespace {

bool SocketIsBusy() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

class PlainTransport final : public Transport {
 public:
  using Transport::Transport;

  Progress Read(std::span<char> buffer) override {
    ssize_t count = 0;
    do {
      count = recv(socket(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count == 0) return {0, Next::kEnded};
    if (count < 0 && !SocketIsBusy()) {
      NoteError();
      return {0, Next::kEnded};
    }
    if (count < 0) return {0, Next::kReady};
    // Less than asked for: the socket is dry.
    const auto bytes = static_cast<size_t>(count);
    return {bytes, bytes < buffer.size() ? Next::kReady : Next::kMore};
  }

  Progress Write(std::string_view bytes) override {
    const ssize_t count = send(socket(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) return {static_cast<size_t>(count), Next::kReady};
    if (SocketIsBusy()) return {0, Next::kReady};
    NoteError();
    return {0, Next::kEnded};
  }

  [[nodiscard]] bool pending() const override { return false; }
  bool IsAlive() override { return SocketIsAlive(); }
};

}  // namespace

Transport::~Transport() { close(socket_); }

bool Transport::SocketIsAlive() const {
  pollfd state{socket_, POLLRDHUP, 0};
  return poll(&state, 1, 0) >= 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

bool Transport::IsDelivered() const {
  int waiting = 0;
  return !reset_ && ioctl(socket_, SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

std::unique_ptr<Transport> MakePlainTransport(int socket) { return std::make_unique<PlainTransport>(socket); }

}  // namespace holdfast::server::net
