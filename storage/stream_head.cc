#include "storage/stream_head.h"

#include <algorithm>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

StreamId TakeId(std::string_view& bytes) {
  if (bytes.size() < kStreamIdBytes) {
    bytes = {};
    return {};
  }
  const StreamId id = ReadStreamId(bytes);
  bytes.remove_prefix(kStreamIdBytes);
  return id;
}

}  // namespace

std::string EncodeStreamHead(const StreamHead& head) {
  std::string stored;
  for (const StreamId& id : {head.last, head.first, head.max_deleted, head.open_first}) {
    AppendStreamId(stored, id);
  }
  for (const uint64_t number :
       {head.added, head.nodes, head.open_live, head.open_total, head.open_bytes, head.open_fields}) {
    AppendVarint(stored, number);
  }
  return stored;
}

StreamHead DecodeStreamHead(std::string_view stored) {
  StreamHead head;
  for (StreamId* id : {&head.last, &head.first, &head.max_deleted, &head.open_first}) *id = TakeId(stored);
  for (uint64_t* number :
       {&head.added, &head.nodes, &head.open_live, &head.open_total, &head.open_bytes, &head.open_fields}) {
    *number = TakeVarint(stored).value_or(0);
  }
  return head;
}

}  // namespace holdfast::storage
