#include "storage/salvage/rebuild.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/codec.h"
#include "storage/salvage/values.h"
#include "storage/transaction.h"

namespace holdfast::storage::salvage {
namespace {

constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kHalfWord = sizeof(uint32_t);

// Where collections are looked for whose key is lost. A sorted set has two tables, of which one suffices.
struct OwnedTable {
  Table table;
  ValueType type;
  const char* name;
};
constexpr std::array kOwnedTables = {
    OwnedTable{Table::kList, ValueType::kList, "list"},
    OwnedTable{Table::kField, ValueType::kHash, "hash"},
    OwnedTable{Table::kMember, ValueType::kSet, "set"},
    OwnedTable{Table::kScore, ValueType::kSortedSet, "zset"},
    OwnedTable{Table::kOrder, ValueType::kSortedSet, "zset"},
    OwnedTable{Table::kStreamEntry, ValueType::kStream, "stream"},
};

std::string Escaped(std::string_view bytes) { return absl::CEscape({bytes.data(), bytes.size()}); }

class Rebuilder {
 public:
  Rebuilder(Reader& map, Store& store, check::Findings& findings, Facts& facts)
      : map_(map), values_(map, store), findings_(findings), facts_(facts) {}

  absl::Status Run() {
    ReadDatabases();
    ReadTrash();
    ReadHandedOut();
    Walk(Table::kKey, [this](std::string_view key, std::string_view stored) { MakeKey(key, stored); });
    for (const OwnedTable& table : kOwnedTables) FindAgain(table);
    PutBackHandedOut();
    Walk(Table::kLibrary, [this](std::string_view key, std::string_view code) { MakeLibrary(key, code); });
    Walk(Table::kLoan, [this](std::string_view key, std::string_view turn) { values_.MakeLoans(key, turn); });
    return values_.status();
  }

 private:
  template <typename Visit>
  void Walk(Table table, Visit visit) {
    const std::string prefix(1, static_cast<char>(table));
    const std::unique_ptr<Cursor> cursor = map_.NewCursor();
    for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
      if (!values_.status().ok()) return;
      visit(cursor->key(), cursor->value());
      map_.Release();
    }
  }

  void ReadDatabases() {
    Walk(Table::kDatabase, [this](std::string_view key, std::string_view value) {
      if (key.size() == 2 && value.size() >= kHalfWord) {
        numbers_[ReadU32(value)] = static_cast<unsigned char>(key[1]);
      }
    });
  }

  void ReadTrash() {
    Walk(Table::kTrash, [this](std::string_view key, std::string_view) {
      const std::string_view id = key.substr(std::min<size_t>(2, key.size()));
      if (id.size() == kWord) dead_ids_.insert(ReadU64(id));
      if (id.size() == kHalfWord) dead_databases_.insert(ReadU32(id));
    });
  }

  void ReadHandedOut() {
    Walk(Table::kHandedOut, [this](std::string_view, std::string_view value) {
      for (HandedOut& element : DecodeHandedOut(0, value)) {
        if (!element.bytes) values_.SetAside(element);
        handed_out_.push_back(std::move(element));
      }
    });
  }

  // As a start of the server would: nobody has confirmed it.
  void PutBackHandedOut() {
    for (auto element = handed_out_.rbegin(); element != handed_out_.rend(); ++element) {
      if (dead_databases_.contains(element->database)) continue;
      values_.PutBack(NumberOf(element->database), *element);
    }
  }

  // The number of the database whose id is lost: the lowest that no other one has.
  int NumberOf(uint32_t id) {
    const auto known = numbers_.find(id);
    if (known != numbers_.end()) return known->second;
    std::set<int> taken;
    for (const auto& [other, its_number] : numbers_) taken.insert(its_number);
    int number = 0;
    while (taken.contains(number) && number + 1 < Transaction::kMaxDatabases) ++number;
    numbers_[id] = number;
    findings_.Damage(absl::StrCat("the database with the id ", id), "its number is lost",
                     absl::StrCat("its keys are in database ", number, " now"));
    return number;
  }

  void MakeKey(std::string_view map_key, std::string_view stored) {
    const std::optional<Entry> entry = DecodeEntry(stored);
    if (map_key.size() <= 1 + kHalfWord + kWord || !entry) {
      return findings_.Damage(absl::StrCat("key entry \"", Escaped(map_key), "\""),
                              "lost: it cannot be read");
    }
    const uint32_t database = ReadU32(map_key.substr(1));
    if (entry->id != 0) owned_ids_.insert(entry->id);
    if (dead_databases_.contains(database)) return;
    const Target target{NumberOf(database),
                        std::string(BoundedBytes(map_key.substr(1 + kHalfWord)).value_or(entry->long_key))};
    const std::string where = absl::StrCat("key \"", Escaped(target.key), "\" of database ", target.database);
    const uint64_t made = values_.Make(target, *entry);
    Count(made);
    if (made >= entry->count) return;
    findings_.Damage(
        where, made == 0 ? "lost: none of its elements is left"
                         : absl::StrCat(entry->count - made, " of its ", entry->count, " elements are lost"));
  }

  // Collections that neither a key nor the trash names.
  void FindAgain(const OwnedTable& owned) {
    const std::unique_ptr<Cursor> cursor = map_.NewCursor();
    const std::string first(1, static_cast<char>(owned.table));
    std::string next = first;
    for (cursor->Seek(next); cursor->valid() && cursor->key().starts_with(first); cursor->Seek(next)) {
      const std::string_view key = cursor->key();
      if (key.size() < 1 + kWord || !values_.status().ok()) return;
      const uint64_t id = ReadU64(key.substr(1));
      next = std::string(key.substr(0, 1 + kWord)).append(kMaxBoundedBytes, '\xFF');
      if (dead_ids_.contains(id) || !owned_ids_.insert(id).second) continue;
      Entry entry;
      entry.type = owned.type;
      entry.encoding = Encoding::kElements;
      entry.id = id;
      const Target target{0, absl::StrCat("salvaged:", owned.name, ":", id)};
      const uint64_t made = values_.Make(target, entry);
      map_.Release();
      if (made == 0) continue;
      Count(made);
      ++facts_.found_again;
      findings_.Damage(absl::StrCat("a ", owned.name, " of ", made, " elements"), "its key is lost",
                       absl::StrCat("it is under the key \"", target.key, "\" of database 0 now: rename it"));
    }
  }

  void MakeLibrary(std::string_view key, std::string_view code) {
    constexpr size_t kNameAt = 2;  // behind the table and the kind of row
    if (key.size() <= kNameAt || key[1] == 0) return;
    const std::optional<std::string_view> name = BoundedBytes(key.substr(kNameAt));
    if (name) return values_.MakeLibrary(*name, code);
    findings_.Damage("a function library with a name of more than 400 bytes", "left out", "load it again");
  }

  void Count(uint64_t made) {
    facts_.keys += made > 0 ? 1 : 0;
    facts_.elements += made;
  }

  Reader& map_;
  Values values_;
  check::Findings& findings_;
  Facts& facts_;
  std::map<uint32_t, int> numbers_;  // of databases, by id
  std::set<uint32_t> dead_databases_;
  std::set<uint64_t> dead_ids_;
  absl::flat_hash_set<uint64_t> owned_ids_;
  std::vector<HandedOut> handed_out_;  // in the order of their pops
};

}  // namespace

absl::Status Rebuild(Reader& map, Store& store, check::Findings& findings, Facts& facts) {
  return Rebuilder(map, store, findings, facts).Run();
}

}  // namespace holdfast::storage::salvage
