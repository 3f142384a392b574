#pragma once

#include <cstdint>

namespace holdfast::storage {

// How full the data folder is, measured by what it may hold. In order: each level allows less than the one
// before.
enum class DiskLevel : uint8_t {
  kNormal,
  kWarn,       // producers may be slowed
  kFull,       // commands that grow data are refused; what lies above is the reserve, for giving back
  kExhausted,  // the reserve is used up, or the disk itself said no
};

// What may be held: maxdisk, and where its levels begin.
struct QuotaOptions {
  uint64_t most_bytes = 0;    // 0: no bound but the file system's
  uint32_t most_percent = 0;  // of the file system's size, instead of most_bytes; 0: most_bytes says it
  uint32_t warn_percent = 80;
  uint32_t full_percent = 90;
  uint32_t hysteresis_percent = 2;  // a level ends this far below where it begins
};

// What is held, and what the file system could still take.
struct DiskUse {
  uint64_t used_bytes = 0;
  // Of the file system and inside the files, without the headroom that checkpoints and the log need.
  uint64_t room_bytes = 0;
  uint64_t file_system_bytes = 0;
};

// Turns facts into a level. Whichever is tighter decides: the quota, or the room that the file system has.
//
//   Quota quota;
//   quota.Configure({.most_bytes = 1000});
//   quota.Update({.used_bytes = 900, .room_bytes = 5000});   // kFull
//   quota.Update({.used_bytes = 881, .room_bytes = 5000});   // kFull still: 2 % of hysteresis
//   quota.Update({.used_bytes = 879, .room_bytes = 5000});   // kWarn
//
// A quota below the present use is kFull or kExhausted until enough is gone. What the level was is not
// stored: after a start a use between the end of a level and its beginning counts as that level. Producers
// that were refused stay refused until enough is gone, however often the server starts; those that were not
// are refused a little earlier. Pure: no clock, no files; one thread.
class Quota {
 public:
  // Counts with the next Update; the first call is the start. A warn_percent above full_percent is taken as
  // full_percent, and any of them above 100 as 100.
  void Configure(const QuotaOptions& options);
  DiskLevel Update(const DiskUse& use);

  // kNormal before the first Update.
  [[nodiscard]] DiskLevel level() const { return level_; }
  // Bytes as of the last Update. quota: what maxdisk says, 0 if it says nothing; limit: the tighter of it and
  // the file system, at which the level is kExhausted.
  [[nodiscard]] uint64_t quota_bytes() const { return quota_; }
  [[nodiscard]] uint64_t limit_bytes() const { return limit_; }
  [[nodiscard]] uint64_t warn_bytes() const { return Part(options_.warn_percent); }
  [[nodiscard]] uint64_t full_bytes() const { return Part(options_.full_percent); }

 private:
  [[nodiscard]] uint64_t Part(uint32_t percent) const;
  // The level of so many bytes where each begins `percent` lower.
  [[nodiscard]] DiskLevel LevelOf(uint64_t used, uint32_t percent) const;

  QuotaOptions options_;
  uint64_t quota_ = 0;
  uint64_t limit_ = UINT64_MAX;
  DiskLevel level_ = DiskLevel::kNormal;
  bool configured_ = false;
  bool begins_ = true;  // the next Update is the first
};

}  // namespace holdfast::storage
