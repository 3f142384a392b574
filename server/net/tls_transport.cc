#include "server/net/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <string>
#include <utility>

namespace holdfast::server::net {
namespace {

// OpenSSL keeps errors in a queue of the thread's, and takes one that was left there for the failure of its
// next call, whichever connection that is for: so the queue is emptied before.

// How much one call encrypts before other connections have their turn.
constexpr size_t kMaxWriteBytes = 1 << 20;

class TlsTransport final : public Transport {
 public:
  TlsTransport(int socket, SslPointer ssl) : Transport(socket), ssl_(std::move(ssl)) {}

  ~TlsTransport() override {
    if (broken_) return;
    ERR_clear_error();
    // A record that is half out cannot be followed by another.
    if (!write_waits_) (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
    // A worker that leaves without a farewell may still resume its session: the records it sent were whole.
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  // One call of SSL_read gives one record at most.
  Progress Read(std::span<char> buffer) override {
    if (broken_) return {0, Next::kEnded};
    ERR_clear_error();
    Progress progress;
    while (progress.bytes < buffer.size()) {
      size_t count = 0;
      const int status =
          SSL_read_ex(ssl_.get(), buffer.data() + progress.bytes, buffer.size() - progress.bytes, &count);
      if (status != 1) {
        progress.next = AfterFailure(status);
        // The end is said again by the next call.
        if (progress.next == Next::kEnded && progress.bytes > 0) progress.next = Next::kMore;
        return progress;
      }
      progress.bytes += count;
    }
    return progress;
  }

  // One call of SSL_write takes one record at most.
  Progress Write(std::string_view bytes) override {
    if (broken_) return {0, Next::kEnded};
    ERR_clear_error();
    Progress progress;
    while (progress.bytes < bytes.size()) {
      if (progress.bytes >= kMaxWriteBytes) return progress;
      size_t count = 0;
      const int status =
          SSL_write_ex(ssl_.get(), bytes.data() + progress.bytes, bytes.size() - progress.bytes, &count);
      write_waits_ = status != 1;
      if (status != 1) {
        const Next next = AfterFailure(status);
        // It asks for input only in a renegotiation, which is off.
        progress.next = next == Next::kRoom ? Next::kReady : Next::kEnded;
        return progress;
      }
      progress.bytes += count;
    }
    return progress;
  }

  [[nodiscard]] bool pending() const override {
    return broken_ || SSL_has_pending(ssl_.get()) != 0 || HasHeardTheEnd();
  }

  // A peer may say close_notify and keep its socket open.
  bool IsAlive() override {
    if (broken_ || HasHeardTheEnd() || !SocketIsAlive()) return false;
    ERR_clear_error();
    char byte = 0;
    size_t count = 0;
    const int status = SSL_peek_ex(ssl_.get(), &byte, 1, &count);
    return status == 1 || AfterFailure(status) != Next::kEnded;
  }

 private:
  [[nodiscard]] bool HasHeardTheEnd() const {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

  Next AfterFailure(int status) {
    switch (SSL_get_error(ssl_.get(), status)) {
      case SSL_ERROR_WANT_READ:
        return Next::kReady;
      case SSL_ERROR_WANT_WRITE:
        return Next::kRoom;
      case SSL_ERROR_ZERO_RETURN:
        return Next::kEnded;
      case SSL_ERROR_SYSCALL:
        NoteError();
        [[fallthrough]];
      default:
        broken_ = true;
        return Next::kEnded;
    }
  }

  SslPointer ssl_;
  bool broken_ = false;
  bool write_waits_ = false;  // a record is encrypted and not out yet
};

}  // namespace

void FreeSsl::operator()(SSL* ssl) const { SSL_free(ssl); }

std::string TlsErrorText() {
  // The first is the cause; the others say who else had to give up for it.
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "error " + std::to_string(error) : reason;
}

std::unique_ptr<Transport> MakeTlsTransport(int socket, SslPointer ssl) {
  return std::make_unique<TlsTransport>(socket, std::move(ssl));
}

}  // namespace holdfast::server::net
