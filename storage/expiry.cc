#include "storage/expiry.h"

#include <memory>

#include "storage/codec.h"
#include "storage/hash.h"
#include "storage/keyspace.h"

namespace holdfast::storage {
namespace {

constexpr size_t kTimeBytes = sizeof(uint64_t);
constexpr uint64_t kFieldsAtOnce = 64;

// The first entry of the index; empty if there is none.
std::string FirstIndexKey(Transaction& transaction) {
  const std::string prefix(1, static_cast<char>(Table::kExpiry));
  std::unique_ptr<Cursor> cursor = transaction.NewCursor();
  cursor->Seek(prefix);
  if (!cursor->valid() || !cursor->key().starts_with(prefix)) return {};
  return std::string(cursor->key());
}

absl::Time DueTime(std::string_view index_key) { return ReadTime(index_key.substr(1)); }

std::optional<int> DatabaseOf(const Transaction& transaction, uint32_t id) {
  for (int number = 0; number < Transaction::kMaxDatabases; ++number) {
    if (transaction.database(number).id == id) return number;
  }
  return std::nullopt;
}

// Deletes a key that is past its time, or whose fields all are: returns how many of those it had.
uint64_t ExpireSlot(Keyspace& keyspace, Slot& slot) {
  Transaction& transaction = keyspace.transaction();
  const uint64_t fields = slot.stored->fields_expired(transaction.now()) ? slot.stored->count : 0;
  keyspace.Remove(slot);
  transaction.NoteTouch({keyspace.database(), slot.key, std::nullopt, false});
  return fields;
}

}  // namespace

std::string ExpiryKey(absl::Time due, std::string_view map_key) {
  std::string key(1, static_cast<char>(Table::kExpiry));
  AppendTime(key, due);
  key.append(map_key.substr(1));
  return key;
}

std::optional<absl::Time> NextDue(Transaction& transaction) {
  const std::string index_key = FirstIndexKey(transaction);
  if (index_key.empty()) return std::nullopt;
  return DueTime(index_key);
}

std::optional<uint64_t> ExpireOne(Transaction& transaction) {
  const std::string index_key = FirstIndexKey(transaction);
  if (index_key.empty() || DueTime(index_key) > transaction.now()) return std::nullopt;
  std::string map_key(1, static_cast<char>(Table::kKey));
  map_key.append(index_key, 1 + kTimeBytes);
  const std::optional<int> database = DatabaseOf(transaction, ReadU32(std::string_view(map_key).substr(1)));
  // A flushed database leaves its index entries behind; its keys are the trash's.
  std::optional<Slot> slot;
  if (database) slot = Keyspace(transaction, *database).LookAt(map_key);
  if (!slot || slot->stored->next_due() != DueTime(index_key)) {
    transaction.Delete(index_key);
    return 0;
  }
  Keyspace keyspace(transaction, *database);
  if (slot->entry) return Hash(keyspace, slot->key).Reclaim(kFieldsAtOnce);
  return ExpireSlot(keyspace, *slot);
}

uint64_t ExpireKey(Transaction& transaction, int database, std::string_view map_key) {
  Keyspace keyspace(transaction, database);
  std::optional<Slot> slot = keyspace.LookAt(map_key);
  if (!slot || slot->entry) return 0;
  return ExpireSlot(keyspace, *slot);
}

}  // namespace holdfast::storage
