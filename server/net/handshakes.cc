#include "server/net/handshakes.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <cerrno>
#include <string_view>
#include <utility>

#include "server/net/tls_transport.h"

namespace holdfast::server::net {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr size_t kMostThreads = 4;
// A handshake yields to the engine where they share a processor.
constexpr int kNice = 5;
// The first byte of a TLS connection: a record of kind handshake.
constexpr char kHandshakeRecord = 0x16;
constexpr std::string_view kNotTls =
    "-ERR Protocol error: this port speaks TLS only (redis-cli --tls, rediss://)\r\n";

}  // namespace

// One handshake, in a strand of the pool: its handlers run one at a time. Kept alive by the handlers that
// wait.
class Handshakes::Handshake : public std::enable_shared_from_this<Handshake> {
 public:
  using Told = absl::AnyInvocable<void(Outcome)>;

  Handshake(boost::asio::io_context& pool, int socket, TlsContext context, const Limits& limits, Told told)
      : strand_(boost::asio::make_strand(pool)),
        socket_(strand_, socket),
        timer_(strand_),
        context_(std::move(context)),
        limits_(limits),
        told_(std::move(told)) {}

  void Start() {
    boost::asio::post(strand_, [self = shared_from_this()] {
      self->SetTimer(self->limits_.patience, "it took too long");
      self->Await(stream_descriptor::wait_read);
    });
  }

 private:
  void SetTimer(absl::Duration duration, std::string_view failure) {
    timer_.expires_after(absl::ToChronoNanoseconds(duration));
    timer_.async_wait([self = shared_from_this(), failure](const boost::system::error_code& stopped) {
      if (!stopped) self->Close(std::string(failure));
    });
  }

  void Await(stream_descriptor::wait_type readiness) {
    socket_.async_wait(readiness, [self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && !self->done_) self->failed_ ? self->ReadOut() : self->Step();
    });
  }

  void Step() {
    if (ssl_ == nullptr) {
      std::string failure = Open();
      if (!failure.empty()) return Refuse(std::move(failure));
    }
    ERR_clear_error();
    const int status = SSL_accept(ssl_.get());
    if (status == 1) return Finish();
    switch (SSL_get_error(ssl_.get(), status)) {
      case SSL_ERROR_WANT_READ:
        return Await(stream_descriptor::wait_read);
      case SSL_ERROR_WANT_WRITE:
        return Await(stream_descriptor::wait_write);
      default:
        return Refuse(FailureText());
    }
  }

  // Something has come: makes what TLS needs, if it is TLS. Returns why it is not, empty if it is.
  std::string Open() {
    char first = 0;
    const ssize_t count = recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count <= 0) return "the client left";
    if (first != kHandshakeRecord) {
      (void)send(socket_.native_handle(), kNotTls.data(), kNotTls.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      return "the client does not speak TLS";
    }
    ssl_.reset(SSL_new(context_.get()));
    const bool opened = ssl_ != nullptr && SSL_set_fd(ssl_.get(), socket_.native_handle()) == 1;
    return opened ? "" : TlsErrorText();
  }

  std::string FailureText() {
    const std::string text = ERR_peek_error() == 0 ? "the client left" : TlsErrorText();
    const long verdict = SSL_get_verify_result(ssl_.get());
    return verdict == X509_V_OK ? text : text + ": " + X509_verify_cert_error_string(verdict);
  }

  void Finish() { Tell({MakeTlsTransport(socket_.release(), std::move(ssl_)), {}}); }

  // Closing at once would take back what was said, if the client has said more meanwhile (a reset, tcp(7)).
  void Refuse(std::string why) {
    failed_ = true;
    failure_ = std::move(why);
    shutdown(socket_.native_handle(), SHUT_WR);
    SetTimer(limits_.farewell, failure_);
    ReadOut();
  }

  void ReadOut() {
    std::array<char, 4096> input;
    const ssize_t count = recv(socket_.native_handle(), input.data(), input.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) return Close(failure_);
    Await(stream_descriptor::wait_read);
  }

  void Close(std::string why) {
    if (done_) return;
    ssl_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
    Tell({nullptr, std::move(why)});
  }

  void Tell(Outcome outcome) {
    done_ = true;
    timer_.cancel();
    told_(std::move(outcome));
  }

  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  const TlsContext context_;
  const Limits& limits_;
  Told told_;
  SslPointer ssl_;  // none before the first byte
  std::string failure_;
  bool failed_ = false;  // the client is let to read why
  bool done_ = false;
};

Handshakes::Limits Handshakes::LimitsOfThisMachine() {
  Limits limits;
  limits.threads = std::clamp<size_t>(std::thread::hardware_concurrency() / 2, 1, kMostThreads);
  return limits;
}

Handshakes::Handshakes(boost::asio::io_context& io, const Limits& limits)
    : io_(io), limits_(limits), work_(pool_.get_executor()) {
  for (size_t i = 0; i < limits_.threads; ++i) {
    threads_.emplace_back([this] {
      // Of a thread, not of the process: setpriority(2). What the system refuses costs the engine time only.
      setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
      pool_.run();
    });
  }
}

Handshakes::~Handshakes() {
  pool_.stop();
  for (std::thread& thread : threads_) thread.join();
}

void Handshakes::Begin(int socket, TlsContext context, Then then) {
  ++*under_way_;
  auto told = [&io = io_, under_way = under_way_, then = std::move(then)](Outcome outcome) mutable {
    boost::asio::post(io, [under_way, then = std::move(then), outcome = std::move(outcome)]() mutable {
      --*under_way;
      then(std::move(outcome));
    });
  };
  std::make_shared<Handshake>(pool_, socket, std::move(context), limits_, std::move(told))->Start();
}

}  // namespace holdfast::server::net
