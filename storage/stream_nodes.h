#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/packed.h"
#include "storage/stream_head.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// Redis keeps a stream's entries in nodes of a hundred or of four kilobytes (stream-node-max-entries,
// stream-node-max-bytes), and a rough trim (MAXLEN ~, MINID ~) takes only whole ones. Clients see that, so
// streams here count the same runs of entries:
//
//   [kStreamNode][id][first entry's id] -> [entries that are left][last entry's id]
//
// The newest run is open and stands in the StreamHead; it is written when the next one begins. A run without
// entries is forgotten.
class StreamNodes {
 public:
  struct Node {
    StreamId first;
    StreamId last;      // at least the last entry's id
    uint64_t live = 0;  // entries that are left
    bool open = false;
  };

  // `id` is the stream's, `head` what it remembers; both outlive this.
  StreamNodes(Transaction& transaction, uint64_t id, StreamHead& head)
      : transaction_(transaction), id_(id), head_(head) {}

  // Counts an entry that is about to be appended; head.last is still the one before it.
  void Add(const StreamId& id, std::span<const std::string_view> fields);
  // The same, but it joins the open run whatever that has already.
  void Join(const StreamId& id, std::span<const std::string_view> fields);
  // The next entry begins a run.
  void Close();
  // Where the runs begin, in order.
  [[nodiscard]] std::vector<StreamId> Starts() const;
  // The run at the stream's beginning.
  [[nodiscard]] std::optional<Node> First() const;
  // The run that `id`, an entry's, belongs to.
  [[nodiscard]] std::optional<Node> Containing(const StreamId& id) const;
  // Takes `entries` out of the count, of which it has as many.
  void Shrink(const Node& node, uint64_t entries);

 private:
  [[nodiscard]] std::string KeyOf(const StreamId& first) const;
  [[nodiscard]] Node OpenNode() const { return {head_.open_first, head_.last, head_.open_live, true}; }
  // The stored run a cursor stands on.
  [[nodiscard]] std::optional<Node> At(const Cursor& cursor) const;
  void Write(const Node& node);

  Transaction& transaction_;
  uint64_t id_;
  StreamHead& head_;
};

}  // namespace holdfast::storage
