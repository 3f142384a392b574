#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::differential {

// A request whose reply two servers must agree on.
struct RandomRequest {
  std::vector<std::string> words;
  bool unordered = false;  // the elements of its reply come in any order
};

// Requests over a few keys, so that types, options and edges meet: most make sense, some do not. The same
// seed gives the same requests.
class RandomRequests {
 public:
  explicit RandomRequests(uint64_t seed) : random_(seed) {}
  RandomRequest Next();
  // One that changes lists or sorted sets. (Keys keep their type: 7.0 serves a waiter of several keys even if
  // one of the others has another type, 7.2 runs its command again from the top.)
  RandomRequest NextFeeding();
  // One that blocks, without a deadline, if its key has nothing. (One key, which keeps its type: of several
  // keys 7.0 serves the one that was changed, 7.2 runs the command again from the top.)
  RandomRequest NextBlocking();

 private:
  RandomRequest Fill(std::string_view pattern);
  std::string Word(char kind);
  size_t Below(size_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
};

}  // namespace holdfast::differential
