#include "server/net/loop.h"

#include <chrono>
#include <utility>

#include "absl/time/time.h"

namespace holdfast::server::net {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
// A look at the sockets from within a script must end, however fast clients knock.
constexpr int kMaxHandlersWithinTurn = 1000;

}  // namespace

Loop::Loop(boost::asio::io_context& io, engine::Engine& engine, const engine::Settings& settings)
    : io_(io),
      poller_(io),
      engine_(engine),
      settings_(settings),
      outer_buffer_(kBufferBytes),
      inner_buffer_(kBufferBytes) {}

Loop::~Loop() {
  for (const auto& session : sessions_) session->Bury();
}

void Loop::Run() {
  while (!stopping_) {
    io_.restart();
    if (!RunOne()) {
      poller_.WakeLoop();
      io_.run_one_for(absl::ToChronoNanoseconds(engine_.TimeToNextTick()));
    }
    while (!stopping_ && !engine_.TurnIsFull() && RunOne()) {
    }
    engine_.EndTurn();
    BuryRetired();
    engine_.Tick();
    // What the tick changed (keys that expired, clients whose time is over) is a turn as well.
    engine_.EndTurn();
    BuryRetired();
  }
  engine_.SendDelayed();
}

bool Loop::RunOne() {
  // One of the io_context's (a new connection, a signal, input that was left over) after each round of
  // sockets.
  const bool ran = poller_.RunOne();
  return (poller_.spent() && io_.poll_one() > 0) || ran;
}

void Loop::Adopt(std::unique_ptr<Transport> transport, const engine::Peer& peer) {
  const auto access =
      engine_.needs_login() ? resp::RequestParser::Access::kDenied : resp::RequestParser::Access::kGranted;
  auto session = std::make_shared<Session>(*this, std::move(transport), settings_.request_limits(), access);
  sessions_.insert(session);
  session->Start(peer);
}

void Loop::PollWithinTurn() {
  polling_within_turn_ = true;
  for (int handlers = 0; handlers < kMaxHandlersWithinTurn && RunOne(); ++handlers) {
  }
  polling_within_turn_ = false;
}

void Loop::Retire(const std::shared_ptr<Session>& session) { retired_.push_back(session); }

void Loop::BuryRetired() {
  // Burying one may end another (its last words reach a closed socket).
  while (!retired_.empty()) {
    const std::vector<std::shared_ptr<Session>> retired = std::exchange(retired_, {});
    for (const auto& session : retired) {
      // One that still has replies to send retires again when they are out.
      if (session->finished() && sessions_.erase(session) > 0) session->Bury();
    }
  }
}

}  // namespace holdfast::server::net
