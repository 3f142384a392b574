#include "storage/scan_cursor.h"

#include <memory>
#include <string>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

constexpr int kCursorShift = 12;  // 64 bits of hash less 52 bits of cursor
constexpr uint64_t kCursorEnd = uint64_t{1} << (64 - kCursorShift);

}  // namespace

uint64_t ScanByHash(Transaction& transaction, std::string_view prefix, uint64_t cursor, size_t count,
                    const std::function<void(std::string_view, std::string_view)>& visit) {
  if (cursor >= kCursorEnd) return 0;
  std::string start(prefix);
  AppendU64(start, cursor << kCursorShift);
  std::unique_ptr<Cursor> entries = transaction.NewCursor();
  size_t visited = 0;
  uint64_t group = cursor;
  for (entries->Seek(start); entries->valid() && entries->key().starts_with(prefix); entries->Next()) {
    std::string_view bounded = entries->key().substr(prefix.size());
    const uint64_t entry_group = ReadU64(bounded) >> kCursorShift;
    if (visited >= count && entry_group != group) return entry_group;
    group = entry_group;
    visit(bounded, entries->value());
    ++visited;
  }
  return 0;
}

}  // namespace holdfast::storage
