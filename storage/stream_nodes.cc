#include "storage/stream_nodes.h"

#include <memory>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

// How Redis packs an entry, to the byte for words that are no numbers.
constexpr uint64_t kNodeBytes = 15;
constexpr uint64_t kEntryBytes = 9;
constexpr size_t kShortWord = 64;

uint64_t PackedBytes(std::string_view word) { return word.size() + (word.size() < kShortWord ? 2 : 4); }

struct EntryBytes {
  uint64_t plain = 0;   // of all words, bare
  uint64_t names = 0;   // of the field names, packed
  uint64_t values = 0;  // of the values, packed
};

EntryBytes Measure(std::span<const std::string_view> fields) {
  EntryBytes bytes;
  for (size_t i = 0; i < fields.size(); ++i) {
    bytes.plain += fields[i].size();
    (i % 2 == 0 ? bytes.names : bytes.values) += PackedBytes(fields[i]);
  }
  return bytes;
}

std::string Names(std::span<const std::string_view> fields) {
  std::string names;
  for (size_t i = 0; i < fields.size(); i += 2) AppendBytes(names, fields[i]);
  return names;
}

}  // namespace

std::string StreamNodes::KeyOf(const StreamId& first) const {
  std::string key = TablePrefix(Table::kStreamNode, id_);
  AppendStreamId(key, first);
  return key;
}

void StreamNodes::Add(const StreamId& id, std::span<const std::string_view> fields) {
  const InlineLimits& limits = transaction_.limits();
  const bool full =
      (limits.stream_node_max_entries > 0 && head_.open_total >= limits.stream_node_max_entries) ||
      (limits.stream_node_max_bytes > 0 &&
       head_.open_bytes + Measure(fields).plain >= limits.stream_node_max_bytes);
  if (full) Close();
  Join(id, fields);
}

void StreamNodes::Join(const StreamId& id, std::span<const std::string_view> fields) {
  const EntryBytes bytes = Measure(fields);
  const uint64_t names = transaction_.Hash(Names(fields));
  if (head_.open_total == 0) {
    ++head_.nodes;
    head_.open_first = id;
    head_.open_live = 0;
    head_.open_bytes = kNodeBytes + bytes.names;
    head_.open_fields = names;
  }
  ++head_.open_live;
  ++head_.open_total;
  // Names that are those of the run's first entry are not repeated.
  head_.open_bytes += kEntryBytes + bytes.values + (names == head_.open_fields ? 0 : 2 + bytes.names);
}

void StreamNodes::Close() {
  if (head_.open_total > 0) Write(OpenNode());
  head_.open_total = 0;
}

std::vector<StreamId> StreamNodes::Starts() const {
  std::vector<StreamId> starts;
  const std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek(TablePrefix(Table::kStreamNode, id_));
  while (const std::optional<Node> node = At(*cursor)) {
    starts.push_back(node->first);
    cursor->Next();
  }
  if (head_.open_total > 0) starts.push_back(head_.open_first);
  return starts;
}

void StreamNodes::Write(const Node& node) {
  std::string stored;
  AppendVarint(stored, node.live);
  AppendStreamId(stored, node.last);
  transaction_.Put(KeyOf(node.first), stored);
}

std::optional<StreamNodes::Node> StreamNodes::At(const Cursor& cursor) const {
  const std::string prefix = TablePrefix(Table::kStreamNode, id_);
  if (!cursor.valid() || !cursor.key().starts_with(prefix)) return std::nullopt;
  Node node;
  node.first = ReadStreamId(cursor.key().substr(prefix.size()));
  std::string_view stored = cursor.value();
  node.live = TakeVarint(stored).value_or(0);
  if (stored.size() >= kStreamIdBytes) node.last = ReadStreamId(stored);
  return node;
}

std::optional<StreamNodes::Node> StreamNodes::First() const {
  const std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->Seek(TablePrefix(Table::kStreamNode, id_));
  if (std::optional<Node> node = At(*cursor)) return node;
  if (head_.open_total == 0) return std::nullopt;
  return OpenNode();
}

std::optional<StreamNodes::Node> StreamNodes::Containing(const StreamId& id) const {
  if (head_.open_total > 0 && head_.open_first <= id) return OpenNode();
  const std::unique_ptr<Cursor> cursor = transaction_.NewCursor();
  cursor->SeekBefore(KeyOf(id.Next().value_or(id)));
  return At(*cursor);
}

void StreamNodes::Shrink(const Node& node, uint64_t entries) {
  const uint64_t left = node.live - entries;
  if (left == 0) --head_.nodes;
  if (node.open) {
    head_.open_live = left;
    if (left == 0) head_.open_total = 0;
  } else if (left == 0) {
    transaction_.Delete(KeyOf(node.first));
  } else {
    Write({node.first, node.last, left, false});
  }
}

}  // namespace holdfast::storage
