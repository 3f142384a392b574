#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "storage/batch.h"

namespace holdfast::storage::log {

// A place in the history of a data folder. Each opening takes a new, higher epoch; sequences rise by one a
// record and go on across epochs, so that the order of positions is the order of history.
struct Position {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  auto operator<=>(const Position&) const = default;
};

// What a log tells its owner. All calls come on the thread that calls Open, Append or Poll, from inside that
// call.
class Listener {
 public:
  virtual ~Listener() = default;

  // Open replays a record that is not yet in the checkpoint. The batch's views live until the call returns.
  virtual absl::Status OnRecord(Position position, const Batch& batch) = 0;
  // From now on this process may execute: the epoch is durable and nobody else writes. From Open, and again
  // from Reserve where the log goes on after it met a full disk.
  virtual void OnLeader(uint64_t epoch) = 0;
  // Every record up to and including `sequence` survives a power cut: release the replies.
  virtual void OnDurable(uint64_t sequence) = 0;
  // The log can promise nothing any more (a failed write or sync, a lost lease). Records after the last
  // OnDurable have an unknown outcome. No call but destruction is allowed afterwards.
  virtual void OnLost(const absl::Status& why) = 0;
};

// When a record counts as durable.
enum class Durability {
  kAlways,    // OnDurable comes after the record's own synced write
  kEverySec,  // OnDurable comes at once; a background sync follows within a second
  kOff,       // OnDurable comes at once; only Close syncs. For tests and throw-away data.
};

// The log in front of the B-tree: turns go in as records, and come back out after a crash. The seam behind
// which a replicated log can stand; one conformance suite (tests/storage/log) runs over every implementation.
//
// Order of use: Open, then any number of {Reserve, Append}, Checkpointed as checkpoints complete, Close.
// One append in flight: Append may return before OnDurable came; the next Append waits for it.
class CommitLog {
 public:
  virtual ~CommitLog() = default;

  // Replays what comes after `applied` through listener.OnRecord in order, takes and syncs a new epoch, then
  // calls OnLeader. A torn or corrupt end of the newest epoch's tail is cut off silently (it was never
  // acknowledged); damage before the tail is kDataLoss naming file and offset. The listener must outlive the
  // log.
  [[nodiscard]] virtual absl::Status Open(Position applied, Listener& listener) = 0;

  // Secures space for a record whose batch encodes to `payload_bytes`, so that the Append after it never
  // meets ENOSPC. kResourceExhausted when the disk is full: nothing changed, ask again later.
  [[nodiscard]] virtual absl::Status Reserve(size_t payload_bytes) = 0;

  // Writes one record. Its sequence is the last one's plus one, and is returned by last_sequence()
  // afterwards. Needs a successful Reserve of at least its size. kResourceExhausted: the disk had no space
  // for it all the same (a file system that copies what is overwritten, a quota that was lowered); the record
  // does not count, and the next Reserve goes on behind it as soon as there is space, in a new epoch that it
  // tells by OnLeader. Any other failed write or sync calls OnLost and returns the same status.
  [[nodiscard]] virtual absl::Status Append(const Batch& batch) = 0;

  // Goes on with what is under way without blocking (kEverySec's sync result, an asynchronous write).
  virtual void Poll() = 0;

  // The checkpoint holds everything up to `position`: segments before it may be recycled.
  virtual void Checkpointed(Position position) = 0;

  // Syncs what is left and closes the files. The clean end of a log; destruction without it is a crash.
  [[nodiscard]] virtual absl::Status Close() = 0;

  [[nodiscard]] virtual uint64_t epoch() const = 0;
  [[nodiscard]] virtual uint64_t last_sequence() const = 0;
  // Bytes on disk in live and recycled segments.
  [[nodiscard]] virtual uint64_t disk_bytes() const = 0;
  // Bytes that the records appended since Open take on disk. It only rises: what was written between two
  // looks at it is what a checkpoint between them makes free again.
  [[nodiscard]] virtual uint64_t written_bytes() const = 0;
};

}  // namespace holdfast::storage::log
