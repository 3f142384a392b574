#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/string_map.h"

namespace holdfast::server::engine {

// Counts by name, of the names that occur most, in bounded memory. Where a new name finds the table full, the
// one with the smallest count leaves it, and its count is among the others from then on: the sum stays exact,
// and a name that comes back begins again.
class TopCounts {
 public:
  struct Count {
    std::string name;
    uint64_t count = 0;
  };

  explicit TopCounts(size_t most_names) : most_names_(most_names) {}

  // Longer names are cut off at kLongestName bytes.
  void Add(std::string_view name);
  void Clear();

  // The `most` largest, the largest first; equal ones in the order of their names.
  [[nodiscard]] std::vector<Count> Largest(size_t most) const;
  // Of names that are not in the table.
  [[nodiscard]] uint64_t others() const { return others_; }

 private:
  static constexpr size_t kLongestName = 256;

  const size_t most_names_;
  command::StringMap<uint64_t> counts_;
  uint64_t others_ = 0;
};

}  // namespace holdfast::server::engine
