#include "server/net/live_settings.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/server/net/net_server.h"
#include "tests/server/net/tls_peer.h"

// CONFIG SET of what the server listens on, while it runs.
namespace holdfast::server::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Listens on a port that nobody else has, until it is closed.
class TakenPort {
 public:
  TakenPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    number_ = ntohs(address.sin_port);
  }
  ~TakenPort() { Close(); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  [[nodiscard]] int number() const { return number_; }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  int number_ = 0;
};

int FreePort() { return TakenPort().number(); }

std::string Ask(SocketClient& client, const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  client.Send(request);
  std::string line;
  while (!line.ends_with("\r\n")) {
    const std::string byte = client.Read(1);
    if (byte.empty()) break;
    line += byte;
  }
  return line.substr(0, line.find('\r'));
}

class LiveSettingsTest : public testing::Test {
 protected:
  std::string Set(const std::vector<std::string>& names_and_values) {
    std::vector<std::string> words = {"CONFIG", "SET"};
    words.insert(words.end(), names_and_values.begin(), names_and_values.end());
    return Ask(control_, words);
  }
  static std::string Refusal(const std::string& name, const std::string& why) {
    return "-ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why;
  }
  static bool Answers(const std::string& address, int port) {
    SocketClient client(address, port);
    return client.connected() && Ask(client, {"PING"}) == "+PONG";
  }
  static bool Answers(int port) { return Answers("127.0.0.1", port); }

  NetServer server_;
  SocketClient control_{server_.path()};
};

TEST_F(LiveSettingsTest, APortIsOpenedMovedAndClosed) {
  const int first = FreePort();
  const int second = FreePort();
  EXPECT_FALSE(Answers(first));
  EXPECT_EQ(Set({"port", std::to_string(first)}), "+OK");
  EXPECT_TRUE(Answers(first));
  SocketClient early("127.0.0.1", first);
  EXPECT_EQ(Ask(early, {"PING"}), "+PONG");
  EXPECT_EQ(Set({"port", std::to_string(second)}), "+OK");
  EXPECT_FALSE(Answers(first));
  EXPECT_TRUE(Answers(second));
  EXPECT_EQ(Set({"port", std::to_string(second)}), "+OK") << "the same again";
  EXPECT_TRUE(Answers(second));
  EXPECT_EQ(Set({"port", "0"}), "+OK");
  EXPECT_FALSE(Answers(second));
  EXPECT_EQ(Ask(early, {"PING"}), "+PONG") << "who is in stays in";
}

TEST_F(LiveSettingsTest, APortThatIsTakenChangesNothing) {
  const int port = FreePort();
  EXPECT_EQ(Set({"port", std::to_string(port)}), "+OK");
  TakenPort taken;
  EXPECT_EQ(Set({"timeout", "7", "port", std::to_string(taken.number())}),
            Refusal("port", "Unable to listen on this port. Check server logs."));
  EXPECT_TRUE(Answers(port));
  EXPECT_EQ(Ask(control_, {"CONFIG", "GET", "port"}), "*2");
  const std::string text = std::to_string(port);
  const std::string rest = "$4\r\nport\r\n$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  EXPECT_EQ(control_.Read(rest.size()), rest);
  EXPECT_THAT(server_.log_lines(),
              ElementsAre(HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(taken.number()))));
  taken.Close();
  EXPECT_EQ(Set({"port", std::to_string(taken.number())}), "+OK");
  EXPECT_TRUE(Answers(taken.number()));
}

