#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/keyspace.h"
#include "storage/sorted_set_walk.h"
#include "storage/stream_head.h"
#include "storage/stream_id.h"
#include "storage/stream_nodes.h"

namespace holdfast::storage {

// An entry under the eyes of a visitor: its views live as those of Transaction::Get, but of a long entry only
// until the visitor returns.
struct StreamEntry {
  StreamId id;
  std::vector<std::string_view> fields;  // field, value, field, value ...
};

// What XTRIM and XADD may cut off at the beginning.
struct StreamTrim {
  std::optional<uint64_t> max_length{};  // leave so many; else:
  StreamId min_id{};                     // leave entries from this id on
  bool rough = false;                    // take whole nodes only (stream_nodes.h)
  uint64_t limit = 0;                    // take at most so many; 0: no limit
};

// The stream at one key, looked up once: entries in the order of their ids.
//
//   Stream stream(keyspace, "events");
//   if (stream.wrong_type()) ...
//   stream.Append({1700000000000, 0}, {{"event", "added"}});
//
//   [kStreamEntry][id][ms][sequence] -> [length-prefixed field][length-prefixed value] ...
//
// Appending, cutting off an entry at the beginning and finding one cost O(log n). An empty stream keeps its
// key. Every change is saved at once. Groups of consumers: stream_group.h. Verbs other than wrong_type() need
// that it is false. One Stream per key at a time.
class Stream {
 public:
  using Visitor = absl::FunctionRef<void(const StreamEntry& entry)>;

  Stream(Keyspace& keyspace, std::string_view key);

  // The key holds something else.
  [[nodiscard]] bool wrong_type() const { return slot_.entry && slot_.entry->type != ValueType::kStream; }
  [[nodiscard]] bool exists() const { return slot_.entry.has_value(); }
  [[nodiscard]] uint64_t size() const { return slot_.entry ? slot_.entry->count : 0; }
  [[nodiscard]] const StreamHead& head() const { return head_; }
  // Where the groups stand: the prefix of all that belongs to the stream. Needs exists().
  [[nodiscard]] uint64_t id() const { return slot_.entry->id; }
  [[nodiscard]] Transaction& transaction() const { return keyspace_.transaction(); }

  // Makes an empty stream of an absent key.
  void Create();
  // `id` is above head().last. Creates the key.
  void Append(const StreamId& id, std::span<const std::string_view> fields);
  // The same for several, of an existing stream: they are a node of their own (stream_nodes.h).
  void AppendNode(std::span<const StreamEntry> entries);

  [[nodiscard]] bool Contains(const StreamId& id) const;
  [[nodiscard]] std::optional<StreamEntry> Find(const StreamId& id) const;
  // The last entry's id, which may be below head().last.
  [[nodiscard]] std::optional<StreamId> LastEntry() const;
  // Up to `limit` entries of the range (0: all), from its end if kReverse. Returns how many.
  uint64_t Visit(const StreamRange& range, Direction direction, uint64_t limit, Visitor visit) const;
  // Where its nodes begin (stream_nodes.h), in order: the id of each one's first entry, be it deleted.
  [[nodiscard]] std::vector<StreamId> NodeStarts() const;

  // How many of them were there.
  uint64_t Erase(std::span<const StreamId> ids);
  // How many were cut off.
  uint64_t Trim(const StreamTrim& trim);
  // XSETID: what is given replaces what the stream remembers.
  void Remember(const StreamId& last, std::optional<uint64_t> added, const StreamId& max_deleted);
  // Says that those who wait for the stream must look again, though no entry came (XGROUP DESTROY).
  void Wake();

 private:
  [[nodiscard]] std::string KeyOf(const StreamId& id) const;
  [[nodiscard]] StreamNodes nodes() { return {transaction(), slot_.entry->id, head_}; }
  [[nodiscard]] std::optional<StreamId> FirstEntry() const;
  // Puts an entry behind the last one; not saved yet.
  void Put(const StreamId& id, std::span<const std::string_view> fields);
  // Deletes up to `most` entries below `end` (all, if it is nullopt) from the beginning; how many.
  uint64_t CutFront(uint64_t most, const std::optional<StreamId>& end);
  // Cuts the first node as far as `trim` allows; how many entries went.
  uint64_t TrimNode(const StreamNodes::Node& node, const StreamTrim& trim, bool whole);
  void Save();

  Keyspace& keyspace_;
  Slot slot_;
  StreamHead head_;
  std::string encoded_head_;  // what slot_.entry->value shows until it is saved
};

}  // namespace holdfast::storage
