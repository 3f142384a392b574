#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "storage/env.h"

namespace holdfast::server::engine {

// What the operating system says about this process, for INFO and metrics. Reads cost microseconds.
struct ProcessFacts {
  uint64_t allocated_bytes = 0;  // by malloc, in use
  uint64_t resident_bytes = 0;
  uint64_t system_bytes = 0;  // the machine's memory
  absl::Duration user_time;
  absl::Duration system_time;
  absl::Duration children_user_time;
  absl::Duration children_system_time;
  int process_id = 0;
  std::string os;       // "Linux 6.1.0 x86_64"
  std::string machine;  // its name

  static ProcessFacts Read(storage::Env& env);
};

// As Redis shows sizes: "512B", "1.21M".
[[nodiscard]] std::string HumanBytes(uint64_t bytes);

}  // namespace holdfast::server::engine
