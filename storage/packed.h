#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::storage {

// A small collection in one value: length-prefixed items in insertion order, as Redis's listpacks keep them.
// Hash: field, value, field, value ...; set: member ...; sorted set: member, score (8 ordered bytes) ... in
// score order. Items are views into the packed bytes.
[[nodiscard]] std::vector<std::string_view> Unpack(std::string_view packed);
[[nodiscard]] std::string Pack(const std::vector<std::string_view>& items);

// Redis's limits of the small form, by the names of its configuration.
struct InlineLimits {
  uint64_t hash_max_listpack_entries = 128;
  uint64_t hash_max_listpack_value = 64;
  uint64_t set_max_intset_entries = 512;
  uint64_t set_max_listpack_entries = 128;
  uint64_t set_max_listpack_value = 64;
  uint64_t zset_max_listpack_entries = 128;
  uint64_t zset_max_listpack_value = 64;
  int64_t list_max_listpack_size = -2;
  uint64_t stream_node_max_entries = 100;
  uint64_t stream_node_max_bytes = 4096;
};

}  // namespace holdfast::storage
