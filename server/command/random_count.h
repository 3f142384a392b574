#pragma once

#include <cstdint>

#include "server/command/args.h"

namespace holdfast::server::command {

// The count of SRANDMEMBER, HRANDFIELD and ZRANDMEMBER: a positive one asks for so many different elements, a
// negative one for so many draws that may repeat.
struct RandomCount {
  // More draws than this are refused with kOutOfRange where there is anything to draw from: Redis would
  // answer, but a reply must not be able to use up the memory.
  static constexpr uint64_t kMaxDraws = uint64_t{1} << 24;

  uint64_t count = 0;
  bool repeats = false;

  [[nodiscard]] bool too_many() const { return repeats && count > kMaxDraws; }
};

// Takes the count; Redis's errors for a word that is no number, and for the lowest number, whose opposite is
// none.
[[nodiscard]] RandomCount ReadRandomCount(Args& args);

}  // namespace holdfast::server::command
