#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::storage {

// Names an entry of a stream and says where it stands: by milliseconds since 1970, then by a count within
// the millisecond. 0-0 is no entry's.
struct StreamId {
  uint64_t ms = 0;
  uint64_t sequence = 0;

  auto operator<=>(const StreamId&) const = default;  // NOLINT(modernize-use-nullptr): it reads a 0 into it
  [[nodiscard]] bool is_zero() const { return ms == 0 && sequence == 0; }
  // The ids just behind and before; nullopt at the end of all ids.
  [[nodiscard]] std::optional<StreamId> Next() const;
  [[nodiscard]] std::optional<StreamId> Previous() const;
};

inline constexpr StreamId kHighestStreamId{UINT64_MAX, UINT64_MAX};

// Both ends belong to it.
struct StreamRange {
  StreamId from;
  StreamId to = kHighestStreamId;
};

// The stored form: [ms][sequence], so that byte order is the order of ids.
inline constexpr size_t kStreamIdBytes = 16;
void AppendStreamId(std::string& out, const StreamId& id);
[[nodiscard]] StreamId ReadStreamId(std::string_view bytes);  // needs kStreamIdBytes

}  // namespace holdfast::storage
