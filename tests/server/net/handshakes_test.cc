#include "server/net/handshakes.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "tests/server/net/tls_peer.h"

namespace holdfast::server::net {
namespace {

class HandshakesTest : public testing::Test {
 protected:
  HandshakesTest() {
    files_.Configure(settings_);
    limits_.threads = 2;
    limits_.farewell = absl::Milliseconds(20);
  }

  // The server's end goes to the pool, the client's is returned.
  int Begin() {
    if (!handshakes_) handshakes_.emplace(io_, limits_);
    const absl::StatusOr<TlsContext> context = MakeTlsContext(settings_);
    EXPECT_TRUE(context.ok()) << context.status();
    const SocketPair sockets;
    handshakes_->Begin(sockets.ours, *context,
                       [this](Handshakes::Outcome outcome) { outcomes_.push_back(std::move(outcome)); });
    return sockets.theirs;
  }
  // A client that has sent the beginning of its hello.
  int BeginHalfWay() {
    const int client = Begin();
    EXPECT_EQ(send(client, "\x16\x03\x01\x02", 4, 0), 4);
    return client;
  }
  // Lets outcomes be told for a moment.
  void Run() { (void)io_.run_one_for(std::chrono::milliseconds(1)); }
  void AwaitOutcomes(size_t count) {
    for (int rounds = 0; rounds < 10000 && outcomes_.size() < count; ++rounds) Run();
    ASSERT_EQ(outcomes_.size(), count);
  }
  bool ShakeWith(TlsPeer& peer) {
    bool done = false;
    for (int rounds = 0; rounds < 10000 && !done; ++rounds) {
      done = peer.Shake();
      Run();
    }
    return done;
  }

  CertificateFiles files_;
  engine::Settings settings_;
  boost::asio::io_context io_{1};
  // Running waits, though nothing may be at hand yet.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  Handshakes::Limits limits_;
  std::vector<Handshakes::Outcome> outcomes_;
  std::optional<Handshakes> handshakes_;
};

TEST_F(HandshakesTest, GivesATransportWhenItIsDone) {
  TlsPeer peer(Begin());
  EXPECT_EQ(handshakes_->under_way(), 1U);
  EXPECT_TRUE(ShakeWith(peer));
  AwaitOutcomes(1);
  EXPECT_EQ(handshakes_->under_way(), 0U);
  ASSERT_NE(outcomes_[0].transport, nullptr);
  EXPECT_EQ(outcomes_[0].transport->Write("welcome").bytes, 7U);
  EXPECT_EQ(peer.Read(), "welcome");
}

TEST_F(HandshakesTest, ServesManyAtOnceWhileSilentOnesWait) {
  std::vector<int> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(Begin());
  std::vector<std::unique_ptr<TlsPeer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(std::make_unique<TlsPeer>(Begin()));
  for (const auto& peer : peers) EXPECT_TRUE(ShakeWith(*peer));
  AwaitOutcomes(peers.size());
  for (const Handshakes::Outcome& outcome : outcomes_) EXPECT_NE(outcome.transport, nullptr);
  EXPECT_EQ(handshakes_->under_way(), silent.size());
  for (const int socket : silent) close(socket);
  AwaitOutcomes(peers.size() + silent.size());
  EXPECT_EQ(outcomes_.back().failure, "the client left");
}

TEST_F(HandshakesTest, TakesNoMoreThanItsBound) {
  limits_.most = 2;
  const int first = Begin();
  EXPECT_FALSE(handshakes_->full());
  const int second = Begin();
  EXPECT_TRUE(handshakes_->full());
  close(first);
  AwaitOutcomes(1);
  EXPECT_FALSE(handshakes_->full());
  close(second);
}

TEST_F(HandshakesTest, EndsWhoTakesTooLong) {
  limits_.patience = absl::Milliseconds(20);
  const int silent = Begin();
  const int half_way = BeginHalfWay();
  AwaitOutcomes(2);
  for (const Handshakes::Outcome& outcome : outcomes_) EXPECT_EQ(outcome.failure, "it took too long");
  close(silent);
  close(half_way);
}

TEST_F(HandshakesTest, TellsAPlaintextClientWhatIsWrong) {
  const int client = Begin();
  EXPECT_EQ(send(client, "PING\r\n", 6, 0), 6);
  AwaitOutcomes(1);
  EXPECT_EQ(outcomes_[0].failure, "the client does not speak TLS");
  std::array<char, 200> said{};
  EXPECT_GT(recv(client, said.data(), said.size(), 0), 0);
  EXPECT_EQ(std::string(said.data()),
            "-ERR Protocol error: this port speaks TLS only (redis-cli --tls, rediss://)\r\n");
  EXPECT_EQ(recv(client, said.data(), said.size(), 0), 0);
  close(client);
}

TEST_F(HandshakesTest, AClientWithoutARequiredCertificateReadsWhy) {
  EXPECT_EQ(settings_.Configure("tls-auth-clients", "yes"), "");
  EXPECT_EQ(settings_.Configure("tls-ca-cert-file", files_.certificate()), "");
  TlsPeer peer(Begin());
  (void)ShakeWith(peer);
  AwaitOutcomes(1);
  EXPECT_EQ(outcomes_[0].transport, nullptr);
  EXPECT_EQ(outcomes_[0].failure, "peer did not return a certificate");
  EXPECT_EQ(peer.Read(), "");
  EXPECT_EQ(peer.state(), SSL_ERROR_SSL);  // the alert
}

// It may come with the last flight of the handshake, and is then out of the socket already.
TEST_F(HandshakesTest, AnEarlyRequestIsNotLost) {
  TlsPeer peer(Begin());
  bool done = false;
  while (!done) done = peer.Shake();
  EXPECT_EQ(peer.Send("PING\r\n"), 6U);
  AwaitOutcomes(1);
  ASSERT_NE(outcomes_[0].transport, nullptr);
  std::string buffer(100, '\0');
  EXPECT_EQ(outcomes_[0].transport->Read(buffer).bytes, 6U);
}

TEST_F(HandshakesTest, ThoseUnderWayEndWithIt) {
  const int silent = Begin();
  const int half_way = BeginHalfWay();
  handshakes_.reset();
  char byte = 0;
  EXPECT_EQ(recv(silent, &byte, 1, 0), 0);
  EXPECT_TRUE(outcomes_.empty());
  close(silent);
  close(half_way);
}

}  // namespace
}  // namespace holdfast::server::net
