#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "resp/request_parser.h"
#include "server/engine/engine.h"
#include "server/net/poller.h"
#include "server/net/transport.h"

namespace holdfast::server::net {

class Loop;

// One connection: bytes from the socket become requests, replies become bytes. Reads are non-blocking into
// the loop's shared buffer, so that an idle or blocked connection holds no buffer of its own.
//
// Kept alive by the loop and by what it posted to itself.
class Session : public engine::Connection,
                public Poller::Handler,
                public std::enable_shared_from_this<Session> {
 public:
  Session(Loop& loop, std::unique_ptr<Transport> transport, const resp::RequestLimits& limits,
          resp::RequestParser::Access access);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Registers with the engine and begins to read.
  void Start(const engine::Peer& peer);
  // Whether nothing is left to send, or nothing can be.
  [[nodiscard]] bool finished() const { return retired_ || unsent_bytes() == 0; }
  // Closes the socket and tells the engine, which forgets the client.
  void Bury();

  // engine::Connection.
  void Send(std::string_view bytes) override;
  void CloseAfterFlush() override;
  void Abort() override;
  [[nodiscard]] bool IsAlive() override;
  [[nodiscard]] bool IsDelivered() override { return unsent_bytes() == 0 && transport_->IsDelivered(); }
  [[nodiscard]] size_t unsent_bytes() const override { return unsent_.size() - sent_; }
  void Resume() override;

  // Poller::Handler.
  void OnReady(bool readable, bool writable, bool ended) override;

 private:
  // Reads if there may be something and it is wanted.
  void ReadOn();
  // Reads what the socket holds, up to a bound a turn. False when the peer has closed or the socket is
  // broken.
  [[nodiscard]] bool ReadSome();
  // Has read what the socket does not tell of any more.
  void ReadPending();
  // Whether a client begins with a TLS handshake where none is expected: it is told so, in the clear.
  [[nodiscard]] bool Refuses(std::string_view input);
  // Submits the requests that are whole. Stops at a hold, a full turn or the end of input.
  void SubmitRequests();
  void SubmitWhole();
  void SubmitLater();
  // The peer sends no more: closes after the turn that runs its last request, once its replies are out.
  void EndInputWhenDrained();
  // Nothing can or need be sent any more: close after the turn.
  void Retire();
  void Flush();
  // Flush is called when the socket takes bytes.
  void AwaitRoom();
  // Whether the client has so much to read that nothing more is taken from it.
  [[nodiscard]] bool crowded() const;

  Loop& loop_;
  std::unique_ptr<Transport> transport_;  // none once buried
  engine::ClientId client_ = 0;
  resp::RequestParser parser_;
  std::string unsent_;
  size_t sent_ = 0;          // bytes at the front of unsent_ that the socket has taken
  bool readable_ = false;    // the socket may hold input: nothing will tell again
  bool peer_ended_ = false;  // an end or an error stands behind the input
  bool heard_ = false;       // something was read
  bool waiting_writable_ = false;
  bool read_needs_room_ = false;  // the transport must send before it reads on
  bool submitting_ = false;
  bool submitting_later_ = false;
  bool input_ended_ = false;
  bool held_ = false;     // the engine wants no more requests until Resume
  bool closing_ = false;  // nothing is read any more; closes when unsent_ is out
  bool retired_ = false;
};

}  // namespace holdfast::server::net
