#include "server/net/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::server::net {
namespace {

std::string PathFor(std::string_view name) {
  return testing::TempDir() + "holdfast-socket-" + std::to_string(getpid()) + std::string(name);
}

TEST(SocketTest, NamesTheAddressItCannotListenOn) {
  const absl::StatusOr<int> bad = ListenTcp("not-an-address", 0, 5);
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.status().message().find("not-an-address:0"), std::string::npos);
}

TEST(SocketTest, SaysThatAnotherServerHoldsThePort) {
  const absl::StatusOr<int> first = ListenTcp("127.0.0.1", 0, 5);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = AddressText(*first, End::kLocal, "");
  const int port = std::stoi(text.substr(text.rfind(':') + 1));
  const absl::StatusOr<int> second = ListenTcp("127.0.0.1", port, 5);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  close(*first);
}

TEST(SocketTest, ReplacesAnAbandonedUnixSocketButNotALivingOne) {
  const std::string path = PathFor("-unix");
  const absl::StatusOr<int> first = ListenUnix(path, 0600, 5);
  ASSERT_TRUE(first.ok()) << first.status();
  struct stat state {};
  ASSERT_EQ(stat(path.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600U);
  EXPECT_EQ(ListenUnix(path, 0, 5).status().code(), absl::StatusCode::kAlreadyExists);
  close(*first);
  const absl::StatusOr<int> second = ListenUnix(path, 0, 5);
  EXPECT_TRUE(second.ok()) << second.status();
  close(*second);
  unlink(path.c_str());
}

TEST(SocketTest, RefusesAUnixPathThatIsTooLong) {
  EXPECT_EQ(ListenUnix(std::string(200, 'x'), 0, 5).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SocketTest, FileLimitIsRaisedAsFarAsAsked) {
  const uint64_t now = RaiseFileLimit(1);
  EXPECT_GE(now, 1U);
  EXPECT_GE(RaiseFileLimit(now), now);
}

}  // namespace
}  // namespace holdfast::server::net
