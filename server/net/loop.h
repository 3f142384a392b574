#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

#include "server/engine/engine.h"
#include "server/net/poller.h"
#include "server/net/session.h"
#include "server/net/transport.h"

namespace holdfast::server::net {

// The one thread's loop: sockets that are ready are read and their requests submitted; when nothing more is
// at hand (or the turn is full) the turn ends, and its replies leave. Owns all sessions.
//
// One thread, the engine's.
class Loop {
 public:
  // All three must outlive the loop.
  Loop(boost::asio::io_context& io, engine::Engine& engine, const engine::Settings& settings);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until Stop. The turn that is open then is still ended and its replies are sent.
  void Run();
  void Stop() { stopping_ = true; }
  [[nodiscard]] bool stopping() const { return stopping_; }

  // Serves a connection from now on: it closes with its session.
  void Adopt(std::unique_ptr<Transport> transport, const engine::Peer& peer);

  // Reads sockets once, without waiting and without ending the turn: for a script that is over its time.
  void PollWithinTurn();

  [[nodiscard]] boost::asio::io_context& io() { return io_; }

 private:
  friend class Session;

  // Memory to read into; what it holds is gone when the session's handler returns.
  [[nodiscard]] std::span<char> buffer() { return polling_within_turn_ ? inner_buffer_ : outer_buffer_; }
  // Whether a session should leave the rest of its input for the next turn.
  [[nodiscard]] bool TurnIsFull() const { return !polling_within_turn_ && engine_.TurnIsFull(); }
  // The session has ended: it is disconnected from the engine after the turn, when its last replies were
  // given to it.
  void Retire(const std::shared_ptr<Session>& session);
  void BuryRetired();
  // Runs one handler of a socket or of the io_context; false when nothing is at hand.
  bool RunOne();

  boost::asio::io_context& io_;
  Poller poller_;
  engine::Engine& engine_;
  const engine::Settings& settings_;
  bool stopping_ = false;
  bool polling_within_turn_ = false;
  std::vector<char> outer_buffer_;
  std::vector<char> inner_buffer_;  // the outer one holds the words of the script that is running
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::vector<std::shared_ptr<Session>> retired_;
};

}  // namespace holdfast::server::net
