#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "storage/env.h"

namespace holdfast::fakes {

// A disk that keeps what a power cut may take back apart from what it may not. The faults it knows:
// - Every 512-byte sector written and not synced is kept or lost by itself; each file by itself.
// - Files created, renamed, removed in a folder that was not synced since: each operation happened or did
// not,
//   in order or (every other seed) in any order.
// - After a failed sync the written sectors can still be read, though not directly, but no later sync makes
// them
//   durable.
// - A failed write leaves any mixture of old and new sectors.
// What it does not do: damage synced sectors by itself. Tests do that with Overwrite.
//
// Not thread-safe; FakeEnv guards it.
class FakeDisk {
 public:
  static constexpr size_t kSector = 512;

  // A file's bytes, reachable by name or by open handles.
  struct Inode {
    std::string current;
    std::string durable;
    std::set<uint64_t> dirty;   // sectors that the next sync makes durable
    std::set<uint64_t> doomed;  // sectors that a failed sync has given up
  };
  using InodePointer = std::shared_ptr<Inode>;

  [[nodiscard]] absl::StatusOr<InodePointer> Open(const std::string& path, storage::OpenMode mode);
  [[nodiscard]] absl::Status Rename(const std::string& from, const std::string& to);
  [[nodiscard]] absl::Status Remove(const std::string& path);
  [[nodiscard]] absl::Status CreateFolder(const std::string& path);
  [[nodiscard]] bool Exists(const std::string& path) const;
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> List(const std::string& folder) const;
  [[nodiscard]] absl::Status SyncFolder(const std::string& folder);

  [[nodiscard]] absl::Status Write(Inode& inode, uint64_t offset, std::string_view bytes,
                                   storage::WriteMode mode);
  // A write that fails half-way: each sector is written or not, as `random` says.
  void TearWrite(Inode& inode, uint64_t offset, std::string_view bytes, storage::WriteMode mode,
                 std::mt19937_64& random);
  // What a read past the page cache sees: without the sectors that a failed sync has given up.
  [[nodiscard]] static std::string DirectView(const Inode& inode);
  [[nodiscard]] absl::Status Resize(Inode& inode, uint64_t bytes);
  static void Sync(Inode& inode);
  static void FailSync(Inode& inode);

  // The power cut: afterwards the disk holds what survived it.
  void Crash(std::mt19937_64& random);

  [[nodiscard]] uint64_t used_bytes() const;
  [[nodiscard]] uint64_t capacity() const { return capacity_; }
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }

 private:
  // A change of a folder that its SyncFolder makes durable.
  struct Change {
    std::string folder;
    std::string from;    // the name that goes; empty for a creation
    std::string to;      // the name that comes; empty for a removal
    InodePointer inode;  // null for a new folder
  };
  struct Tree {
    std::map<std::string, InodePointer> files;
    std::set<std::string> folders = {"."};
  };

  static void Apply(const Change& change, Tree& tree);
  static void CrashInode(Inode& inode, std::mt19937_64& random);
  static void PutSector(Inode& inode, uint64_t sector);
  void Note(Change change);
  [[nodiscard]] absl::Status CheckGrowth(const Inode& inode, uint64_t bytes) const;

  Tree current_;
  Tree durable_;
  std::vector<Change> pending_;
  uint64_t capacity_ = uint64_t{1} << 40;
};

}  // namespace holdfast::fakes
