#include "server/commands/bit_offset.h"

#include <optional>
#include <string_view>

#include "resp/number.h"
#include "server/commands/string_limit.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::CommandError;

constexpr int64_t kMaxBits = static_cast<int64_t>(kMaxStringBytes * 8);

const CommandError kInvalidOffset("ERR bit offset is not an integer or out of range");

uint64_t ParseOffset(Args& args, std::string_view digits, unsigned unit) {
  const std::optional<int64_t> units = resp::ParseInteger(digits);
  // The first bound keeps the product of the second from overflowing.
  if (!units || *units < 0 || *units >= kMaxBits || *units * unit >= kMaxBits) {
    args.Fail(kInvalidOffset);
    return 0;
  }
  return static_cast<uint64_t>(*units) * unit;
}

}  // namespace

uint64_t TakeBitOffset(Args& args) { return ParseOffset(args, args.Bytes(), 1); }

uint64_t TakeFieldOffset(Args& args, unsigned width) {
  const std::string_view word = args.Bytes();
  return word.starts_with('#') ? ParseOffset(args, word.substr(1), width) : ParseOffset(args, word, 1);
}

}  // namespace holdfast::server::commands
