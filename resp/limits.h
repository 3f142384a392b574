#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast::resp {

// What one connection may make us read and hold. The fixed ones are Redis's PROTO_* constants; the names in
// RequestLimits are those of redis.conf.

// The longest line: an inline command, or the digits behind '*' and '$'. In bytes before the line's end.
inline constexpr size_t kMaxLineBytes = 64 * 1024;

// The most words of one request. Nothing is allocated for words that are only announced.
inline constexpr int64_t kMaxRequestWords = 2147483647;

// Before authentication a stranger may send a login and no more.
inline constexpr int64_t kMaxUnauthenticatedWords = 10;
inline constexpr int64_t kMaxUnauthenticatedBulkBytes = 16384;

// Limits that the configuration can change while connections live.
struct RequestLimits {
  int64_t proto_max_bulk_len = int64_t{512} << 20;
  // All that is held for one unfinished request: its bytes and its word list.
  int64_t client_query_buffer_limit = int64_t{1} << 30;
};

// Bounds of ReplyParser, for replies whose sender is not trusted.
struct ReplyLimits {
  int max_depth = 128;  // aggregates inside aggregates
  // Of one reply, as sent. As a tree, many small elements take some 40 times as much memory.
  size_t max_bytes = size_t{1} << 30;
};

}  // namespace holdfast::resp
