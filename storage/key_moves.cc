#include "storage/key_moves.h"

#include <memory>
#include <optional>
#include <string>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

// Groups of a stream are not in what its key's entry counts.
bool IsOfGroups(Table table) {
  return table == Table::kStreamGroup || table == Table::kStreamConsumerName ||
         table == Table::kStreamConsumer || table == Table::kStreamPending || table == Table::kStreamOwned;
}

void CopyElements(Transaction& transaction, Table table, uint64_t from, uint64_t to) {
  const std::string source = TablePrefix(table, from);
  const std::string target = TablePrefix(table, to);
  std::unique_ptr<Cursor> cursor = transaction.NewCursor();
  for (cursor->Seek(source); cursor->valid() && cursor->key().starts_with(source); cursor->Next()) {
    if (IsOfGroups(table)) {
      transaction.NoteGrowth(static_cast<int64_t>(cursor->key().size() + cursor->value().size()));
    }
    transaction.Insert(std::string(target).append(cursor->key().substr(source.size())), cursor->value());
  }
}

// What it replaces is deleted first, so that the key counts as a new one.
void Put(Keyspace& keyspace, Slot& to, const Entry& entry) {
  if (to.entry) keyspace.Notify(EventClass::kNew, "new", to.key);
  to.entry = entry;
  keyspace.Save(to);
  keyspace.SetAccessTime(to.key, keyspace.transaction().now());
}

}  // namespace

void MoveValue(Keyspace& from_keyspace, Slot& from, Keyspace& to_keyspace, Slot& to) {
  const Entry entry = *from.entry;
  from_keyspace.Detach(from);
  Put(to_keyspace, to, entry);
}

void CopyValue(const Slot& from, Keyspace& to_keyspace, Slot& to) {
  Transaction& transaction = to_keyspace.transaction();
  Entry entry = *from.entry;
  if (entry.encoding == Encoding::kElements) {
    entry.id = transaction.NewId();
    for (const char table : ElementTables(entry)) {
      CopyElements(transaction, static_cast<Table>(table), from.entry->id, entry.id);
    }
  }
  Put(to_keyspace, to, entry);
}

void SwapDatabases(Transaction& transaction, int first, int second) {
  if (first == second) return;
  const Database database = transaction.database(first);
  transaction.SetDatabase(first, transaction.database(second));
  transaction.SetDatabase(second, database);
  for (const int number : {first, second}) transaction.NoteTouch({number, {}, std::nullopt, true});
}

}  // namespace holdfast::storage
