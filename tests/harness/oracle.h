#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "resp/reply.h"
#include "resp/reply_parser.h"

namespace holdfast::harness {

// A real Redis on a free loopback port, without files: Debian's redis-check-rdb is the same program under
// another name and becomes the server when it is called redis-server. It ends with the test program.
class Oracle {
 public:
  // The one that a test program's tests share. Null where the program is not installed.
  static Oracle* Get();
  // One that no other test has changed the settings of; null as above.
  [[nodiscard]] static std::unique_ptr<Oracle> New();
  ~Oracle();
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  Oracle() = default;
  bool Start();

  pid_t process_ = -1;
  int port_ = 0;
  std::string folder_;
};

// A connection to it.
class OracleClient {
 public:
  explicit OracleClient(int port);
  ~OracleClient();
  OracleClient(const OracleClient&) = delete;
  OracleClient& operator=(const OracleClient&) = delete;

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  void Send(const std::vector<std::string>& words);
  // What has arrived: waits until there are `wanted` replies, at most `patience`.
  [[nodiscard]] std::vector<resp::Reply> Take(size_t wanted,
                                              std::chrono::milliseconds patience = std::chrono::seconds(3));
  // The reply of one request.
  [[nodiscard]] resp::Reply Ask(const std::vector<std::string>& words);

 private:
  // False when nothing came in time or the connection is closed.
  bool ReadMore(std::chrono::milliseconds patience);

  int socket_ = -1;
  resp::ReplyParser parser_;
};

}  // namespace holdfast::harness
