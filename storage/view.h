#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "storage/kv.h"
#include "storage/memtable.h"

namespace holdfast::storage {

// The ordered map as the engine sees it: the active memtable over the frozen one (while a checkpoint runs)
// over an LMDB snapshot. Writes go to the active memtable. Used by the engine's thread only.
class View : public Reader {
 public:
  // `base` may be null (nothing checkpointed yet, tests); it must outlive its use here.
  explicit View(Reader* base = nullptr);

  [[nodiscard]] std::optional<std::string_view> Get(std::string_view key) override;
  [[nodiscard]] std::unique_ptr<Cursor> NewCursor() override;
  void Release() override;
  [[nodiscard]] const absl::Status& fault() const override;

  Memtable::Change Put(std::string_view key, std::string_view value, Memtable::Kind kind);
  Memtable::Change Delete(std::string_view key);
  void Restore(const Memtable::Change& change);

  [[nodiscard]] const Memtable& active() const { return *active_; }
  [[nodiscard]] const Memtable* frozen() const { return frozen_.get(); }

  // Gives back the memory of an active memtable that is empty: what was taken back stays in it otherwise.
  void DropEmpty();
  // The active memtable becomes the frozen one and a fresh one takes its place. Needs that none is frozen.
  std::shared_ptr<const Memtable> Freeze();
  // The frozen memtable is now part of `base`: drop it and read from there.
  void Rebase(Reader* base);
  // Drops both memtables (they are replayed from the log afterwards) and reads from `base`.
  void Reset(Reader* base);

 private:
  friend class ViewCursor;
  // Popping from one end of a collection leaves a run of deletes in front of the first live key. A seek that
  // walked over such a run notes it here as an empty range [first, second), so that the next seek jumps over
  // it at once.
  void NoteEmpty(std::string_view from, std::string_view to);
  // `key` is not empty any more.
  void ForgetEmpty(std::string_view key);
  // The first place at or after `key` that is not known to be empty.
  [[nodiscard]] std::string SkipForward(std::string_view key) const;
  // A place at or before `key` with nothing known to live between the two.
  [[nodiscard]] std::string SkipBackward(std::string_view key) const;

  Reader* base_;
  std::unique_ptr<Memtable> active_;
  std::shared_ptr<const Memtable> frozen_;
  absl::btree_map<std::string, std::string> empty_ranges_;
};

}  // namespace holdfast::storage
