#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/engine/connection.h"

namespace holdfast::server::engine {

// A client's replies in order. Those of the turn that runs are open; Seal closes them at the turn's end, and
// Release sends what is durable. Nothing leaves earlier.
class Outbox {
 public:
  // Where the turn's replies are written.
  [[nodiscard]] std::string& open() { return open_; }
  [[nodiscard]] const std::string& open() const { return open_; }
  [[nodiscard]] bool has_sealed() const { return !sealed_.empty(); }
  // Open and sealed.
  [[nodiscard]] size_t bytes() const { return open_.size() + sealed_bytes_; }

  // The open replies wait for `turn`.
  void Seal(uint64_t turn);
  // The open replies leave now; needs that none are sealed.
  void SendOpen(Connection& connection);
  // Sends what waits for turns up to `turn`.
  void Release(uint64_t turn, Connection& connection);
  // Forgets everything.
  void Drop();

 private:
  struct Sealed {
    uint64_t turn;
    std::string bytes;
  };

  std::string open_;
  std::vector<Sealed> sealed_;  // seldom more than one; an empty deque would hold half a kilobyte
  size_t sealed_bytes_ = 0;
};

}  // namespace holdfast::server::engine
