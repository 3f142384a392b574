#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace holdfast::server::command {

// Indexes as commands give them: from 0 at the front, from -1 at the back.

// The element of a sequence of `size` that `index` names; nullopt if there is none.
[[nodiscard]] constexpr std::optional<uint64_t> ResolveIndex(int64_t index, uint64_t size) {
  const int64_t length = static_cast<int64_t>(size);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return std::nullopt;
  return static_cast<uint64_t>(index);
}

// A run of elements inside a sequence.
struct IndexRange {
  uint64_t first = 0;
  uint64_t count = 0;  // 0: empty, and `first` says nothing
};

// The elements from `start` to `stop`, both included, as LRANGE, LTRIM and ZRANGE cut it to the `size`
// elements there are.
[[nodiscard]] constexpr IndexRange ResolveRange(int64_t start, int64_t stop, uint64_t size) {
  const int64_t length = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (stop < 0) stop += length;
  stop = std::min(stop, length - 1);
  if (start > stop) return {};
  return {static_cast<uint64_t>(start), static_cast<uint64_t>(stop - start + 1)};
}

}  // namespace holdfast::server::command
