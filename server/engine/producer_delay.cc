#include "server/engine/producer_delay.h"

#include <algorithm>

namespace holdfast::server::engine {

absl::Duration ProducerDelay(const storage::DiskFacts& disk, absl::Duration most) {
  if (disk.level >= storage::DiskLevel::kFull) return most;
  if (disk.level < storage::DiskLevel::kWarn || disk.used_bytes <= disk.warn_bytes) {
    return absl::ZeroDuration();
  }
  const auto risen = static_cast<double>(disk.used_bytes - disk.warn_bytes);
  const auto whole = static_cast<double>(disk.full_bytes - disk.warn_bytes);
  return whole <= risen ? most : most * (risen / whole);
}

}  // namespace holdfast::server::engine
