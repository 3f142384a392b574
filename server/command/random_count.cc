#include "server/command/random_count.h"

#include <limits>

namespace holdfast::server::command {

RandomCount ReadRandomCount(Args& args) {
  const int64_t count = args.Integer();
  if (count == std::numeric_limits<int64_t>::min()) {
    args.Fail(kBelowSymmetricRange);
    return {};
  }
  if (count < 0) return {static_cast<uint64_t>(-count), true};
  return {static_cast<uint64_t>(count), false};
}

}  // namespace holdfast::server::command
