#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::server::net {

// System calls on sockets, with errors that say which address or path and why. Sockets are non-blocking and
// closed on exec.

// A listening TCP socket; `address` is numeric, IPv4 or IPv6, or "*" or "::*" for all of a family.
[[nodiscard]] absl::StatusOr<int> ListenTcp(std::string_view address, int port, int backlog);
// A listening unix socket. A file that an earlier server left there is replaced, a living server's is not.
// `permissions` is a file mode, 0 for what the umask gives.
[[nodiscard]] absl::StatusOr<int> ListenUnix(const std::string& path, int permissions, int backlog);

// Sends small replies at once, and notices dead peers after about `keepalive` (zero: never).
void TuneTcp(int socket, absl::Duration keepalive);

enum class End { kLocal, kPeer };
// "127.0.0.1:6379", "[::1]:6379"; for a unix socket "path:0".
[[nodiscard]] std::string AddressText(int socket, End end, const std::string& unix_path);
// Whether the peer is on this machine: a unix socket or a loopback address.
[[nodiscard]] bool PeerIsLocal(int socket);

// Lifts the limit of open files to `wanted` as far as the system allows; returns what it is now.
[[nodiscard]] uint64_t RaiseFileLimit(uint64_t wanted);

}  // namespace holdfast::server::net
