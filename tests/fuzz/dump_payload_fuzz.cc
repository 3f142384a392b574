// Any body of a payload is refused, and nothing is stored; or its value is stored, and is the same when it is
// dumped and restored again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/storage/dump/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (!holdfast::storage::dump::RoundTrip().Run(body).fault.empty()) std::abort();
  return 0;
}
