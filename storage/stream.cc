#include "storage/stream.h"

#include <algorithm>
#include <utility>

#include "storage/codec.h"
#include "storage/packed.h"

namespace holdfast::storage {

Stream::Stream(Keyspace& keyspace, std::string_view key) : keyspace_(keyspace), slot_(keyspace.Look(key)) {
  if (exists() && !wrong_type()) head_ = DecodeStreamHead(slot_.entry->value);
}

std::string Stream::KeyOf(const StreamId& id) const {
  std::string key = TablePrefix(Table::kStreamEntry, slot_.entry->id);
  AppendStreamId(key, id);
  return key;
}

void Stream::Create() {
  slot_.entry = Keyspace::NewEntry(ValueType::kStream, Encoding::kElements);
  slot_.entry->id = transaction().NewId();
  Save();
}

void Stream::Append(const StreamId& id, std::span<const std::string_view> fields) {
  if (!exists()) {
    slot_.entry = Keyspace::NewEntry(ValueType::kStream, Encoding::kElements);
    slot_.entry->id = transaction().NewId();
  }
  nodes().Add(id, fields);
  Put(id, fields);
  Save();
}

void Stream::AppendNode(std::span<const StreamEntry> entries) {
  nodes().Close();
  for (const StreamEntry& entry : entries) {
    nodes().Join(entry.id, entry.fields);
    Put(entry.id, entry.fields);
  }
  Save();
}

void Stream::Put(const StreamId& id, std::span<const std::string_view> fields) {
  std::string packed;
  for (const std::string_view word : fields) AppendBytes(packed, word);
  transaction().Insert(KeyOf(id), packed);
  if (slot_.entry->count == 0) head_.first = id;
  ++slot_.entry->count;
  slot_.entry->bytes += packed.size();
  head_.last = id;
  ++head_.added;
}

bool Stream::Contains(const StreamId& id) const {
  return exists() && transaction().Get(KeyOf(id)).has_value();
}

std::optional<StreamEntry> Stream::Find(const StreamId& id) const {
  if (!exists()) return std::nullopt;
  const std::optional<std::string_view> packed = transaction().Get(KeyOf(id));
  if (!packed) return std::nullopt;
  return StreamEntry{id, Unpack(*packed)};
}

std::optional<StreamId> Stream::FirstEntry() const {
  std::optional<StreamId> first;
  Visit({}, Direction::kForward, 1, [&](const StreamEntry& entry) { first = entry.id; });
  return first;
}

std::optional<StreamId> Stream::LastEntry() const {
  std::optional<StreamId> last;
  Visit({}, Direction::kReverse, 1, [&](const StreamEntry& entry) { last = entry.id; });
  return last;
}

uint64_t Stream::Visit(const StreamRange& range, Direction direction, uint64_t limit, Visitor visit) const {
  if (size() == 0 || range.to < range.from) return 0;
  const std::string prefix = TablePrefix(Table::kStreamEntry, slot_.entry->id);
  const bool forward = direction == Direction::kForward;
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  if (forward) {
    // The head says where the first entry stands: nothing that was cut off before it is met.
    cursor->Seek(KeyOf(std::max(range.from, head_.first)));
  } else if (const std::optional<StreamId> behind = range.to.Next()) {
    cursor->SeekBefore(KeyOf(*behind));
  } else {
    cursor->SeekBefore(TablePrefix(Table::kStreamEntry, slot_.entry->id + 1));
  }
  uint64_t visited = 0;
  while ((limit == 0 || visited < limit) && cursor->valid() && cursor->key().starts_with(prefix)) {
    const StreamId id = ReadStreamId(cursor->key().substr(prefix.size()));
    if (forward ? range.to < id : id < range.from) break;
    visit({id, Unpack(cursor->value())});
    ++visited;
    forward ? cursor->Next() : cursor->Prev();
  }
  return visited;
}

std::vector<StreamId> Stream::NodeStarts() const {
  if (!exists()) return {};
  StreamHead head = head_;
  return StreamNodes(transaction(), slot_.entry->id, head).Starts();
}

uint64_t Stream::Erase(std::span<const StreamId> ids) {
  uint64_t erased = 0;
  if (size() == 0) return 0;
  for (const StreamId& id : ids) {
    const std::string key = KeyOf(id);
    const std::optional<std::string_view> packed = transaction().Get(key);
    if (!packed) continue;
    slot_.entry->bytes -= packed->size();
    --slot_.entry->count;
    transaction().Delete(key);
    if (const auto node = nodes().Containing(id)) nodes().Shrink(*node, 1);
    head_.max_deleted = std::max(head_.max_deleted, id);
    ++erased;
  }
  if (erased == 0) return 0;
  head_.first = FirstEntry().value_or(StreamId{});
  Save();
  return erased;
}

uint64_t Stream::Trim(const StreamTrim& trim) {
  uint64_t cut = 0;
  while (size() > 0 && !(trim.max_length && size() <= *trim.max_length)) {
    const std::optional<StreamNodes::Node> node = nodes().First();
    if (!node || (trim.limit > 0 && cut + node->live > trim.limit)) break;
    const bool whole = trim.max_length ? size() - node->live >= *trim.max_length : node->last < trim.min_id;
    if (!whole && trim.rough) break;
    cut += TrimNode(*node, trim, whole);
    if (!whole) break;
  }
  if (cut == 0) return 0;
  head_.first = FirstEntry().value_or(StreamId{});
  Save();
  return cut;
}

uint64_t Stream::TrimNode(const StreamNodes::Node& node, const StreamTrim& trim, bool whole) {
  uint64_t most = node.live;
  std::optional<StreamId> end;
  if (!whole && trim.max_length) most = std::min(most, size() - *trim.max_length);
  if (!whole && !trim.max_length) end = trim.min_id;
  const uint64_t cut = CutFront(most, end);
  // Everything of a whole node is gone, even if its count was not right.
  if (cut > 0 || whole) nodes().Shrink(node, whole ? node.live : cut);
  return cut;
}

uint64_t Stream::CutFront(uint64_t most, const std::optional<StreamId>& end) {
  const std::string prefix = TablePrefix(Table::kStreamEntry, slot_.entry->id);
  const std::unique_ptr<Cursor> cursor = transaction().NewCursor();
  uint64_t cut = 0;
  cursor->Seek(KeyOf(head_.first));
  while (cut < most && cursor->valid() && cursor->key().starts_with(prefix)) {
    const std::string key(cursor->key());
    const StreamId id = ReadStreamId(std::string_view(key).substr(prefix.size()));
    if (end && *end <= id) break;
    slot_.entry->bytes -= cursor->value().size();
    --slot_.entry->count;
    transaction().Delete(key);
    // No entry stands before this place: the search for the first one begins here.
    head_.first = id.Next().value_or(id);
    ++cut;
    cursor->Next();
  }
  return cut;
}

void Stream::Remember(const StreamId& last, std::optional<uint64_t> added, const StreamId& max_deleted) {
  head_.last = last;
  if (added) head_.added = *added;
  if (!max_deleted.is_zero()) head_.max_deleted = max_deleted;
  Save();
}

void Stream::Wake() {
  transaction().NoteTouch({keyspace_.database(), slot_.key, ValueType::kStream, false, true});
}

void Stream::Save() {
  encoded_head_ = EncodeStreamHead(head_);
  slot_.entry->value = encoded_head_;
  keyspace_.Save(slot_);
}

}  // namespace holdfast::storage
