#pragma once

#include <deque>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "resp/reply_parser.h"
#include "server/engine/engine.h"

namespace holdfast::harness {

// A client without a socket: what the engine sends is parsed into replies.
class TestClient final : public server::engine::Connection {
 public:
  // All replies and messages that have arrived since the last call.
  [[nodiscard]] std::vector<resp::Reply> Take();
  // The raw bytes that have arrived since the last call.
  [[nodiscard]] std::string TakeBytes() { return std::exchange(bytes_, {}); }

  [[nodiscard]] bool closed() const { return closed_; }
  // The peer is gone, but nobody has told the engine.
  void Die() { alive_ = false; }
  // What was sent has not arrived, as far as the sender's system knows.
  void LoseReplies() { delivered_ = false; }
  // Nothing that is sent leaves the socket any more.
  void StopReading() { reading_ = false; }

  // server::engine::Connection.
  void Send(std::string_view bytes) override;
  void CloseAfterFlush() override { closed_ = true; }
  void Abort() override { closed_ = true; }
  [[nodiscard]] bool IsAlive() override { return alive_; }
  [[nodiscard]] bool IsDelivered() override { return delivered_; }
  [[nodiscard]] size_t unsent_bytes() const override { return unsent_; }
  void Resume() override { held_ = false; }

 private:
  friend class EngineHarness;

  std::string bytes_;
  size_t unsent_ = 0;
  bool closed_ = false;
  bool alive_ = true;
  bool delivered_ = true;
  bool reading_ = true;
  bool held_ = false;
  server::engine::ClientId id_ = 0;
  std::deque<std::vector<std::string>> pending_;  // requests behind a blocking one
};

}  // namespace holdfast::harness
