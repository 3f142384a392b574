#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "server/command/acl_selector.h"
#include "server/command/string_map.h"
#include "server/command/table.h"

namespace holdfast::server::engine {

// What one command did since the start or CONFIG RESETSTAT.
struct CommandCounters {
  uint64_t calls = 0;
  absl::Duration time;
  uint64_t rejected = 0;  // refused before it ran
  uint64_t failed = 0;    // ended with an error
};

// What the engine counts: plain numbers, read by INFO and metrics.
class Counters {
 public:
  explicit Counters(size_t table_size) : by_command_(table_size) {}

  void Ran(const command::Table::Entry& entry, absl::Duration time) {
    CommandCounters& counters = by_command_[entry.index];
    ++counters.calls;
    counters.time += time;
  }
  void Failed(const command::Table::Entry& entry) { ++by_command_[entry.index].failed; }
  void Rejected(const command::Table::Entry& entry) { ++by_command_[entry.index].rejected; }
  void Denied(command::AclDenial denial) { ++denied_[static_cast<size_t>(denial)]; }
  [[nodiscard]] uint64_t denied(command::AclDenial denial) const {
    return denied_[static_cast<size_t>(denial)];
  }
  // An error reply, by its code word. Made-up words of clients do not fill memory: after kMaxErrors different
  // ones the rest is counted together.
  void Error(std::string_view text);
  void Reset();

  [[nodiscard]] const CommandCounters& of(size_t index) const { return by_command_[index]; }
  [[nodiscard]] const command::StringMap<uint64_t>& errors() const { return errors_; }

  uint64_t commands = 0;
  uint64_t commands_per_second = 0;  // in the last second
  uint64_t error_replies = 0;
  uint64_t connections = 0;
  uint64_t rejected_connections = 0;
  uint64_t input_bytes_per_second = 0;
  uint64_t output_bytes_per_second = 0;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
  uint64_t expired_fields = 0;
  uint64_t turns = 0;
  uint64_t turns_taken_back = 0;  // by a full disk
  uint64_t slow_readers_closed = 0;

 private:
  static constexpr size_t kMaxErrors = 128;

  std::vector<CommandCounters> by_command_;
  std::array<uint64_t, 5> denied_ = {};  // by AclDenial
  command::StringMap<uint64_t> errors_;
};

}  // namespace holdfast::server::engine
