#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/stream_id.h"

namespace holdfast::storage {

// What a stream remembers beside its entries; stands in its key's entry (Entry::value, FORMAT.md).
struct StreamHead {
  StreamId last;         // the highest id ever given out; a new entry's is higher
  StreamId first;        // of the first entry; 0-0 if there is none
  StreamId max_deleted;  // the highest id that XDEL took out
  uint64_t added = 0;    // entries ever added
  uint64_t nodes = 0;    // runs of entries, the open one included (stream_nodes.h)

  // The run that the next entry may join; there is none while open_total is 0.
  StreamId open_first;
  uint64_t open_live = 0;    // entries that are still there
  uint64_t open_total = 0;   // entries that joined
  uint64_t open_bytes = 0;   // what Redis would need for them, roughly
  uint64_t open_fields = 0;  // a hash of the field names of its first entry
};

[[nodiscard]] std::string EncodeStreamHead(const StreamHead& head);
// What is missing at the end reads as zero.
[[nodiscard]] StreamHead DecodeStreamHead(std::string_view stored);

}  // namespace holdfast::storage
