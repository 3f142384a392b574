#include "server/net/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include "server/net/socket.h"

namespace holdfast::server::net {
namespace {

constexpr int kMaxAcceptsAtOnce = 64;
// Until some client has gone and left its file descriptor.
constexpr std::chrono::milliseconds kRest(100);

constexpr std::string_view kTooMany = "-ERR max number of clients reached\r\n";
constexpr std::string_view kProtected =
    "-DENIED Holdfast is running in protected mode because protected mode is enabled and no password is set "
    "for the "
    "default user. In this mode connections are only accepted from the loopback interface. Set a password "
    "with "
    "'requirepass', or set 'protected-mode no' if only trusted hosts can reach this port.\r\n";

}  // namespace

struct Listener::Door {
  Door(boost::asio::io_context& io, int socket) : listening(io, socket), rest(io) {}

  boost::asio::posix::stream_descriptor listening;
  boost::asio::steady_timer rest;
};

Listener::Listener(Loop& loop, engine::Engine& engine, const engine::Settings& settings)
    : loop_(loop), engine_(engine), settings_(settings) {}

Listener::~Listener() {
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

absl::Status Listener::Open() {
  const int port = static_cast<int>(settings_.Integer("port"));
  std::string_view addresses = settings_.Text("bind");
  while (port != 0 && !addresses.empty()) {
    std::string_view address = addresses.substr(0, addresses.find(' '));
    addresses.remove_prefix(std::min(addresses.size(), address.size() + 1));
    if (address.empty()) continue;
    const bool optional = address.starts_with('-');
    if (optional) address.remove_prefix(1);
    const absl::Status opened = OpenTcp(address, port);
    if (!opened.ok() && !optional) return opened;
  }
  const std::string& path = settings_.Text("unixsocket");
  if (!path.empty()) {
    const absl::Status opened = OpenUnix(path);
    if (!opened.ok()) return opened;
  }
  if (!doors_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("nothing to listen on: set 'port' and 'bind', or 'unixsocket'");
}

absl::Status Listener::OpenTcp(std::string_view address, int port) {
  const absl::StatusOr<int> socket =
      ListenTcp(address, port, static_cast<int>(settings_.Integer("tcp-backlog")));
  if (!socket.ok()) return socket.status();
  OpenDoor(*socket);
  return absl::OkStatus();
}

absl::Status Listener::OpenUnix(const std::string& path) {
  const std::string& octal = settings_.Text("unixsocketperm");
  int permissions = 0;
  std::from_chars(octal.data(), octal.data() + octal.size(), permissions, 8);
  const absl::StatusOr<int> socket =
      ListenUnix(path, permissions, static_cast<int>(settings_.Integer("tcp-backlog")));
  if (!socket.ok()) return socket.status();
  unix_path_ = path;
  OpenDoor(*socket);
  return absl::OkStatus();
}

void Listener::OpenDoor(int socket) {
  doors_.push_back(std::make_unique<Door>(loop_.io(), socket));
  Accept(*doors_.back());
}

void Listener::Accept(Door& door) {
  door.listening.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [this, &door](const boost::system::error_code& error) {
                              if (error) return;
                              if (AcceptSome(door)) return Accept(door);
                              door.rest.expires_after(kRest);
                              door.rest.async_wait([this, &door](const boost::system::error_code& stopped) {
                                if (!stopped) Accept(door);
                              });
                            });
}

bool Listener::AcceptSome(Door& door) {
  for (int accepts = 0; accepts < kMaxAcceptsAtOnce; ++accepts) {
    const int socket =
        accept4(door.listening.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    (void)getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    Admit(socket, address.ss_family == AF_UNIX);
  }
  return true;
}

void Listener::Admit(int socket, bool unix_socket) {
  const std::string refusal = Refusal(PeerIsLocal(socket));
  if (!refusal.empty()) {
    (void)send(socket, refusal.data(), refusal.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    close(socket);
    return;
  }
  if (!unix_socket) TuneTcp(socket, absl::Seconds(settings_.Integer("tcp-keepalive")));
  engine::Peer peer;
  peer.address = AddressText(socket, End::kPeer, unix_path_);
  peer.local_address = AddressText(socket, End::kLocal, unix_path_);
  peer.socket = socket;
  peer.unix_socket = unix_socket;
  loop_.Adopt(socket, peer);
}

std::string Listener::Refusal(bool from_this_machine) const {
  if (engine_.client_count() >= static_cast<size_t>(settings_.Integer("maxclients")))
    return std::string(kTooMany);
  if (!from_this_machine && settings_.Flag("protected-mode") && settings_.password().empty()) {
    return std::string(kProtected);
  }
  return {};
}

}  // namespace holdfast::server::net
