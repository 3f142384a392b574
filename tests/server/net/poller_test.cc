#include "server/net/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

namespace holdfast::server::net {
namespace {

// One end is watched, the other is the peer's.
struct Pair {
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  ~Pair() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  void Send(const std::string& bytes) const {
    EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), bytes.size());
  }
  void Leave() { close(std::exchange(ends[1], -1)); }

  std::array<int, 2> ends{};
};

class Recorder : public Poller::Handler {
 public:
  void OnReady(bool readable, bool writable, bool ended) override {
    heard.push_back(std::string(readable ? "r" : "") + (writable ? "w" : "") + (ended ? "e" : ""));
  }
  std::vector<std::string> heard;
};

class PollerTest : public testing::Test {
 protected:
  void RunAll() {
    while (poller_.RunOne()) {
    }
  }

  boost::asio::io_context io_{1};
  Poller poller_{io_};
  Pair pair_;
  Recorder recorder_;
};

TEST_F(PollerTest, NothingIsHeardOfAnIdleSocket) {
  poller_.Add(pair_.ends[0], recorder_);
  EXPECT_FALSE(poller_.RunOne());
}

TEST_F(PollerTest, NewInputIsHeardOnceUntilMoreComes) {
  poller_.Add(pair_.ends[0], recorder_);
  pair_.Send("a");
  RunAll();
  RunAll();
  EXPECT_EQ(recorder_.heard, std::vector<std::string>{"r"});
  pair_.Send("b");
  RunAll();
  EXPECT_EQ(recorder_.heard, (std::vector<std::string>{"r", "r"}));
}

TEST_F(PollerTest, InputFromBeforeAddIsHeard) {
  pair_.Send("a");
  poller_.Add(pair_.ends[0], recorder_);
  RunAll();
  EXPECT_EQ(recorder_.heard, std::vector<std::string>{"r"});
}

TEST_F(PollerTest, ThePeersEndIsHeardAsReadableAndEnded) {
  poller_.Add(pair_.ends[0], recorder_);
  pair_.Send("last words");
  pair_.Leave();
  RunAll();
  EXPECT_EQ(recorder_.heard, std::vector<std::string>{"rwe"});
}

TEST_F(PollerTest, RoomForOutputIsHeardWhereItWasAskedFor) {
  poller_.Add(pair_.ends[0], recorder_);
  const std::string much(1 << 20, 'x');
  EXPECT_GT(write(pair_.ends[0], much.data(), much.size()), 0);
  poller_.Change(pair_.ends[0], recorder_, Poller::Interest::kReadAndWrite);
  RunAll();
  EXPECT_EQ(recorder_.heard, std::vector<std::string>{});
  std::string taken(much.size(), '\0');
  EXPECT_GT(read(pair_.ends[1], taken.data(), taken.size()), 0);
  RunAll();
  EXPECT_EQ(recorder_.heard, std::vector<std::string>{"w"});
  poller_.Change(pair_.ends[0], recorder_, Poller::Interest::kRead);
  RunAll();
  EXPECT_EQ(recorder_.heard.size(), 1u);
}

TEST_F(PollerTest, ARemovedHandlerHearsNotEvenWhatIsKnownAlready) {
  Pair other;
  Recorder second;
  poller_.Add(pair_.ends[0], recorder_);
  poller_.Add(other.ends[0], second);
  pair_.Send("a");
  other.Send("b");
  EXPECT_TRUE(poller_.RunOne());
  EXPECT_FALSE(poller_.spent());
  Recorder& waiting = recorder_.heard.empty() ? recorder_ : second;
  poller_.Remove(recorder_.heard.empty() ? pair_.ends[0] : other.ends[0], waiting);
  EXPECT_FALSE(poller_.RunOne());
  EXPECT_TRUE(waiting.heard.empty());
}

TEST_F(PollerTest, ReadinessEndsTheWaitOfTheIoContext) {
  poller_.Add(pair_.ends[0], recorder_);
  for (int round = 0; round < 2; ++round) {
    poller_.WakeLoop();
    pair_.Send("a");
    io_.restart();
    EXPECT_EQ(io_.run_one_for(std::chrono::seconds(10)), 1u);
    RunAll();
  }
  EXPECT_EQ(recorder_.heard.size(), 2u);
}

}  // namespace
}  // namespace holdfast::server::net
