#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/element_table.h"
#include "storage/entry.h"
#include "storage/field_times.h"
#include "storage/keyspace.h"

namespace holdfast::storage {

// What a hash and a set have in common: the named elements of one key, whichever way they are held. Small
// collections are packed inside the keyspace entry in insertion order (integers sorted); grown ones are an
// ElementTable. When to change from one to the other is for Hash and Set to say.
//
// A field of a hash may expire. Past its time it reads as absent, though it is stored until the expirer
// comes.
//
// Lives for one command. Changes to a small collection reach the map with Save(), which also writes the
// entry's counts; without a change Save() does nothing.
class ElementMap {
 public:
  // `type` is kHash or kSet. Looks the key up.
  ElementMap(Keyspace& keyspace, std::string_view key, ValueType type);

  // The key holds a value of another type: only Clear may be used then.
  [[nodiscard]] bool wrong_type() const { return slot_.entry && slot_.entry->type != type_; }
  // The key holds something, of whatever type.
  [[nodiscard]] bool exists() const { return slot_.entry.has_value(); }
  [[nodiscard]] const std::string& key() const { return slot_.key; }
  [[nodiscard]] Encoding encoding() const { return entry_.encoding; }
  [[nodiscard]] bool grown() const { return entry_.encoding == Encoding::kElements; }
  // Also O(the fields past their time), of which there are none but for a moment.
  [[nodiscard]] uint64_t size() const {
    return entry_.count - (HasPast() ? times().CountDue(keyspace_.transaction().now()) : 0);
  }
  [[nodiscard]] bool empty() const {
    return entry_.count == 0 || entry_.fields_expired(keyspace_.transaction().now());
  }
  [[nodiscard]] const InlineLimits& limits() const { return keyspace_.transaction().limits(); }
  // The name at `index` of a collection that has not grown.
  [[nodiscard]] std::string_view name(size_t index) const { return items()[index * stride_]; }

  // The payload of `name`; nullopt if it is absent. Lives as long as Transaction::Get's views.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;
  // Small ones in their own order, grown ones in hash order.
  void Visit(ElementVisitor visit) const;
  // SCAN's contract (see ScanByHash); a small collection comes whole, with cursor 0. The visitor's answer is
  // not asked for.
  uint64_t Scan(uint64_t cursor, uint64_t count, ElementVisitor visit) const;
  // min(count, size()) different elements, chosen at random: every choice is equally likely, but roughly so
  // for a few out of a large collection.
  void Sample(uint64_t count, ElementVisitor visit) const;
  // `count` random elements, each chosen from all; roughly uniform for a large collection.
  void SampleWithRepeats(uint64_t count, ElementVisitor visit) const;

  // The bytes must live until Save.
  void Insert(std::string_view name, std::string_view payload);  // absent; small: behind the last
  void InsertAt(size_t index, std::string_view name);  // absent; a small set's: in front of name(index)
  void Replace(std::string_view name, std::string_view before, std::string_view payload);  // `before`: Find's
  bool Erase(std::string_view name);  // false if it is absent
  // Forgets whatever the key holds, of any type, and its expiry: Save replaces it by what is inserted now.
  void Clear();
  // From small to grown; never the way back.
  void Grow();
  // Between the two small encodings.
  void set_small_encoding(Encoding encoding);

  // Hashes: when a field that is there expires; the infinite future: never. A hash of which a field expires
  // has grown.
  [[nodiscard]] absl::Time DueOf(std::string_view name) const;
  void SetDue(std::string_view name, absl::Time due);
  // Erases at most `most` fields that are past their time; how many.
  uint64_t ErasePast(uint64_t most);

  // As if something had changed, which a WATCH sees, though Save would write nothing.
  void Touch() { keyspace_.TouchKey(slot_); }
  // Writes the entry, or deletes the key if nothing is left.
  // False if there was nothing to write.
  bool Save();

 private:
  using Items = std::vector<std::string_view>;

  [[nodiscard]] ElementTable table() const;
  [[nodiscard]] FieldTimes times() const { return {keyspace_.transaction(), entry_.id}; }
  // Whether there is a field past its time, and whether `name` is one.
  [[nodiscard]] bool HasPast() const { return entry_.field_expired(keyspace_.transaction().now()); }
  [[nodiscard]] bool IsPast(std::string_view name) const;
  // Of a small collection: unpacked at the first call, so that a mere look for a name needs no memory.
  Items& items() const;
  [[nodiscard]] size_t IndexOf(std::string_view name) const;  // in items(); their number if absent
  [[nodiscard]] std::string_view payload(size_t item) const {
    return stride_ == 2 ? items()[item + 1] : std::string_view();
  }
  // Past its time or not.
  [[nodiscard]] std::optional<std::string_view> FindStored(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> FindPacked(std::string_view name) const;
  // Lets `visit` see what `walk` shows, in the table's order, but for fields past their time.
  void VisitGrown(absl::FunctionRef<void(ElementVisitor)> walk, ElementVisitor visit) const;
  // Whether a few of the elements are better drawn than chosen in a pass over all.
  [[nodiscard]] bool MayDraw(uint64_t count) const;
  // False if it met a field past its time.
  bool VisitRandom(const ElementTable& elements, ElementVisitor visit) const;
  void SampleFew(uint64_t count, ElementVisitor visit) const;
  void Count(std::string_view name, std::string_view payload);
  void ClearDue(std::string_view name);
  void EraseStored(std::string_view name, std::string_view payload);
  void RemoveKey();

  Keyspace& keyspace_;
  ValueType type_;
  size_t stride_;  // items an element has when packed
  Slot slot_;
  Entry entry_;
  mutable std::optional<Items> items_;
  bool changed_ = false;
};

}  // namespace holdfast::storage
