#include "server/net/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include "server/command/words.h"
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
  Door(boost::asio::io_context& io, int socket, DoorKind its_kind)
      : listening(io, socket), rest(io), kind(its_kind) {}

  boost::asio::posix::stream_descriptor listening;
  boost::asio::steady_timer rest;
  const DoorKind kind;
};

Listener::Listener(Loop& loop, engine::Engine& engine, const engine::Settings& settings,
                   engine::Process& process)
    : loop_(loop), engine_(engine), settings_(settings), failures_(loop.io(), process) {}

Listener::~Listener() {
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

absl::Status Listener::Open() {
  absl::Status opened = ApplyBind();
  const std::string& path = settings_.Text("unixsocket");
  if (opened.ok() && !path.empty()) opened = OpenUnix(path);
  if (!opened.ok() || !doors_.empty()) return opened;
  return absl::InvalidArgumentError(
      "nothing to listen on: set 'port' or 'tls-port' and 'bind', or 'unixsocket'");
}

absl::Status Listener::ApplyPort() {
  return Move(DoorKind::kTcp, static_cast<int>(settings_.Integer("port")), port_);
}

absl::Status Listener::ApplyTlsPort() {
  const auto port = static_cast<int>(settings_.Integer("tls-port"));
  if (handshakes_ == nullptr) {
    if (const absl::Status loaded = ReloadTls(); !loaded.ok()) return loaded;
  }
  return Move(DoorKind::kTls, port, tls_port_);
}

absl::Status Listener::ApplyBind() {
  if (settings_.Text("bind") == bind_) return absl::OkStatus();
  // One of the new addresses may stand for old ones ("*"), so these must go first.
  CloseDoors(DoorKind::kTcp);
  CloseDoors(DoorKind::kTls);
  port_ = tls_port_ = 0;
  bind_ = settings_.Text("bind");
  absl::Status opened = ApplyPort();
  if (opened.ok()) opened = ApplyTlsPort();
  return opened;
}

absl::Status Listener::Move(DoorKind kind, int port, int& open) {
  if (port == open) return absl::OkStatus();
  const absl::StatusOr<std::vector<int>> sockets = ListenOn(port);
  if (!sockets.ok()) return sockets.status();
  CloseDoors(kind);
  for (const int socket : *sockets) OpenDoor(socket, kind);
  open = port;
  return absl::OkStatus();
}

absl::Status Listener::ReloadTls() {
  if (settings_.Integer("tls-port") == 0) return absl::OkStatus();
  absl::StatusOr<TlsContext> context = MakeTlsContext(settings_);
  if (!context.ok()) return context.status();
  tls_ = *std::move(context);
  if (handshakes_ == nullptr) {
    handshakes_ = std::make_unique<Handshakes>(loop_.io(), Handshakes::LimitsOfThisMachine());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int>> Listener::ListenOn(int port) const {
  std::vector<int> sockets;
  std::string_view addresses = settings_.Text("bind");
  while (port != 0 && !addresses.empty()) {
    std::string_view address = addresses.substr(0, addresses.find(' '));
    addresses.remove_prefix(std::min(addresses.size(), address.size() + 1));
    if (address.empty()) continue;
    const bool optional = address.starts_with('-');
    if (optional) address.remove_prefix(1);
    const absl::StatusOr<int> socket =
        ListenTcp(address, port, static_cast<int>(settings_.Integer("tcp-backlog")));
    if (socket.ok()) {
      sockets.push_back(*socket);
    } else if (!optional) {
      for (const int opened : sockets) close(opened);
      return socket.status();
    }
  }
  return sockets;
}

absl::Status Listener::OpenUnix(const std::string& path) {
  const std::string& octal = settings_.Text("unixsocketperm");
  int permissions = 0;
  std::from_chars(octal.data(), octal.data() + octal.size(), permissions, 8);
  const absl::StatusOr<int> socket =
      ListenUnix(path, permissions, static_cast<int>(settings_.Integer("tcp-backlog")));
  if (!socket.ok()) return socket.status();
  unix_path_ = path;
  OpenDoor(*socket, DoorKind::kUnix);
  return absl::OkStatus();
}

void Listener::OpenDoor(int socket, DoorKind kind) {
  doors_.push_back(std::make_shared<Door>(loop_.io(), socket, kind));
  Accept(doors_.back());
}

void Listener::CloseDoors(DoorKind kind) {
  std::erase_if(doors_, [kind](const std::shared_ptr<Door>& door) { return door->kind == kind; });
}

// What has arrived for a door is heard of even when it is closed meanwhile.
void Listener::Accept(const std::shared_ptr<Door>& door) {
  const std::weak_ptr<Door> waiting = door;
  door->listening.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, waiting](const boost::system::error_code& error) {
        const std::shared_ptr<Door> ready = waiting.lock();
        if (error || ready == nullptr) return;
        if (AcceptSome(*ready)) return Accept(ready);
        ready->rest.expires_after(kRest);
        ready->rest.async_wait([this, waiting](const boost::system::error_code& stopped) {
          const std::shared_ptr<Door> rested = waiting.lock();
          if (!stopped && rested != nullptr) Accept(rested);
        });
      });
}

bool Listener::AcceptSome(Door& door) {
  for (int accepts = 0; accepts < kMaxAcceptsAtOnce; ++accepts) {
    if (door.kind == DoorKind::kTls && handshakes_->full()) return false;
    const int socket =
        accept4(door.listening.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    Admit(socket, door.kind);
  }
  return true;
}

void Listener::Admit(int socket, DoorKind kind) {
  // Words in the clear would only confuse a client that waits for a handshake.
  if (kind == DoorKind::kTls && IsFull()) {
    engine_.CountRejectedConnection();
    return (void)close(socket);
  }
  if (kind != DoorKind::kUnix) TuneTcp(socket, absl::Seconds(settings_.Integer("tcp-keepalive")));
  engine::Peer peer;
  peer.address = AddressText(socket, End::kPeer, unix_path_);
  peer.local_address = AddressText(socket, End::kLocal, unix_path_);
  peer.socket = socket;
  peer.unix_socket = kind == DoorKind::kUnix;
  if (kind == DoorKind::kTls) return ShakeHands(socket, std::move(peer));
  Welcome(MakePlainTransport(socket), peer);
}

void Listener::ShakeHands(int socket, engine::Peer peer) {
  handshakes_->Begin(socket, tls_, [this, peer = std::move(peer)](Handshakes::Outcome outcome) {
    OnHandshake(peer, std::move(outcome));
  });
}

void Listener::OnHandshake(const engine::Peer& peer, Handshakes::Outcome outcome) {
  if (outcome.transport != nullptr) return Welcome(std::move(outcome.transport), peer);
  failures_.Add(command::Concat({"TLS handshake with ", peer.address, " failed: ", outcome.failure}));
}

void Listener::Welcome(std::unique_ptr<Transport> transport, const engine::Peer& peer) {
  const std::string refusal = Refusal(*transport);
  if (refusal.empty()) return loop_.Adopt(std::move(transport), peer);
  engine_.CountRejectedConnection();
  (void)transport->Write(refusal);
}

bool Listener::IsFull() const {
  const size_t clients = engine_.client_count() + (handshakes_ == nullptr ? 0 : handshakes_->under_way());
  return clients >= static_cast<size_t>(settings_.Integer("maxclients"));
}

std::string Listener::Refusal(const Transport& transport) const {
  if (IsFull()) return std::string(kTooMany);
  if (!PeerIsLocal(transport.socket()) && settings_.Flag("protected-mode") && !engine_.needs_login()) {
    return std::string(kProtected);
  }
  return {};
}

}  // namespace holdfast::server::net
