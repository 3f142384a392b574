#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/command/table.h"

namespace holdfast::server::command {

// A command that took long, as SLOWLOG GET tells it.
struct SlowCommand {
  int64_t id = 0;
  absl::Time began;
  absl::Duration took;
  std::vector<std::string> words;  // cut short, secrets left out
  std::string address;
  std::string client_name;
};

class SlowLog {
 public:
  virtual ~SlowLog() = default;
  // The newest first.
  [[nodiscard]] virtual const std::deque<SlowCommand>& entries() const = 0;
  virtual void Clear() = 0;
};

// When an event took at least latency-monitor-threshold: one sample a second, the worst of it.
struct LatencySample {
  int64_t unix_seconds = 0;
  int64_t milliseconds = 0;
};
struct LatencyEvent {
  std::string_view name;  // "command", "fast-command", "expire-cycle"
  std::deque<LatencySample> samples;
  int64_t worst = 0;
};

// How often a command took at most so many microseconds: the bounds rise, the counts add up.
struct LatencyDistribution {
  uint64_t calls = 0;
  std::vector<std::pair<uint64_t, uint64_t>> at_most;
};

class Latency {
 public:
  virtual ~Latency() = default;
  [[nodiscard]] virtual const std::vector<LatencyEvent>& events() const = 0;
  // Forgets these events, or all; returns how many there were.
  virtual int64_t Reset(std::span<const std::string_view> names) = 0;
  // Nullopt if it was never called, or latency-tracking is off.
  [[nodiscard]] virtual std::optional<LatencyDistribution> Distribution(const Table::Entry& entry) const = 0;
};

}  // namespace holdfast::server::command
