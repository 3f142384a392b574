#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "server/net/tls_context.h"
#include "server/net/transport.h"

namespace holdfast::server::net {

// TLS handshakes on a few threads of their own, so that workers who reconnect in their thousands cost the
// engine's thread no more than plain ones. A thread serves many handshakes at once, none waits for a slow
// client; each has a time to be done by. Until a client has sent something it costs a descriptor and little
// else.
//
//   Handshakes handshakes(io, {});
//   if (!handshakes.full()) handshakes.Begin(socket, context, [](Handshakes::Outcome outcome) { ... });
//
// The thread of `io` calls everything, and is where outcomes are told.
class Handshakes {
 public:
  struct Limits {
    size_t threads = 1;
    // More must wait: see full.
    size_t most = 2048;
    absl::Duration patience = absl::Seconds(10);
    // For a client that was refused to read why before the connection is closed.
    absl::Duration farewell = absl::Seconds(1);
  };
  struct Outcome {
    std::unique_ptr<Transport> transport;  // none if the handshake failed, and the socket is closed
    std::string failure;
  };
  using Then = absl::AnyInvocable<void(Outcome)>;

  // As many threads as this machine can spare.
  [[nodiscard]] static Limits LimitsOfThisMachine();

  // `io` must outlive the handshakes.
  Handshakes(boost::asio::io_context& io, const Limits& limits);
  // Ends those under way; nothing is told of them.
  ~Handshakes();
  Handshakes(const Handshakes&) = delete;
  Handshakes& operator=(const Handshakes&) = delete;

  // Takes over `socket`, which is connected and non-blocking; `then` is called once, never from inside.
  void Begin(int socket, TlsContext context, Then then);
  // Begun, and their outcome not told yet.
  [[nodiscard]] size_t under_way() const { return *under_way_; }
  // Whether Begin must not be called now.
  [[nodiscard]] bool full() const { return *under_way_ >= limits_.most; }

 private:
  class Handshake;

  boost::asio::io_context& io_;
  const Limits limits_;
  // Shared with what was posted to io_, which may be destroyed there later than this.
  const std::shared_ptr<size_t> under_way_ = std::make_shared<size_t>(0);
  boost::asio::io_context pool_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::server::net
