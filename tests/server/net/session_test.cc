#include "server/net/session.h"

#include <gtest/gtest.h>

#include "tests/server/net/net_server.h"

namespace holdfast::server::net {
namespace {

std::string Bulk(const std::string& bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n";
}

std::string Request(const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) request += Bulk(word);
  return request;
}

TEST(SessionTest, AnswersAPipelineInOrder) {
  NetServer server;
  SocketClient client(server.path());
  client.Send("PING\r\n" + Request({"SET", "k", "v"}) + Request({"GET", "k"}));
  EXPECT_EQ(client.Read(19), "+PONG\r\n+OK\r\n$1\r\nv\r\n");
}

TEST(SessionTest, TakesARequestByteByByte) {
  NetServer server;
  SocketClient client(server.path());
  for (const char byte : Request({"ECHO", "hello"})) client.Send(std::string(1, byte));
  EXPECT_EQ(client.Read(11), "$5\r\nhello\r\n");
}

// More requests than one turn takes, and the peer has ended its side before most of them ran.
TEST(SessionTest, AnswersEverythingSentBeforeAHalfClose) {
  NetServer server;
  SocketClient client(server.path());
  std::string requests;
  std::string replies;
  for (int i = 0; i < 20000; ++i) {
    requests += Request({"RPUSH", "list", "x"});
    replies += ":" + std::to_string(i + 1) + "\r\n";
  }
  client.Send(requests);
  client.EndSending();
  EXPECT_EQ(client.ReadAll(), replies);
}

// Input that a full turn leaves in the socket is heard of only once: the session must come back for it by
// itself.
TEST(SessionTest, ReadsOnByItselfWhatATurnLeftInTheSocket) {
  NetServer server;
  SocketClient client(server.path());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += Request({"RPUSH", "list", std::string(30000, 'x')});
  client.Send(requests + Request({"LLEN", "list"}));
  std::string replies;
  for (int i = 1; i <= 200; ++i) replies += ":" + std::to_string(i) + "\r\n";
  EXPECT_EQ(client.Read(replies.size() + 6), replies + ":200\r\n");
}

TEST(SessionTest, ReadsTheEndThatFollowsInputAtOnce) {
  NetServer server;
  for (int i = 0; i < 100; ++i) {
    SocketClient client(server.path());
    client.Send("PING\r\n");
    client.EndSending();
    EXPECT_EQ(client.ReadAll(), "+PONG\r\n");
  }
}

TEST(SessionTest, SendsALargeReplyToASlowReaderWhole) {
  NetServer server;
  SocketClient client(server.path());
  const std::string value(8 << 20, 'v');
  client.Send(Request({"SET", "k", value}) + Request({"GET", "k"}) + Request({"QUIT"}));
  SocketClient other(server.path());
  other.Send("PING\r\n");
  EXPECT_EQ(other.Read(7), "+PONG\r\n");
  EXPECT_EQ(client.Read(5), "+OK\r\n");
  EXPECT_EQ(client.Read(Bulk(value).size()), Bulk(value));
  EXPECT_EQ(client.ReadAll(), "+OK\r\n");
}

// More than is kept for a client that does not read: its requests wait, and go on when it does.
TEST(SessionTest, RequestsOfAClientThatDoesNotReadWait) {
  NetServer server;
  SocketClient client(server.path());
  const std::string value(8 << 20, 'v');
  constexpr int kReplies = 20;
  client.Send(Request({"SET", "k", value}));
  EXPECT_EQ(client.Read(5), "+OK\r\n");
  for (int i = 0; i < kReplies; ++i) client.Send(Request({"GET", "k"}));
  client.EndSending();
  SocketClient other(server.path());
  other.Send("PING\r\n");
  EXPECT_EQ(other.Read(7), "+PONG\r\n");
  for (int i = 0; i < kReplies; ++i) EXPECT_EQ(client.Read(Bulk(value).size()), Bulk(value));
  EXPECT_EQ(client.ReadAll(), "");
}

TEST(SessionTest, BrokenProtocolIsAnsweredAndClosed) {
  NetServer server;
  SocketClient client(server.path());
  client.Send("*1\r\n+PING\r\n");
  EXPECT_EQ(client.ReadAll(), "-ERR Protocol error: expected '$', got '+'\r\n");
}

TEST(SessionTest, RequestsBehindABlockedOneWaitForIt) {
  NetServer server;
  SocketClient worker(server.path());
  worker.Send(Request({"BRPOP", "queue", "0"}) + Request({"PING"}));
  SocketClient producer(server.path());
  producer.Send(Request({"LPUSH", "queue", "job"}));
  EXPECT_EQ(producer.Read(4), ":1\r\n");
  EXPECT_EQ(worker.Read(31), "*2\r\n$5\r\nqueue\r\n$3\r\njob\r\n+PONG\r\n");
}

TEST(SessionTest, AJobIsNotHandedToAWorkerThatHasGone) {
  NetServer server;
  SocketClient gone(server.path());
  gone.Send(Request({"BRPOP", "queue", "0"}));
  SocketClient producer(server.path());
  producer.Send("PING\r\n");
  EXPECT_EQ(producer.Read(7), "+PONG\r\n");
  gone.Close();
  producer.Send(Request({"LPUSH", "queue", "job"}) + Request({"LLEN", "queue"}));
  EXPECT_EQ(producer.Read(8), ":1\r\n:1\r\n");
}

TEST(ListenerTest, RefusesMoreThanMaxclients) {
  NetServer server("1");
  SocketClient first(server.path());
  first.Send("PING\r\n");
  EXPECT_EQ(first.Read(7), "+PONG\r\n");
  SocketClient second(server.path());
  EXPECT_EQ(second.ReadAll(), "-ERR max number of clients reached\r\n");
}

}  // namespace
}  // namespace holdfast::server::net
