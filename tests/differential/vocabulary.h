#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "server/command/syntax.h"
#include "server/command/table.h"

namespace holdfast::differential {

// The same seed gives the same draws.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  // From 0 to bound - 1.
  size_t Below(size_t bound) { return random_() % bound; }
  // True once in `times`.
  bool OnceIn(size_t times) { return Below(times) == 0; }
  template <typename Words>
  std::string OneOf(const Words& words) {
    return std::string(words[Below(std::size(words))]);
  }

 private:
  std::mt19937_64 random_;
};

// Words for arguments, by command, name and type: few keys, so that data gathers and types clash; numbers
// near the edges; texts that need care. No word lets a key expire while a story is played.
class Vocabulary {
 public:
  explicit Vocabulary(Dice& dice) : dice_(dice) {}

  // A word for `argument` of `entry`. Where `odd`, it may be one that the command refuses.
  std::string Word(const server::command::Table::Entry& entry, const server::command::Argument& argument,
                   bool odd);
  // One that fits nowhere in particular.
  std::string OddWord();
  std::string AnyKey();
  std::string ScoreBound();
  std::string NameBound();

 private:
  std::string Key(const server::command::Table::Entry& entry);

  Dice& dice_;
};

}  // namespace holdfast::differential
