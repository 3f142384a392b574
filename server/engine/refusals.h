#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/command/client.h"
#include "server/engine/top_counts.h"

namespace holdfast::server::engine {

// Why a command was refused though nothing is wrong with it.
enum class RefusalReason : uint8_t {
  kDiskFull,    // the disk level is full or above, and the command grows data
  kQueueLimit,  // the queue is at its queue-limit
  kNoLogSpace,  // the log has no room for what the command would write
  kSealed,      // the log is broken: nothing is written any more
};
inline constexpr size_t kRefusalReasons = 4;
// As INFO names it: "disk_full".
[[nodiscard]] std::string_view NameOf(RefusalReason reason);

// Counts what was refused for want of disk: by reason, command, queue and client. The one place for that;
// INFO, CLIENT LIST and the log show it. Bounded in memory.
class Refusals {
 public:
  // One refusal. `key` is the command's first (the queue), empty if it has none; the client's own count
  // rises. A client's address counts without its port.
  void Note(std::string_view command, std::string_view key, command::Client& client, RefusalReason reason);

  [[nodiscard]] uint64_t total() const;
  [[nodiscard]] uint64_t of(RefusalReason reason) const { return by_reason_[static_cast<size_t>(reason)]; }
  [[nodiscard]] const TopCounts& commands() const { return commands_; }
  [[nodiscard]] const TopCounts& queues() const { return queues_; }
  [[nodiscard]] const TopCounts& clients() const { return clients_; }

  // A line for the log on what was refused since the last call; empty if nothing was.
  [[nodiscard]] std::string TakeReport();
  // CONFIG RESETSTAT; what clients count themselves stays.
  void Reset();

 private:
  static constexpr size_t kMostNames = 64;

  std::array<uint64_t, kRefusalReasons> by_reason_{};
  TopCounts commands_{kMostNames};
  TopCounts queues_{kMostNames};
  TopCounts clients_{kMostNames};

  // Since the last report.
  uint64_t unreported_ = 0;
  TopCounts unreported_commands_{kMostNames};
  TopCounts unreported_queues_{kMostNames};
  TopCounts unreported_clients_{kMostNames};
};

}  // namespace holdfast::server::engine
