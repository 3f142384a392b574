#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::differential {

// Requests over a few keys for clients that wait and one that feeds them. The same seed gives the same
// requests.
class RandomRequests {
 public:
  explicit RandomRequests(uint64_t seed) : random_(seed) {}
  // One that changes lists or sorted sets. (Keys keep their type: 7.0 serves a waiter of several keys even if
  // one of the others has another type, 7.2 runs its command again from the top.)
  std::vector<std::string> NextFeeding();
  // One that blocks, without a deadline, if its key has nothing. (One key, which keeps its type: of several
  // keys 7.0 serves the one that was changed, 7.2 runs the command again from the top.)
  std::vector<std::string> NextBlocking();

 private:
  std::vector<std::string> Fill(std::string_view pattern);
  std::string Word(char kind);
  size_t Below(size_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
};

}  // namespace holdfast::differential
