#include "server/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace holdfast::server {
namespace {

TEST(NotifyTest, TellsTheSocketThatTheServiceManagerNames) {
  const std::string path = testing::TempDir() + "holdfast-notify-" + std::to_string(getpid());
  const int manager = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(bind(manager, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  NotifyServiceManager("READY=1");
  unsetenv("NOTIFY_SOCKET");
  char message[64] = {};
  EXPECT_EQ(recv(manager, message, sizeof(message), MSG_DONTWAIT), 7);
  EXPECT_STREQ(message, "READY=1");
  close(manager);
  unlink(path.c_str());
}

TEST(NotifyTest, WithoutAServiceManagerNothingHappens) {
  unsetenv("NOTIFY_SOCKET");
  NotifyServiceManager("READY=1");
}

}  // namespace
}  // namespace holdfast::server
