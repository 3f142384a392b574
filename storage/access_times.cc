#include "storage/access_times.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace holdfast::storage {
namespace {

constexpr int kPlaceBits = 16;

// The same key of another database has another place and another fingerprint.
uint64_t NameOf(uint32_t database, uint64_t hash) { return hash ^ (database * 0x9E3779B97F4A7C15); }
size_t PlaceOf(uint64_t name) { return name >> (64 - kPlaceBits); }
uint32_t FingerprintOf(uint64_t name) { return static_cast<uint32_t>(name); }

}  // namespace

void AccessTimes::Note(uint32_t database, uint64_t hash, absl::Time time) {
  if (places_.empty()) places_.resize(size_t{1} << kPlaceBits);
  const uint64_t name = NameOf(database, hash);
  const int64_t seconds =
      std::clamp<int64_t>(absl::ToUnixSeconds(time), 1, std::numeric_limits<uint32_t>::max());
  places_[PlaceOf(name)] = {FingerprintOf(name), static_cast<uint32_t>(seconds)};
}

std::optional<absl::Time> AccessTimes::Find(uint32_t database, uint64_t hash) const {
  if (places_.empty()) return std::nullopt;
  const uint64_t name = NameOf(database, hash);
  const Place& place = places_[PlaceOf(name)];
  if (place.seconds == 0 || place.fingerprint != FingerprintOf(name)) return std::nullopt;
  return absl::FromUnixSeconds(place.seconds);
}

}  // namespace holdfast::storage
