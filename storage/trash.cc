#include "storage/trash.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/codec.h"
#include "storage/entry.h"
#include "storage/expiry.h"
#include "storage/keyspace.h"

namespace holdfast::storage {
namespace {

constexpr size_t kKindAt = 1;
constexpr size_t kIdAt = 2;

// All functions return whether they came to their end before the budget was used up.
class Sweeper {
 public:
  Sweeper(TreeWriter& writer, uint64_t budget) : writer_(writer), budget_(budget) {}

  bool Run() {
    const std::string prefix(1, static_cast<char>(Table::kTrash));
    while (budget_ > 0) {
      const auto first = writer_.First(prefix);
      if (!first) return true;
      const std::string key(first->first);
      const std::string tables(first->second);
      if (!Empty(key, tables)) return false;
      Delete(key);
    }
    return false;
  }

 private:
  bool Empty(std::string_view key, std::string_view tables) {
    const std::string_view id = key.substr(std::min(kIdAt, key.size()));
    if (id.size() == sizeof(uint64_t) && key[kKindAt] == static_cast<char>(TrashKind::kCollection)) {
      return EmptyCollection(id, tables);
    }
    if (id.size() == 2 * sizeof(uint64_t) && key[kKindAt] == static_cast<char>(TrashKind::kPart)) {
      return EmptyCollection(id, tables);
    }
    if (id.size() == sizeof(uint32_t) && key[kKindAt] == static_cast<char>(TrashKind::kDatabase)) {
      return EmptyDatabase(id);
    }
    return true;
  }

  // `id` as it stands in the elements' keys: a collection's, or a part's behind its collection's.
  bool EmptyCollection(std::string_view id, std::string_view tables) {
    for (const char table : tables) {
      if (!DeletePrefix(std::string(1, table).append(id))) return false;
    }
    return true;
  }

  bool EmptyDatabase(std::string_view id) {
    std::string prefix(1, static_cast<char>(Table::kKey));
    prefix.append(id);
    while (const auto first = writer_.First(prefix)) {
      const std::string key(first->first);
      if (const std::optional<Entry> entry = DecodeEntry(first->second)) {
        // Copied: the entry's views go with the next call of the writer.
        const auto [tables, collection, due] =
            std::tuple(ElementTables(*entry), entry->id, entry->next_due());
        std::string collection_id;
        AppendU64(collection_id, collection);
        if (collection != 0 && !EmptyCollection(collection_id, tables)) return false;
        if (due != absl::InfiniteFuture()) Delete(ExpiryKey(due, key));
      }
      Delete(key);
      if (budget_ == 0) return false;
    }
    return DeletePrefix(prefix);  // what was too damaged to be read
  }

  bool DeletePrefix(std::string_view prefix) {
    budget_ -= writer_.DeletePrefix(prefix, budget_);
    return budget_ > 0;
  }

  void Delete(std::string_view key) {
    writer_.Delete(key);
    if (budget_ > 0) --budget_;
  }

  TreeWriter& writer_;
  uint64_t budget_;
};

}  // namespace

Trash SweepTrash(TreeWriter& writer, uint64_t limit) {
  return Sweeper(writer, limit).Run() ? Trash::kEmpty : Trash::kLeft;
}

}  // namespace holdfast::storage
