#include "storage/library_table.h"

#include <string>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

enum class Row : char { kGeneration = 0, kLibrary = 1 };

std::string RowPrefix(Row row) { return {static_cast<char>(Table::kLibrary), static_cast<char>(row)}; }

std::string LibraryKey(const Transaction& transaction, std::string_view name) {
  std::string key = RowPrefix(Row::kLibrary);
  AppendBounded(key, transaction.Hash(name), name);
  return key;
}

}  // namespace

uint64_t LibraryTable::generation() const {
  const auto stored = transaction_.Get(RowPrefix(Row::kGeneration));
  return stored && stored->size() == sizeof(uint64_t) ? ReadU64(*stored) : 0;
}

void LibraryTable::Put(std::string_view name, std::string_view code) {
  NoteShrinking(name);
  transaction_.NoteGrowth(static_cast<int64_t>(name.size() + code.size()));
  transaction_.Put(LibraryKey(transaction_, name), code);
  Renew();
}

void LibraryTable::Delete(std::string_view name) {
  NoteShrinking(name);
  transaction_.Delete(LibraryKey(transaction_, name));
  Renew();
}

void LibraryTable::NoteShrinking(std::string_view name) {
  const auto code = transaction_.Get(LibraryKey(transaction_, name));
  if (code) transaction_.NoteGrowth(-static_cast<int64_t>(name.size() + code->size()));
}

void LibraryTable::ForEach(absl::FunctionRef<void(std::string_view code)> visit) const {
  const std::string prefix = RowPrefix(Row::kLibrary);
  const auto cursor = transaction_.NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    visit(transaction_.Keep(cursor->key(), cursor->value()));
  }
}

// An id is never given out twice, so no generation comes back but by taking effects back.
void LibraryTable::Renew() {
  std::string generation;
  AppendU64(generation, transaction_.NewId());
  transaction_.Put(RowPrefix(Row::kGeneration), generation);
}

}  // namespace holdfast::storage
