#include "server/net/session.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <span>
#include <utility>

#include "server/net/loop.h"

namespace holdfast::server::net {
namespace {

// How much one connection may bring into a turn before the others have theirs.
constexpr size_t kMaxReadBytesPerTurn = 256 << 10;
// How much is read ahead for a client that is blocked or held back; beyond it TCP holds the rest.
constexpr size_t kMaxReadAheadBytes = 1 << 20;
// A client that reads its replies slower than it asks for more is not listened to until it has caught up. Far
// above what a pipeline asks for before it begins to read.
constexpr size_t kMaxUnsentBytes = 64 << 20;

}  // namespace

Session::Session(Loop& loop, int socket, const resp::RequestLimits& limits,
                 resp::RequestParser::Access access)
    : loop_(loop), socket_(socket), parser_(limits, access) {}

Session::~Session() {
  if (socket_ >= 0) close(socket_);
}

void Session::Start(const engine::Peer& peer) {
  client_ = loop_.engine_.Connect(peer, *this);
  loop_.poller_.Add(socket_, *this);
}

void Session::Bury() {
  retired_ = true;
  loop_.engine_.Disconnect(client_);
  loop_.poller_.Remove(socket_, *this);
  close(std::exchange(socket_, -1));
}

void Session::OnReady(bool readable, bool writable, bool ended) {
  readable_ = readable_ || readable;
  peer_ended_ = peer_ended_ || ended;
  if (writable && waiting_writable_ && !retired_) Flush();
  if (readable) ReadOn();
}

void Session::ReadOn() {
  // From inside its own script, which lets the loop poll: whoever submitted that one reads on.
  if (!readable_ || submitting_ || input_ended_ || closing_ || retired_) return;
  if (loop_.TurnIsFull()) return SubmitLater();
  if (crowded()) return;
  const bool open = ReadSome();
  parser_.Retain();
  if (!open) {
    input_ended_ = true;
    return EndInputWhenDrained();
  }
  // A held client's input stays in the socket once enough is read ahead, a crowded one's until it has read:
  // Resume and Flush read on.
  if (readable_ && !held_ && !crowded()) SubmitLater();
}

bool Session::ReadSome() {
  size_t total = 0;
  while (readable_ && total < kMaxReadBytesPerTurn && !closing_) {
    if (held_ && parser_.pending_bytes() >= kMaxReadAheadBytes) return true;
    const std::span<char> buffer = loop_.buffer();
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) readable_ = false;
    if (count <= 0) return count < 0 && !readable_;
    // Less than asked for: the socket is dry, unless its end is to be read. Said before the requests run,
    // whose script may hear of more.
    if (static_cast<size_t>(count) < buffer.size() && !peer_ended_) readable_ = false;
    total += static_cast<size_t>(count);
    parser_.Feed({buffer.data(), static_cast<size_t>(count)});
    SubmitRequests();
    // The buffer is read into again: what was not parsed moves to the parser's own memory.
    parser_.Retain();
    if (submitting_later_ || crowded()) return true;
  }
  return true;
}

void Session::SubmitRequests() {
  if (submitting_) return;
  submitting_ = true;
  SubmitWhole();
  submitting_ = false;
}

void Session::SubmitWhole() {
  resp::Request request;
  while (!held_ && !closing_ && !retired_ && !crowded()) {
    if (loop_.TurnIsFull()) {
      parser_.Retain();
      return SubmitLater();
    }
    switch (parser_.Next(request)) {
      case resp::RequestParser::Result::kNeedMore:
        return;
      case resp::RequestParser::Result::kError:
        closing_ = true;
        return loop_.engine_.Refuse(client_, parser_.error());
      case resp::RequestParser::Result::kRequest:
        break;
    }
    const engine::Engine::Verdict verdict = loop_.engine_.Submit(client_, request);
    parser_.set_access(loop_.engine_.IsAuthenticated(client_) ? resp::RequestParser::Access::kGranted
                                                              : resp::RequestParser::Access::kDenied);
    switch (verdict) {
      case engine::Engine::Verdict::kReady:
        break;
      case engine::Engine::Verdict::kHeld:
        held_ = true;
        break;
      case engine::Engine::Verdict::kClosing:
        closing_ = true;
        break;
    }
  }
}

void Session::SubmitLater() {
  if (submitting_later_) return;
  submitting_later_ = true;
  boost::asio::post(loop_.io(), [self = shared_from_this()] {
    self->submitting_later_ = false;
    self->SubmitRequests();
    self->EndInputWhenDrained();
    self->ReadOn();
  });
}

void Session::Resume() {
  held_ = false;
  SubmitLater();
}

void Session::EndInputWhenDrained() {
  if (!input_ended_ || closing_) return;
  // Requests that a full turn or unread replies left over still count: a client may send all and close its
  // side.
  if (!held_ && (submitting_later_ || crowded())) return;
  closing_ = true;
  loop_.Retire(shared_from_this());
}

void Session::Retire() {
  if (retired_) return;
  retired_ = true;
  loop_.Retire(shared_from_this());
}

void Session::Send(std::string_view bytes) {
  if (unsent_bytes() == 0) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return Retire();
    bytes.remove_prefix(count < 0 ? 0 : static_cast<size_t>(count));
  }
  if (bytes.empty()) return;
  unsent_.append(bytes);
  if (waiting_writable_ || retired_) return;
  waiting_writable_ = true;
  loop_.poller_.Change(socket_, *this, Poller::Interest::kReadAndWrite);
}

bool Session::crowded() const { return unsent_bytes() > kMaxUnsentBytes; }

void Session::Flush() {
  const bool was_crowded = crowded();
  const std::string_view rest = std::string_view(unsent_).substr(sent_);
  const ssize_t count = send(socket_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return Retire();
  if (count > 0) sent_ += static_cast<size_t>(count);
  if (was_crowded && !crowded()) SubmitLater();
  if (unsent_bytes() > 0) return;
  waiting_writable_ = false;
  loop_.poller_.Change(socket_, *this, Poller::Interest::kRead);
  // Back to what an idle connection holds.
  unsent_ = std::string();
  sent_ = 0;
  if (closing_) Retire();
}

void Session::CloseAfterFlush() {
  closing_ = true;
  if (unsent_bytes() == 0) Retire();
}

void Session::Abort() {
  closing_ = true;
  Retire();
}

bool Session::IsAlive() {
  if (retired_) return false;
  pollfd state{socket_, POLLRDHUP, 0};
  return poll(&state, 1, 0) >= 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

}  // namespace holdfast::server::net