TEST_F(LiveSettingsTest, AddressesAreBoundAnew) {
  const int port = FreePort();
  EXPECT_EQ(Set({"port", std::to_string(port), "bind", "127.0.0.2"}), "+OK");
  EXPECT_TRUE(Answers("127.0.0.2", port));
  EXPECT_FALSE(Answers("127.0.0.1", port));
  // All addresses, of which that one is one.
  EXPECT_EQ(Set({"bind", "*"}), "+OK");
  EXPECT_TRUE(Answers("127.0.0.1", port));
  EXPECT_TRUE(Answers("127.0.0.2", port));
  for (const std::string wrong : {"nosuch", "127.0.0.1 nosuch", "127.0.0.1 127.0.0.1"}) {
    EXPECT_EQ(Set({"bind", wrong}), Refusal("bind", "Failed to bind to specified addresses.")) << wrong;
    EXPECT_TRUE(Answers("127.0.0.2", port)) << wrong;
  }
  EXPECT_EQ(Set({"bind", "127.0.0.1 -nosuch"}), "+OK");
  EXPECT_TRUE(Answers("127.0.0.1", port));
  EXPECT_FALSE(Answers("127.0.0.2", port));
  EXPECT_EQ(Set({"bind", ""}), "+OK");
  EXPECT_FALSE(Answers("127.0.0.1", port));
  EXPECT_EQ(Set({"bind", "127.0.0.1", "port", std::to_string(port)}), "+OK");
  EXPECT_TRUE(Answers("127.0.0.1", port));
}

class LiveTlsTest : public LiveSettingsTest {
 protected:
  // Whether a TLS client gets through.
  static bool AnswersTls(int port) {
    SocketClient client("127.0.0.1", port);
    if (!client.connected()) return false;
    const int socket = client.Release();
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    TlsPeer peer(socket);
    const auto wait = [socket] {
      pollfd readable{.fd = socket, .events = POLLIN, .revents = 0};
      return poll(&readable, 1, 10'000) == 1;
    };
    while (!peer.Shake()) {
      if (!wait()) return false;
    }
    peer.Send("PING\r\n");
    std::string answer;
    while (answer.size() < 7 && wait()) answer += peer.Read();
    return answer == "+PONG\r\n";
  }

  CertificateFiles files_;
};

TEST_F(LiveTlsTest, ATlsPortIsOpenedMovedAndClosed) {
  const int first = FreePort();
  const int second = FreePort();
  EXPECT_EQ(Set({"tls-port", std::to_string(first)}),
            Refusal("tls-port", "Unable to update TLS configuration. Check server logs."))
      << "there is no certificate yet";
  EXPECT_EQ(
      Set({"tls-auth-clients", "no", "tls-cert-file", files_.certificate(), "tls-key-file", files_.key()}),
      "+OK");
  TakenPort taken;
  EXPECT_EQ(Set({"tls-port", std::to_string(taken.number())}),
            Refusal("tls-port", "Unable to listen on this port. Check server logs."));
  EXPECT_EQ(Set({"tls-port", std::to_string(first)}), "+OK");
  EXPECT_TRUE(AnswersTls(first));
  EXPECT_EQ(Set({"tls-port", std::to_string(second)}), "+OK");
  EXPECT_FALSE(AnswersTls(first));
  EXPECT_TRUE(AnswersTls(second));
  EXPECT_EQ(Set({"tls-port", "0"}), "+OK");
  EXPECT_FALSE(AnswersTls(second));
}

TEST_F(LiveTlsTest, BothPortsMoveWithTheAddresses) {
  const int plain = FreePort();
  const int tls = FreePort();
  // `bind` comes first, and finds a TLS port that was never open.
  EXPECT_EQ(
      Set({"bind", "127.0.0.1", "port", std::to_string(plain), "tls-port", std::to_string(tls),
           "tls-auth-clients", "no", "tls-cert-file", files_.certificate(), "tls-key-file", files_.key()}),
      "+OK");
  EXPECT_TRUE(Answers(plain));
  EXPECT_TRUE(AnswersTls(tls));
  EXPECT_EQ(Set({"bind", "127.0.0.2"}), "+OK");
  EXPECT_FALSE(Answers(plain));
  EXPECT_FALSE(AnswersTls(tls));
  EXPECT_TRUE(Answers("127.0.0.2", plain));
  EXPECT_EQ(Set({"bind", "*"}), "+OK");
  EXPECT_TRUE(AnswersTls(tls));
}

}  // namespace
}  // namespace holdfast::server::net
