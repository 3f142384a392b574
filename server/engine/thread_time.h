#pragma once

#include "absl/time/time.h"

namespace holdfast::server::engine {

// The processor's time that a thread has used.
struct ThreadTime {
  absl::Duration user;
  absl::Duration system;

  static ThreadTime OfThisOne();
};

}  // namespace holdfast::server::engine
