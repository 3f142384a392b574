#include "server/engine/thread_time.h"

#include <sys/resource.h>

namespace holdfast::server::engine {

ThreadTime ThreadTime::OfThisOne() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return {absl::DurationFromTimeval(used.ru_utime), absl::DurationFromTimeval(used.ru_stime)};
}

}  // namespace holdfast::server::engine
