#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/codec.h"
#include "storage/entry.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// One key, looked up once: what it holds, and where. A typed value (List, Hash ...) keeps one and saves it
// back.
struct Slot {
  std::string key;              // the key's own bytes
  std::string map_key;          // [kKey][database id][hash][bounded key]
  std::optional<Entry> entry;   // nullopt: absent, or expired
  std::optional<Entry> stored;  // what the map held at the look-up: also what is expired but not yet deleted
};

// The keys of one database: existence, type, expiry, order-of-hash iteration. Typed values live in list.h,
// hash.h ...
class Keyspace {
 public:
  Keyspace(Transaction& transaction, int database) : transaction_(transaction), database_(database) {}

  [[nodiscard]] Transaction& transaction() const { return transaction_; }
  [[nodiscard]] int database() const { return database_; }

  // Counts as a read that hit or missed while set_counts_reads is on, as an access while set_touches is.
  [[nodiscard]] Slot Look(std::string_view key) const;
  // The key whose keyspace entry stands at `map_key`, expired or not; nullopt if nothing is stored there.
  [[nodiscard]] std::optional<Slot> LookAt(std::string_view map_key) const;
  // Like Look(key).entry.
  [[nodiscard]] std::optional<Entry> Find(std::string_view key) const { return Look(key).entry; }

  // Writes slot.entry, which must be set: creates or replaces the key, keeps counts and the expiry index,
  // touches the key. If it replaces a collection by one of another id (or by an inline value), the old
  // elements go to the trash.
  void Save(Slot& slot);
  // Deletes the key if it is stored, elements to the trash; touches it if it was live. False if it was not
  // live.
  bool Remove(Slot& slot);
  bool Remove(std::string_view key);
  // Deletes the key's entry without its elements, which another entry is about to own (RENAME, MOVE).
  void Detach(Slot& slot);

  // Tells listeners what a command did to `key`, in Redis's word for it (a literal). What is not in the
  // command's hands is told by Save and Drop themselves: "new" and "expired".
  void Notify(EventClass kind, std::string_view event, std::string_view key) const {
    transaction_.NoteEvent(kind, event, database_, key);
  }
  // A collection lost elements: `event`, then "del" if they were its last.
  void NotifyRemoval(EventClass kind, std::string_view event, std::string_view key, bool gone) const {
    Notify(kind, event, key);
    if (gone) Notify(EventClass::kGeneric, "del", key);
  }
  // A result was stored: `event`, or "del" if it was empty and something had been there.
  void NotifyStore(EventClass kind, std::string_view event, std::string_view key, bool stored,
                   bool existed) const {
    if (stored) Notify(kind, event, key);
    if (!stored && existed) Notify(EventClass::kGeneric, "del", key);
  }
  // Notes the key as touched, though a command left it as it was: that breaks a WATCH as well.
  void TouchKey(const Slot& slot);
  // Whether look-ups are reads, which keyspace_hits, keyspace_misses and the event "keymiss" tell of.
  void set_counts_reads(bool on) { counts_reads_ = on; }
  // Whether look-ups are accesses, which AccessTime tells of.
  void set_touches(bool on) { touches_ = on; }
  // When the key was last looked up or came into being (access_times.h); nullopt if that is not remembered.
  [[nodiscard]] std::optional<absl::Time> AccessTime(std::string_view key) const;
  // Says when that was, whatever the look-ups say.
  void SetAccessTime(std::string_view key, absl::Time time) const;

  // The keys of another database, for the same command: with the same switches.
  [[nodiscard]] Keyspace In(int database) const;

  // A fresh entry of `type` for an absent key: count 0, not saved yet.
  [[nodiscard]] static Entry NewEntry(ValueType type, Encoding encoding);

  [[nodiscard]] uint64_t size() const { return transaction_.database(database_).keys; }
  // Deletes every key: O(1), the rest is the trash's work.
  void Clear();

  // Visits live keys in hash order from `cursor` (0: the beginning) until at least `count` stored keys were
  // visited; returns the next cursor, 0 at the end. A cursor is the first 52 bits of the keyed hash:
  // stateless, survives a restart; keys of one cursor value are always visited together. `key` lives as what
  // Transaction::Get returns; `entry`, if its value is long, until `visit` returns.
  uint64_t Scan(uint64_t cursor, size_t count,
                const std::function<void(std::string_view key, const Entry& entry)>& visit) const;

 private:
  [[nodiscard]] std::string MapKey(std::string_view key, uint64_t hash) const;
  [[nodiscard]] uint32_t id() const { return transaction_.database(database_).id; }
  // Deletes the keyspace entry and its index entry; true if the key was live.
  bool Drop(Slot& slot);
  void CountRead(const Slot& slot) const;
  // A key past its time that is still stored goes at last, and is counted.
  void NotifyExpiry(const Slot& slot) const;
  // Keeps the expiry index and count in step with an entry that replaces slot.stored.
  // From what is stored to `after`.
  void NoteResize(const Slot& slot, const std::optional<Entry>& after);
  void MoveExpiry(const Slot& slot, const std::optional<Entry>& after);

  Transaction& transaction_;
  int database_;
  bool counts_reads_ = false;
  bool touches_ = false;
};

// What a trash entry names. The map key is [kTrash][kind], then an id of 8 bytes (kCollection; the value
// lists the tables that hold its elements), of 4 bytes (kDatabase; the value is empty: all its keyspace
// entries, the collections they name and their expiry index entries are dead) or two of 8 bytes (kPart: of a
// collection what stands under the second id; the value as for kCollection). Stored; never renumber.
enum class TrashKind : char { kCollection = 1, kDatabase = 2, kPart = 3 };

// Puts a collection's elements into the trash: the checkpointer deletes them later.
void Discard(Transaction& transaction, const Entry& entry);
// The same for what stands under [id][part] in `tables`; no such id comes again.
void DiscardPart(Transaction& transaction, uint64_t id, uint64_t part, std::string_view tables);

// The tables (Table's letters) that hold the elements of a collection. A literal: it outlives the entry.
[[nodiscard]] std::string_view ElementTables(const Entry& entry);

}  // namespace holdfast::storage
