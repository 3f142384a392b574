#include "storage/keyspace.h"

#include <utility>

#include "storage/expiry.h"
#include "storage/scan_cursor.h"

namespace holdfast::storage {
namespace {

constexpr size_t kKeyPrefixBytes = 1 + sizeof(uint32_t);  // table, database id

std::string DatabasePrefix(uint32_t database_id) {
  std::string prefix(1, static_cast<char>(Table::kKey));
  AppendU32(prefix, database_id);
  return prefix;
}

absl::Time NextDueOf(const std::optional<Entry>& entry) {
  return entry ? entry->next_due() : absl::InfiniteFuture();
}

// What a key weighs in Transaction::growth.
int64_t Weight(std::string_view key, const std::optional<Entry>& entry) {
  if (!entry) return 0;
  return static_cast<int64_t>(kKeyBytes + key.size() + entry->bytes + kElementBytes * entry->count);
}

bool Expires(const std::optional<Entry>& entry) {
  return entry.has_value() && entry->expires != absl::InfiniteFuture();
}

}  // namespace

std::string_view ElementTables(const Entry& entry) {
  switch (entry.type) {
    case ValueType::kList:
      return "L";
    case ValueType::kHash:
      return entry.dues.count == 0 ? "H" : "HVY";
    case ValueType::kSet:
      return "S";
    case ValueType::kSortedSet:
      return "ZO";
    case ValueType::kStream:
      return "ERGNCPQ";
    case ValueType::kString:
      break;
  }
  return "";
}

void Discard(Transaction& transaction, const Entry& entry) {
  if (entry.id == 0) return;
  if (entry.type == ValueType::kList) transaction.MakeRoom(entry.id);
  std::string key(1, static_cast<char>(Table::kTrash));
  key.push_back(static_cast<char>(TrashKind::kCollection));
  AppendU64(key, entry.id);
  transaction.Insert(key, ElementTables(entry));
}

void DiscardPart(Transaction& transaction, uint64_t id, uint64_t part, std::string_view tables) {
  std::string key(1, static_cast<char>(Table::kTrash));
  key.push_back(static_cast<char>(TrashKind::kPart));
  AppendU64(key, id);
  AppendU64(key, part);
  transaction.Insert(key, tables);
}

std::string Keyspace::MapKey(std::string_view key, uint64_t hash) const {
  std::string map_key = DatabasePrefix(id());
  AppendBounded(map_key, hash, key);
  return map_key;
}

Keyspace Keyspace::In(int database) const {
  Keyspace other = *this;
  other.database_ = database;
  return other;
}

Slot Keyspace::Look(std::string_view key) const {
  const uint64_t hash = transaction_.Hash(key);
  Slot slot{std::string(key), MapKey(key, hash), std::nullopt, std::nullopt};
  if (const std::optional<std::string_view> stored = transaction_.Get(slot.map_key)) {
    slot.stored = DecodeEntry(*stored);
    if (slot.stored && slot.stored->expired(transaction_.now())) {
      transaction_.NoteOverdue(database_, slot.map_key);
    } else {
      slot.entry = slot.stored;
    }
  }
  if (touches_ && slot.entry) transaction_.access_times().Note(id(), hash, transaction_.now());
  if (counts_reads_) CountRead(slot);
  return slot;
}

std::optional<Slot> Keyspace::LookAt(std::string_view map_key) const {
  const std::optional<std::string_view> stored = transaction_.Get(map_key);
  if (!stored) return std::nullopt;
  Slot slot{{}, std::string(map_key), std::nullopt, DecodeEntry(*stored)};
  if (!slot.stored) return std::nullopt;
  slot.key = BoundedBytes(map_key.substr(kKeyPrefixBytes)).value_or(slot.stored->long_key);
  if (!slot.stored->expired(transaction_.now())) slot.entry = slot.stored;
  return slot;
}

std::optional<absl::Time> Keyspace::AccessTime(std::string_view key) const {
  return transaction_.access_times().Find(id(), transaction_.Hash(key));
}

void Keyspace::SetAccessTime(std::string_view key, absl::Time time) const {
  transaction_.access_times().Note(id(), transaction_.Hash(key), time);
}

void Keyspace::CountRead(const Slot& slot) const {
  if (slot.entry) {
    ++transaction_.lookups().hits;
  } else {
    ++transaction_.lookups().misses;
    Notify(EventClass::kMissed, "keymiss", slot.key);
  }
}

void Keyspace::NotifyExpiry(const Slot& slot) const {
  if (!slot.stored || !slot.stored->expired(transaction_.now())) return;
  if (slot.stored->expires <= transaction_.now()) {
    ++transaction_.lookups().expired;
    return Notify(EventClass::kExpired, "expired", slot.key);
  }
  NotifyRemoval(EventClass::kHash, "hexpired", slot.key, true);
}

Entry Keyspace::NewEntry(ValueType type, Encoding encoding) {
  Entry entry;
  entry.type = type;
  entry.encoding = encoding;
  return entry;
}

void Keyspace::Save(Slot& slot) {
  Database database = transaction_.database(database_);
  if (database.id == 0) {
    database.id = transaction_.NextDatabaseId();
    transaction_.SetDatabase(database_, database);
    slot.map_key = MapKey(slot.key, transaction_.Hash(slot.key));
  }
  Entry& entry = *slot.entry;
  entry.long_key = NeedsFullBytes(slot.key) ? std::string_view(slot.key) : std::string_view();
  NotifyExpiry(slot);
  if (!slot.stored || slot.stored->expired(transaction_.now())) {
    Notify(EventClass::kNew, "new", slot.key);
    SetAccessTime(slot.key, transaction_.now());
  }
  if (slot.stored && slot.stored->id != entry.id) Discard(transaction_, *slot.stored);
  MoveExpiry(slot, slot.entry);
  NoteResize(slot, slot.entry);
  if (!slot.stored) {
    database = transaction_.database(database_);
    ++database.keys;
    transaction_.SetDatabase(database_, database);
  }
  std::string encoded;
  EncodeEntry(entry, encoded);
  const std::string_view stored =
      slot.stored ? transaction_.Put(slot.map_key, encoded) : transaction_.Insert(slot.map_key, encoded);
  entry.value = stored.substr(stored.size() - entry.value.size());
  slot.stored = entry;
  TouchKey(slot);
}

bool Keyspace::Remove(Slot& slot) {
  if (slot.stored) Discard(transaction_, *slot.stored);
  return Drop(slot);
}

bool Keyspace::Remove(std::string_view key) {
  Slot slot = Look(key);
  return Remove(slot);
}

void Keyspace::Detach(Slot& slot) { Drop(slot); }

bool Keyspace::Drop(Slot& slot) {
  if (!slot.stored) return false;
  MoveExpiry(slot, std::nullopt);
  NoteResize(slot, std::nullopt);
  Database database = transaction_.database(database_);
  --database.keys;
  transaction_.SetDatabase(database_, database);
  transaction_.Delete(slot.map_key);
  const bool live = !slot.stored->expired(transaction_.now());
  NotifyExpiry(slot);
  slot.entry.reset();
  slot.stored.reset();
  if (live) TouchKey(slot);
  return live;
}

void Keyspace::NoteResize(const Slot& slot, const std::optional<Entry>& after) {
  const int64_t growth = Weight(slot.key, after) - Weight(slot.key, slot.stored);
  transaction_.NoteGrowth(growth);
  if (!transaction_.examines_given()) return;
  const auto rise = [](uint64_t before, uint64_t now) { return static_cast<int64_t>(now - before); };
  const Entry& before = slot.stored ? *slot.stored : Entry();
  const Entry& now = after ? *after : Entry();
  transaction_.NoteResize(
      {database_, slot.key, rise(before.count, now.count), rise(before.bytes, now.bytes), growth});
}

void Keyspace::MoveExpiry(const Slot& slot, const std::optional<Entry>& after) {
  const absl::Time due_before = NextDueOf(slot.stored);
  const absl::Time due = NextDueOf(after);
  if (due_before != due) {
    if (due_before != absl::InfiniteFuture()) transaction_.Delete(ExpiryKey(due_before, slot.map_key));
    if (due != absl::InfiniteFuture()) transaction_.Insert(ExpiryKey(due, slot.map_key), {});
  }
  const bool had = Expires(slot.stored);
  const bool has = Expires(after);
  if (had == has) return;
  Database database = transaction_.database(database_);
  database.expiring_keys += has ? 1 : -1;
  transaction_.SetDatabase(database_, database);
}

void Keyspace::TouchKey(const Slot& slot) {
  std::optional<ValueType> type;
  if (slot.entry) type = slot.entry->type;
  transaction_.NoteTouch({database_, slot.key, type, false});
}

void Keyspace::Clear() {
  const Database& database = transaction_.database(database_);
  if (database.keys == 0) return;
  std::string key(1, static_cast<char>(Table::kTrash));
  key.push_back(static_cast<char>(TrashKind::kDatabase));
  AppendU32(key, database.id);
  transaction_.Insert(key, {});
  transaction_.SetDatabase(database_, Database{transaction_.NextDatabaseId(), 0, 0});
  transaction_.NoteTouch({database_, {}, std::nullopt, true});
}

uint64_t Keyspace::Scan(uint64_t cursor, size_t count,
                        const std::function<void(std::string_view key, const Entry& entry)>& visit) const {
  const std::string prefix = DatabasePrefix(transaction_.database(database_).id);
  return ScanByHash(transaction_, prefix, cursor, count,
                    [&](std::string_view bounded, std::string_view value) {
                      std::optional<Entry> entry = DecodeEntry(value);
                      if (!entry) return;
                      if (entry->expired(transaction_.now())) {
                        return transaction_.NoteOverdue(database_, std::string(prefix).append(bounded));
                      }
                      if (const auto whole = BoundedBytes(bounded)) return visit(*whole, *entry);
                      // The key's name stands in the value, and must live as long as the others.
                      entry = DecodeEntry(transaction_.Keep(std::string(prefix).append(bounded), value));
                      if (entry) visit(entry->long_key, *entry);
                    });
}

}  // namespace holdfast::storage
