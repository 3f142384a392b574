#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"

namespace holdfast::storage {

// Bytes that live until the arena is destroyed. Not shared between threads.
class Arena {
 public:
  // A copy of `bytes` that lives as long as the arena.
  std::string_view Copy(std::string_view bytes);
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t bytes_ = 0;
};

// The ordered map of puts and deletes that are in the log but not yet in LMDB. The engine's thread writes the
// active one; once frozen it never changes again and the checkpointer's thread reads it.
class Memtable {
 public:
  enum class Kind : uint8_t {
    kPut,     // over whatever lies below
    kInsert,  // nothing lies below (neither in the frozen memtable nor in LMDB): a delete may forget it
              // altogether
    kDelete,  // hides whatever lies below
  };
  struct Slot {
    std::string_view value;
    Kind kind = Kind::kPut;
  };
  using Map = absl::btree_map<std::string_view, Slot>;
  // A change, and what stood there before it; Restore takes it back. The views live as long as the memtable.
  struct Change {
    std::string_view key;
    std::string_view value;
    std::optional<Slot> before;
  };

  // Both copy the bytes into the arena.
  Change Put(std::string_view key, std::string_view value, Kind kind);
  Change Delete(std::string_view key);
  // Takes back the newest change not yet taken back.
  void Restore(const Change& change);

  [[nodiscard]] const Slot* Find(std::string_view key) const;
  [[nodiscard]] const Map& map() const { return map_; }
  // Rises with every change: a cursor over map() must seek again.
  [[nodiscard]] uint64_t version() const { return version_; }
  // Arena and tree: what counts against the memtable's bound.
  [[nodiscard]] size_t bytes() const { return arena_.bytes() + map_.size() * kTreeBytes; }
  [[nodiscard]] bool empty() const { return map_.empty(); }

 private:
  static constexpr size_t kTreeBytes = sizeof(Map::value_type) + 8;

  Arena arena_;
  Map map_;
  uint64_t version_ = 0;
};

}  // namespace holdfast::storage
