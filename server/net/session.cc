#include "server/net/session.h"

#include <boost/asio/post.hpp>
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

// A handshake record of TLS 1.x, which no request begins with.
bool BeginsTls(std::string_view bytes) { return bytes.starts_with("\x16\x03"); }

}  // namespace

Session::Session(Loop& loop, std::unique_ptr<Transport> transport, const resp::RequestLimits& limits,
                 resp::RequestParser::Access access)
    : loop_(loop), transport_(std::move(transport)), parser_(limits, access) {}

void Session::Start(const engine::Peer& peer) {
  client_ = loop_.engine_.Connect(peer, *this);
  loop_.poller_.Add(transport_->socket(), *this);
  ReadPending();
}

void Session::Bury() {
  retired_ = true;
  loop_.engine_.Disconnect(client_);
  loop_.poller_.Remove(transport_->socket(), *this);
  transport_.reset();
}

void Session::OnReady(bool readable, bool writable, bool ended) {
  readable_ = readable_ || readable || read_needs_room_;
  peer_ended_ = peer_ended_ || ended;
  if (writable && waiting_writable_ && !retired_) Flush();
  if (readable || read_needs_room_) ReadOn();
}

void Session::ReadPending() {
  if (!transport_->pending()) return;
  readable_ = true;
  SubmitLater();
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
    const auto [count, next] = transport_->Read(buffer);
    if (next == Transport::Next::kEnded) return false;
    // The socket is dry, unless its end is to be read. Said before the requests run, whose script may hear of
    // more.
    if (next == Transport::Next::kReady && (count == 0 || !peer_ended_)) readable_ = false;
    if ((read_needs_room_ = next == Transport::Next::kRoom)) {
      readable_ = false;
      AwaitRoom();
    }
    if (count == 0) return true;
    total += count;
    if (Refuses({buffer.data(), count})) return true;
    parser_.Feed({buffer.data(), count});
    SubmitRequests();
    // The buffer is read into again: what was not parsed moves to the parser's own memory.
    parser_.Retain();
    if (submitting_later_ || crowded()) return true;
  }
  return true;
}

bool Session::Refuses(std::string_view input) {
  if (std::exchange(heard_, true) || !BeginsTls(input)) return false;
  closing_ = true;
  loop_.engine_.Refuse(client_, "ERR Protocol error: this port does not speak TLS");
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
  if (unsent_bytes() == 0 && !bytes.empty()) {
    const auto [count, next] = transport_->Write(bytes);
    if (next == Transport::Next::kEnded) return Retire();
    bytes.remove_prefix(count);
  }
  if (bytes.empty()) return;
  unsent_.append(bytes);
  if (!waiting_writable_ && !retired_) AwaitRoom();
}

void Session::AwaitRoom() {
  waiting_writable_ = true;
  loop_.poller_.Change(transport_->socket(), *this, Poller::Interest::kReadAndWrite);
}

bool Session::crowded() const { return unsent_bytes() > kMaxUnsentBytes; }

void Session::Flush() {
  const bool was_crowded = crowded();
  if (unsent_bytes() > 0) {
    const auto [count, next] = transport_->Write(std::string_view(unsent_).substr(sent_));
    if (next == Transport::Next::kEnded) return Retire();
    sent_ += count;
    // It stopped of itself: the socket must tell again that it has room.
    if (next == Transport::Next::kMore && unsent_bytes() > 0) AwaitRoom();
  }
  if (was_crowded && !crowded()) SubmitLater();
  if (unsent_bytes() > 0) return;
  waiting_writable_ = false;
  loop_.poller_.Change(transport_->socket(), *this, Poller::Interest::kRead);
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
  const bool alive = transport_->IsAlive();
  ReadPending();
  return alive;
}

}  // namespace holdfast::server::net
