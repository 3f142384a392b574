#include "storage/stream_id.h"

#include "storage/codec.h"

namespace holdfast::storage {

std::optional<StreamId> StreamId::Next() const {
  if (sequence < UINT64_MAX) return StreamId{ms, sequence + 1};
  if (ms < UINT64_MAX) return StreamId{ms + 1, 0};
  return std::nullopt;
}

std::optional<StreamId> StreamId::Previous() const {
  if (sequence > 0) return StreamId{ms, sequence - 1};
  if (ms > 0) return StreamId{ms - 1, UINT64_MAX};
  return std::nullopt;
}

void AppendStreamId(std::string& out, const StreamId& id) {
  AppendU64(out, id.ms);
  AppendU64(out, id.sequence);
}

StreamId ReadStreamId(std::string_view bytes) {
  return {ReadU64(bytes), ReadU64(bytes.substr(sizeof(uint64_t)))};
}

}  // namespace holdfast::storage
