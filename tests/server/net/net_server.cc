#include "tests/server/net/net_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>

#include "server/net/live_settings.h"

namespace holdfast::server::net {
namespace {

std::string FreshPath() {
  static std::atomic<int> count = 0;
  return testing::TempDir() + "holdfast-net-" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

void GiveUpAfterTenSeconds(int socket) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

}  // namespace

NetServer::NetServer(std::string_view maxclients)
    : path_(FreshPath()),
      engine_(env_, table_, settings_, *this),
      loop_(io_, engine_, settings_),
      listener_(loop_, engine_, settings_, *this) {
  EXPECT_EQ(settings_.Configure("port", "0"), "");
  EXPECT_EQ(settings_.Configure("unixsocket", path_), "");
  EXPECT_EQ(settings_.Configure("maxclients", maxclients), "");
  engine_.Start(std::make_unique<fakes::MemoryStore>(std::make_shared<fakes::MemoryDisk>(), engine_));
  const absl::Status opened = listener_.Open();
  EXPECT_TRUE(opened.ok()) << opened;
  FollowSettings(settings_, listener_, *this);
  thread_ = std::thread([this] { loop_.Run(); });
}

NetServer::~NetServer() {
  boost::asio::post(io_, [this] { loop_.Stop(); });
  thread_.join();
}

SocketClient::SocketClient(const std::string& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0)
      << std::strerror(errno);
  GiveUpAfterTenSeconds(socket_);
}

SocketClient::SocketClient(const std::string& address, int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, address.c_str(), &peer.sin_addr);
  GiveUpAfterTenSeconds(socket_);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) != 0) Close();
}

SocketClient::~SocketClient() { Close(); }

void SocketClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void SocketClient::EndSending() { shutdown(socket_, SHUT_WR); }

std::string SocketClient::Read(size_t count) {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    const ssize_t got = recv(socket_, bytes.data() + have, count - have, 0);
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::string SocketClient::ReadAll() {
  std::string bytes;
  for (std::string part = Read(1); !part.empty(); part = Read(1)) bytes += part;
  return bytes;
}

void SocketClient::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

}  // namespace holdfast::server::net
