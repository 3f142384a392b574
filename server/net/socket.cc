#include "server/net/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "server/command/words.h"

namespace holdfast::server::net {
namespace {

using command::Concat;

absl::Status SystemError(std::string_view what, int error) {
  const std::string text = Concat({what, ": ", std::strerror(error)});
  if (error == EADDRINUSE) return absl::AlreadyExistsError(text + " (is another server running?)");
  return absl::InvalidArgumentError(text);
}

// The bind and listen that both families share. Takes over `socket`.
absl::StatusOr<int> Listen(int socket, const sockaddr* address, socklen_t size, int backlog,
                           std::string_view what) {
  if (bind(socket, address, size) == 0 && listen(socket, backlog) == 0) return socket;
  const int error = errno;
  close(socket);
  return SystemError(Concat({"cannot listen on ", what}), error);
}

bool UnixServerAnswers(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return answers;
}

void SetOption(int socket, int level, int option, int value) {
  // A socket without the option is served all the same.
  (void)setsockopt(socket, level, option, &value, sizeof(value));
}

}  // namespace

absl::StatusOr<int> ListenTcp(std::string_view address, int port, int backlog) {
  const std::string host(address == "*" ? "0.0.0.0" : address == "::*" ? "::" : address);
  const std::string what = Concat({host, ":", std::to_string(port)});
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return absl::InvalidArgumentError(Concat({"cannot listen on ", what, ": ", gai_strerror(failure)}));
  }
  const absl::Cleanup free_found = [found] { freeaddrinfo(found); };
  const int handle = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return SystemError(Concat({"cannot listen on ", what}), errno);
  SetOption(handle, SOL_SOCKET, SO_REUSEADDR, 1);
  if (found->ai_family == AF_INET6) SetOption(handle, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return Listen(handle, found->ai_addr, found->ai_addrlen, backlog, what);
}

absl::StatusOr<int> ListenUnix(const std::string& path, int permissions, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(Concat({"the path of the unix socket is too long: ", path}));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (!UnixServerAnswers(address)) unlink(path.c_str());
  const int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return SystemError(Concat({"cannot listen on ", path}), errno);
  absl::StatusOr<int> listening =
      Listen(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address), backlog, path);
  if (listening.ok() && permissions != 0 && chmod(path.c_str(), static_cast<mode_t>(permissions)) != 0) {
    return SystemError(Concat({"cannot set the permissions of ", path}), errno);
  }
  return listening;
}

void TuneTcp(int socket, absl::Duration keepalive) {
  SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  if (keepalive <= absl::ZeroDuration()) return;
  const int seconds = static_cast<int>(absl::ToInt64Seconds(keepalive));
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(seconds / 3, 1));
  SetOption(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

std::string AddressText(int socket, End end, const std::string& unix_path) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int failure =
      end == End::kPeer ? getpeername(socket, generic, &size) : getsockname(socket, generic, &size);
  if (failure != 0) return "?:0";
  if (address.ss_family == AF_UNIX) return unix_path + ":0";
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "0";
  (void)getnameinfo(generic, size, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
  if (address.ss_family == AF_INET6) return Concat({"[", host, "]:", port});
  return Concat({host, ":", port});
}

bool PeerIsLocal(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(address);
    return (ntohl(four.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
  return address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) != 0;
}

uint64_t RaiseFileLimit(uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  rlimit raised = limit;
  raised.rlim_cur = wanted;
  raised.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  // Only root lifts the hard limit; up to it everybody may.
  raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  raised.rlim_max = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace holdfast::server::net
