#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/keyspace.h"

namespace holdfast::storage {

// The front is the left end in Redis's words: LPUSH's side, index 0. A queue is pushed at the front and
// popped at the back.
enum class End : uint8_t { kFront, kBack };

// What LPOS asks for.
struct ListSearch {
  int64_t rank = 1;      // the first match to report: 1 from the front, -1 from the back; never 0
  uint64_t matches = 1;  // how many to report; 0: all
  uint64_t looks = 0;    // how many elements to look at; 0: all
};

// The list at one key, looked up once.
//
//   List list(keyspace, "queue:default");
//   if (list.wrong_type()) ...
//   list.Push(End::kFront, {&payload, 1});
//
// Each element is one map entry [kList][id][position]; Entry::head is the lowest position in use and
// Entry::tail the highest. The front is the *highest* position, so that a queue's pushes come in ascending
// key order. While no position between the ends is empty (dense), an index is a position and costs O(log n).
// RemoveMatching leaves holes; then what needs an index walks from the nearer end.
//
// Every change is saved at once; a list that becomes empty loses its key. The element views that are handed
// out live as those of Transaction::Get. Verbs other than wrong_type() need that it is false. One List per
// key at a time.
class List {
 public:
  using Visit = absl::FunctionRef<void(std::string_view element)>;

  List(Keyspace& keyspace, std::string_view key) : keyspace_(keyspace), slot_(keyspace.Look(key)) {}

  // The key holds something else.
  [[nodiscard]] bool wrong_type() const { return slot_.entry && slot_.entry->type != ValueType::kList; }
  [[nodiscard]] bool empty() const { return !slot_.entry; }
  [[nodiscard]] uint64_t size() const { return slot_.entry ? slot_.entry->count : 0; }

  // One after the other, so that the last one stands at the very end.
  void Push(End end, std::span<const std::string_view> elements);

  // Takes min(count, size()) elements, from the end inwards.
  void Pop(End end, uint64_t count, Visit visit);
  // The same for somebody who is yet to confirm that he has them, while Transaction::hands_over().
  void HandOut(End end, uint64_t count, Visit visit);

  // `index` < size() counts from the front.
  [[nodiscard]] std::string_view At(uint64_t index);
  void Set(uint64_t index, std::string_view element);
  // `count` elements from `first` on, front to back; first + count <= size().
  void Range(uint64_t first, uint64_t count, Visit visit);
  // Keeps `count` elements from `first` on; first + count <= size(). With count 0 the key goes.
  void Trim(uint64_t first, uint64_t count);

  // The first `limit` equal elements, seen from the front; with a negative limit from the back; 0: all.
  // Returns how many were removed.
  uint64_t RemoveMatching(int64_t limit, std::string_view element);

  // Puts `element` next to the first one that equals `pivot`, on the side of `side` (kFront: LINSERT BEFORE).
  // The shorter part of the list moves over by one, up to the first hole. False if no element equals `pivot`.
  bool Insert(End side, std::string_view pivot, std::string_view element);

  // Visits the indexes (from the front) of elements that equal `element`, in the order of the search.
  void Find(std::string_view element, const ListSearch& search,
            absl::FunctionRef<void(uint64_t index)> visit);

  // Takes one element from an end of `source`, which must not be empty, and pushes it to an end of
  // `destination`, which may be the same object. Returns the element.
  static std::string_view Move(List& source, End from, List& destination, End to);

 private:
  static constexpr uint64_t kFirstPosition = 1ULL << 63;  // room for 2^63 pushes either way

  using ElementKey = std::array<char, 17>;

  [[nodiscard]] static std::string_view View(const ElementKey& key) { return {key.data(), key.size()}; }
  [[nodiscard]] ElementKey KeyOf(uint64_t position) const;
  [[nodiscard]] Transaction& transaction() const { return keyspace_.transaction(); }
  [[nodiscard]] uint64_t EndPosition(End end) const;
  [[nodiscard]] bool dense() const { return slot_.entry->tail - slot_.entry->head + 1 == slot_.entry->count; }

  // Makes room at an end, creating the entry if there is none.
  uint64_t Extend(End end);
  // What happens to the bytes of an element that leaves the list.
  enum class Bytes : uint8_t { kDelete, kHandOut };
  // Takes the element at `position` out of the counts; the ends stay as they are.
  void Erase(End end, uint64_t position, size_t element_bytes, Bytes bytes = Bytes::kDelete);
  // Moves an end inwards to the first element from there on.
  void TightenEnd(End end);
  void Drop(End end, uint64_t count, Visit visit, Bytes bytes = Bytes::kDelete);
  // No popped element's bytes stand at `position` any more.
  void MakeRoom(uint64_t position) { transaction().MakeRoom({slot_.entry->id, position}); }
  // Puts `carried` at `position`; whatever stood there moves on by `step` (1 or -1), up to the first hole.
  void Shift(uint64_t position, int step, std::string_view carried);
  void Save();

  // The cursor is made once for all walks. A walk stands on an element of this list while on_element().
  Cursor& cursor();
  void SeekEnd(End end);
  void SeekIndex(uint64_t index);
  void StepFrom(End end);
  [[nodiscard]] bool on_element() const;
  [[nodiscard]] uint64_t cursor_position() const;

  Keyspace& keyspace_;
  Slot slot_;
  std::unique_ptr<Cursor> cursor_;
};

}  // namespace holdfast::storage
