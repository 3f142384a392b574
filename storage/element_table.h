#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/codec.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// Sees one element of a hash or set: its name (field, member) and payload (a field's value; empty for a
// set's member). The views live as long as Transaction::Get's. Returns whether to go on.
using ElementVisitor = absl::FunctionRef<bool(std::string_view name, std::string_view payload)>;

// The elements of one collection that outgrew its keyspace entry, in the order of their names' hash:
//
//   [table][id][hash64][bounded name] -> payload                                   (FORMAT.md)
//   ... where the name is too long for a map key:  -> [length-prefixed name][payload]
//
// Knows nothing of counts, limits and the key that owns it; ElementMap does. Payloads that it returns live as
// long as Transaction::Get's.
class ElementTable {
 public:
  ElementTable(Transaction& transaction, Table table, uint64_t id)
      : transaction_(transaction), prefix_(TablePrefix(table, id)) {}

  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;

  void Insert(std::string_view name, std::string_view payload);  // `name` must be absent
  void Replace(std::string_view name, std::string_view payload);
  void Erase(std::string_view name);

  // In hash order.
  void Visit(ElementVisitor visit) const;
  // See ScanByHash.
  uint64_t Scan(uint64_t cursor, uint64_t count, ElementVisitor visit) const;
  // The element `steps` behind the first one at or after `hash`, round the end. Does nothing if there are
  // none.
  void VisitFrom(uint64_t hash, uint64_t steps, ElementVisitor visit) const;

 private:
  [[nodiscard]] std::string MapKey(std::string_view name) const;

  Transaction& transaction_;
  std::string prefix_;
};

}  // namespace holdfast::storage
