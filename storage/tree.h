#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/kv.h"

namespace holdfast::storage {

// The newest committed state of a tree at the moment of NewSnapshot or Renew. It pins the pages of that
// state, so that the tree grows while an old one lives: renew it after each checkpoint. Used by one thread.
class Snapshot : public Reader {
 public:
  // Moves to the newest committed state. No cursor may be alive. After an error it stands where it stood.
  [[nodiscard]] virtual absl::Status Renew() = 0;
  // Lets go of the tree, as Tree::Reopen needs it: everything reads as absent and fault() is kUnavailable,
  // until Renew.
  virtual void Drop() = 0;
  // Forgets the damage met so far, and returns it: fault() is OK again, unless the tree was dropped.
  [[nodiscard]] virtual absl::Status TakeFault() = 0;
};

// One write transaction on a tree: all of it is there after Commit, none of it without. The first error
// sticks and later calls do nothing; Commit reports it. One at a time; used by one thread.
class TreeWriter {
 public:
  virtual ~TreeWriter() = default;

  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // Deletes at most `limit` entries whose keys begin with `prefix`, from the front; returns how many.
  virtual uint64_t DeletePrefix(std::string_view prefix, uint64_t limit) = 0;
  // The first entry whose key begins with `prefix`; damaged ones are passed over. The views live until the
  // next call.
  [[nodiscard]] virtual std::optional<std::pair<std::string_view, std::string_view>> First(
      std::string_view prefix) = 0;

  // kResourceExhausted: disk or map is full. After any error: destroy it; see Tree::needs_reopen.
  [[nodiscard]] virtual const absl::Status& status() const = 0;
  // Durable when it returns OK. Once, at the end.
  [[nodiscard]] virtual absl::Status Commit() = 0;
};

struct TreeFacts {
  uint64_t used_bytes = 0;  // pages that hold something, in any state that is still pinned
  uint64_t file_bytes = 0;
};

// The ordered map on disk behind the log: LMDB (storage/lmdb), or a twin in memory for tests that cut the
// power. Written by the checkpointer, read through snapshots.
class Tree {
 public:
  virtual ~Tree() = default;

  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() = 0;
  // Waits while another writer lives.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<TreeWriter>> NewWriter() = 0;

  // After a failed commit nobody knows what the file's newest state is: no writer can be had until Reopen,
  // which needs that all snapshots are dropped and no writer lives.
  [[nodiscard]] virtual bool needs_reopen() const = 0;
  [[nodiscard]] virtual absl::Status Reopen() = 0;

  // For the thread that writes.
  [[nodiscard]] virtual TreeFacts Measure() = 0;
};

}  // namespace holdfast::storage
