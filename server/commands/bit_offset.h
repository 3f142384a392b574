#pragma once

#include <cstdint>

#include "server/command/args.h"

namespace holdfast::server::commands {

// A bit's place in a string of at most kMaxStringBytes, as SETBIT takes it; an error otherwise.
uint64_t TakeBitOffset(command::Args& args);
// As BITFIELD takes it: "#3" is the third place in a row of fields of `width` bits, counted from 0.
uint64_t TakeFieldOffset(command::Args& args, unsigned width);

}  // namespace holdfast::server::commands
