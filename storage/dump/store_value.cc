#include "storage/dump/store_value.h"

#include <vector>

#include "storage/hash.h"
#include "storage/list.h"
#include "storage/set.h"
#include "storage/sorted_set.h"
#include "storage/stream_group.h"
#include "storage/string.h"

namespace holdfast::storage::dump {
namespace {

void StoreGroup(const Stream& stream, const StreamValue& value, const StreamValue::Group& group) {
  StreamGroup stored = StreamGroup::Create(stream, group.name, group.last, group.entries_read);
  if (value.without_counts) stored.SetEntriesRead(stored.Distance(group.last));
  std::vector<uint64_t> numbers;
  for (const StreamValue::Consumer& consumer : group.consumers) {
    StreamConsumer& added = stored.AddConsumer(consumer.name, consumer.seen);
    added.active = consumer.active;
    numbers.push_back(added.number);
  }
  for (const StreamValue::Pending& pending : group.pending) {
    stored.Deliver(pending.id, {numbers[pending.consumer], pending.time, pending.count});
  }
  stored.Save();
}

void StoreStream(Keyspace& keyspace, std::string_view key, const StreamValue& value) {
  Stream stream(keyspace, key);
  stream.Create();
  for (const std::vector<StreamEntry>& node : value.nodes) stream.AppendNode(node);
  stream.Remember(value.last, value.added, value.max_deleted);
  for (const StreamValue::Group& group : value.groups) StoreGroup(stream, value, group);
}

bool StoreWithoutExpiry(Keyspace& keyspace, std::string_view key, const Value& value) {
  switch (value.type) {
    case ValueType::kString:
      String(keyspace, key).Set(value.words.front());
      return true;
    case ValueType::kList: {
      // From its end: a queue's pushes go on upwards.
      const std::vector<std::string_view> reversed(value.words.rbegin(), value.words.rend());
      List(keyspace, key).Push(End::kFront, reversed);
      return true;
    }
    case ValueType::kSet:
      return Set(keyspace, key).Add(value.words) == value.words.size();
    case ValueType::kHash:
      return Hash(keyspace, key).Set(value.words) == value.words.size() / 2;
    case ValueType::kSortedSet:
      return SortedSet(keyspace, key).Add(value.members).added == value.members.size();
    case ValueType::kStream:
      StoreStream(keyspace, key, value.stream);
      return true;
  }
  return false;
}

}  // namespace

bool Store(Keyspace& keyspace, std::string_view key, const Value& value, absl::Time expires) {
  if (!StoreWithoutExpiry(keyspace, key, value)) return false;
  if (expires != absl::InfiniteFuture()) String(keyspace, key).Expire(expires);
  return true;
}

}  // namespace holdfast::storage::dump
