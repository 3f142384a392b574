#include "storage/quota.h"

#include <algorithm>
#include <utility>

namespace holdfast::storage {
namespace {

constexpr uint32_t kWhole = 100;

uint64_t Percent(uint64_t bytes, uint32_t percent) {
  return bytes / kWhole * percent + bytes % kWhole * percent / kWhole;
}

}  // namespace

void Quota::Configure(const QuotaOptions& options) {
  if (!std::exchange(configured_, true)) begins_ = true;
  options_ = options;
  options_.full_percent = std::min(options.full_percent, kWhole);
  options_.warn_percent = std::min(options.warn_percent, options_.full_percent);
}

DiskLevel Quota::Update(const DiskUse& use) {
  quota_ = options_.most_percent == 0 ? options_.most_bytes
                                      : Percent(use.file_system_bytes, options_.most_percent);
  const uint64_t possible = use.used_bytes + std::min(use.room_bytes, UINT64_MAX - use.used_bytes);
  limit_ = quota_ == 0 ? possible : std::min(quota_, possible);
  const DiskLevel rising = LevelOf(use.used_bytes, 0);
  const DiskLevel falling = LevelOf(use.used_bytes, options_.hysteresis_percent);
  // Between the two it stays where it was.
  level_ = std::exchange(begins_, false) ? falling : std::clamp(level_, rising, falling);
  return level_;
}

uint64_t Quota::Part(uint32_t percent) const { return Percent(limit_, percent); }

DiskLevel Quota::LevelOf(uint64_t used, uint32_t percent) const {
  const auto reached = [&](uint32_t begin) { return used >= Part(begin - std::min(begin, percent)); };
  if (reached(kWhole)) return DiskLevel::kExhausted;
  if (reached(options_.full_percent)) return DiskLevel::kFull;
  return reached(options_.warn_percent) ? DiskLevel::kWarn : DiskLevel::kNormal;
}

}  // namespace holdfast::storage
