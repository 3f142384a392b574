#include "storage/codec.h"
#include "storage/dump/encode.h"
#include "storage/dump/payload.h"
#include "storage/dump/stream_node.h"
#include "storage/dump/stream_payload.h"
#include "storage/stream_group.h"

namespace holdfast::storage::dump {
namespace {

constexpr uint64_t kUnknown = UINT64_MAX;
// An entry that is pending takes its id twice, a time and a count.
constexpr uint64_t kPendingBytes = 48;

void AppendId(std::string& out, const StreamId& id) {
  AppendLength(out, id.ms);
  AppendLength(out, id.sequence);
}

void AppendTime(std::string& out, int64_t time) {
  AppendLittleEndian(out, static_cast<uint64_t>(time), sizeof time);
}

// A node for each run of entries that a rough trim takes as one.
void AppendNodes(std::string& out, const Stream& stream) {
  const std::vector<StreamId> starts = stream.NodeStarts();
  size_t next = 0;
  const size_t begin = out.size();
  uint64_t count = 0;
  StreamNodeWriter node;
  const auto finish = [&] {
    std::string id;
    AppendStreamId(id, node.id());
    AppendString(out, id);
    AppendString(out, node.Finish());
    ++count;
  };
  stream.Visit({}, Direction::kForward, 0, [&](const StreamEntry& entry) {
    bool begins = false;
    for (; next < starts.size() && starts[next] <= entry.id; ++next) begins = true;
    if (begins && !node.empty()) finish();
    node.Add(entry);
  });
  if (!node.empty()) finish();
  InsertLength(out, begin, count);
}

void AppendConsumer(std::string& out, const StreamGroup& group, const StreamConsumer& consumer) {
  AppendString(out, consumer.name);
  AppendTime(out, consumer.seen);
  AppendLength(out, consumer.pending);
  group.VisitPendingOf(consumer, {}, [&](const StreamId& id, const StreamDelivery&) {
    AppendStreamId(out, id);
    return true;
  });
}

void AppendGroup(std::string& out, StreamGroup& group) {
  AppendString(out, group.name());
  AppendId(out, group.last());
  AppendLength(out, group.entries_read().value_or(kUnknown));
  AppendLength(out, group.pending());
  group.VisitPending({}, [&](const StreamId& id, const StreamDelivery& delivery) {
    AppendStreamId(out, id);
    AppendTime(out, delivery.time);
    AppendLength(out, delivery.count);
    return true;
  });
  const std::vector<StreamConsumer*> consumers = group.Consumers();
  AppendLength(out, consumers.size());
  for (const StreamConsumer* consumer : consumers) AppendConsumer(out, group, *consumer);
}

}  // namespace

bool AppendStream(std::string& out, const Stream& stream) {
  AppendNodes(out, stream);
  const StreamHead& head = stream.head();
  AppendLength(out, stream.size());
  AppendId(out, head.last);
  AppendId(out, head.first);
  AppendId(out, head.max_deleted);
  AppendLength(out, head.added);
  std::vector<StreamGroup> groups = StreamGroup::All(stream);
  AppendLength(out, groups.size());
  for (StreamGroup& group : groups) {
    if (out.size() + group.pending() * kPendingBytes > kMaxPayloadBytes) return false;
    AppendGroup(out, group);
  }
  return true;
}

}  // namespace holdfast::storage::dump
