#include "storage/element_table.h"

#include <memory>
#include <utility>

#include "storage/scan_cursor.h"

namespace holdfast::storage {
namespace {

// The stored value for `payload`; `buffer` holds it where the name has to go in front.
std::string_view StoredValue(std::string_view name, std::string_view payload, std::string& buffer) {
  if (!NeedsFullBytes(name)) return payload;
  AppendBytes(buffer, name);
  buffer.append(payload);
  return buffer;
}

// Name and payload; `rest` is the map key from its hash on.
std::pair<std::string_view, std::string_view> Decode(std::string_view rest, std::string_view stored) {
  if (const auto name = BoundedBytes(rest)) return {*name, stored};
  const std::string_view name = TakeBytes(stored).value_or(std::string_view());
  return {name, stored};
}

}  // namespace

std::string ElementTable::MapKey(std::string_view name) const {
  std::string key = prefix_;
  AppendBounded(key, transaction_.Hash(name), name);
  return key;
}

std::optional<std::string_view> ElementTable::Find(std::string_view name) const {
  const std::string key = MapKey(name);
  const std::optional<std::string_view> stored = transaction_.Get(key);
  if (!stored) return std::nullopt;
  return Decode(std::string_view(key).substr(prefix_.size()), *stored).second;
}

void ElementTable::Insert(std::string_view name, std::string_view payload) {
  std::string buffer;
  transaction_.Insert(MapKey(name), StoredValue(name, payload, buffer));
}

void ElementTable::Replace(std::string_view name, std::string_view payload) {
  std::string buffer;
  transaction_.Put(MapKey(name), StoredValue(name, payload, buffer));
}

void ElementTable::Erase(std::string_view name) { transaction_.Delete(MapKey(name)); }

void ElementTable::Visit(ElementVisitor visit) const {
  const std::unique_ptr<Cursor> at = transaction_.NewCursor();
  for (at->Seek(prefix_); at->valid() && at->key().starts_with(prefix_); at->Next()) {
    const std::string_view stored = transaction_.Keep(at->key(), at->value());
    const auto [name, payload] = Decode(at->key().substr(prefix_.size()), stored);
    if (!visit(name, payload)) return;
  }
}

uint64_t ElementTable::Scan(uint64_t cursor, uint64_t count, ElementVisitor visit) const {
  return ScanByHash(transaction_, prefix_, cursor, count, [&](std::string_view rest, std::string_view value) {
    const std::string_view stored = transaction_.Keep(std::string(prefix_).append(rest), value);
    const auto [name, payload] = Decode(rest, stored);
    visit(name, payload);
  });
}

void ElementTable::VisitFrom(uint64_t hash, uint64_t steps, ElementVisitor visit) const {
  std::string from = prefix_;
  AppendU64(from, hash);
  const std::unique_ptr<Cursor> at = transaction_.NewCursor();
  const auto inside = [&] { return at->valid() && at->key().starts_with(prefix_); };
  at->Seek(from);
  if (!inside()) at->Seek(prefix_);
  for (; inside() && steps > 0; --steps) {
    at->Next();
    if (!inside()) at->Seek(prefix_);
  }
  if (!inside()) return;
  const std::string_view stored = transaction_.Keep(at->key(), at->value());
  const auto [name, payload] = Decode(at->key().substr(prefix_.size()), stored);
  visit(name, payload);
}

}  // namespace holdfast::storage
