#include "server/net/tls_transport.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <optional>

#include "server/net/tls_context.h"
#include "tests/server/net/tls_peer.h"

namespace holdfast::server::net {
namespace {

using Next = Transport::Next;

// A connection whose handshake is done, both ends in the test's hand.
class TlsTransportTest : public testing::Test {
 protected:
  TlsTransportTest() : peer_(sockets_.theirs) {
    CertificateFiles files;
    engine::Settings settings;
    files.Configure(settings);
    const absl::StatusOr<TlsContext> context = MakeTlsContext(settings);
    EXPECT_TRUE(context.ok()) << context.status();
    SslPointer ssl(SSL_new(context->get()));
    SSL_set_fd(ssl.get(), sockets_.ours);
    bool served = false;
    for (int round = 0; round < 10 && !served; ++round) {
      (void)peer_.Shake();
      served = SSL_accept(ssl.get()) == 1;
    }
    EXPECT_TRUE(served);
    transport_ = MakeTlsTransport(sockets_.ours, std::move(ssl));
  }

  // What Read gives until it says something else than kMore.
  std::string ReadAll(Next expected) {
    std::string bytes;
    std::string buffer(1000, '\0');
    for (;;) {
      const auto [count, next] = transport_->Read(buffer);
      bytes.append(buffer, 0, count);
      if (next == Next::kMore) continue;
      EXPECT_EQ(next, expected);
      return bytes;
    }
  }

  SocketPair sockets_;
  TlsPeer peer_;
  std::unique_ptr<Transport> transport_;
};

TEST_F(TlsTransportTest, ReadsRecordsUntilTheSocketIsDry) {
  EXPECT_EQ(ReadAll(Next::kReady), "");
  for (int i = 0; i < 100; ++i) peer_.Send("record ");
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += "record ";
  EXPECT_EQ(ReadAll(Next::kReady), expected);
  EXPECT_FALSE(transport_->pending());
}

// A record is read off the socket whole: what a small buffer leaves is heard of by nobody else.
TEST_F(TlsTransportTest, WhatARecordStillHoldsIsPending) {
  peer_.Send("hello");
  std::string buffer(2, '\0');
  const auto [count, next] = transport_->Read(buffer);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(next, Next::kMore);
  EXPECT_TRUE(transport_->pending());
  EXPECT_EQ(ReadAll(Next::kReady), "llo");
}

TEST_F(TlsTransportTest, MovesMuchBothWaysThroughSmallSockets) {
  std::string sent(5 << 20, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 / 3);
  std::string out = sent;
  std::string in;
  int stops = 0;
  while (!out.empty()) {
    const auto [count, next] = transport_->Write(out);
    ASSERT_NE(next, Next::kEnded);
    stops += next == Next::kReady && count < out.size() ? 1 : 0;
    // The rest moves: a new string each time.
    out = out.substr(count);
    in += peer_.Read();
  }
  in += peer_.Read();
  EXPECT_TRUE(in == sent);
  EXPECT_GT(stops, 0);
  std::string_view back = sent;
  in.clear();
  while (!back.empty()) {
    back.remove_prefix(peer_.Send(back));
    in += ReadAll(Next::kReady);
  }
  EXPECT_TRUE(in == sent);
}

TEST_F(TlsTransportTest, APeerThatSaidEndHasEndedThoughItsSocketIsOpen) {
  EXPECT_TRUE(transport_->IsAlive());
  peer_.SayEnd();
  EXPECT_FALSE(transport_->IsAlive());
  EXPECT_TRUE(transport_->pending());
  EXPECT_EQ(ReadAll(Next::kEnded), "");
  EXPECT_EQ(transport_->Write("last words").bytes, 10U);
  EXPECT_EQ(peer_.Read(), "last words");
}

TEST_F(TlsTransportTest, WhatStandsBeforeTheEndIsRead) {
  peer_.Send("last words");
  peer_.SayEnd();
  EXPECT_EQ(ReadAll(Next::kEnded), "last words");
}

TEST_F(TlsTransportTest, APeerThatLeftWithoutAWordHasEnded) {
  peer_.Send("last words");
  peer_.Leave();
  EXPECT_FALSE(transport_->IsAlive());
  EXPECT_EQ(ReadAll(Next::kEnded), "last words");
}

TEST_F(TlsTransportTest, ALookForLifeLeavesTheInputPending) {
  peer_.Send("hello");
  EXPECT_TRUE(transport_->IsAlive());
  EXPECT_TRUE(transport_->pending());
  EXPECT_EQ(ReadAll(Next::kReady), "hello");
  EXPECT_FALSE(transport_->pending());
}

TEST_F(TlsTransportTest, ARecordThatIsNoneBreaksTheConnection) {
  const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
  EXPECT_EQ(send(sockets_.theirs, forged.data(), forged.size(), 0), forged.size());
  EXPECT_EQ(ReadAll(Next::kEnded), "");
  EXPECT_EQ(ReadAll(Next::kEnded), "");
  EXPECT_EQ(transport_->Write("x").next, Next::kEnded);
  EXPECT_FALSE(transport_->IsAlive());
}

TEST_F(TlsTransportTest, SaysEndWhenItCloses) {
  EXPECT_EQ(transport_->Write("bye").bytes, 3U);
  transport_.reset();
  EXPECT_EQ(peer_.Read(), "bye");
  EXPECT_EQ(peer_.state(), SSL_ERROR_ZERO_RETURN);
}

}  // namespace
}  // namespace holdfast::server::net
