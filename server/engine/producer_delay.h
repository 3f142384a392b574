#pragma once

#include "absl/time/time.h"
#include "storage/store.h"

namespace holdfast::server::engine {

// How long the reply to a command that grew data is held back (producer-delay): nothing below the warn level,
// from there rising linearly with what is used, `most` where the full level begins and above it.
[[nodiscard]] absl::Duration ProducerDelay(const storage::DiskFacts& disk, absl::Duration most);

}  // namespace holdfast::server::engine
