#include "storage/check/keyspace_check.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/check/value_check.h"
#include "storage/codec.h"
#include "storage/expiry.h"
#include "storage/keyspace.h"
#include "storage/meta.h"

namespace holdfast::storage::check {
namespace {

constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kHalfWord = sizeof(uint32_t);
constexpr std::string_view kElementTables = "LHVYSZOERGNCPQ";
constexpr std::string_view kPartTables = "NCPQ";
constexpr std::string_view kOtherTables = "MDKXTFBU";
constexpr size_t kMostNamedElements = 3;

std::string Escaped(std::string_view bytes) { return absl::CEscape({bytes.data(), bytes.size()}); }
std::string PrefixOf(Table table) { return std::string(1, static_cast<char>(table)); }

// A live database, by what its D entry counts and what was found.
struct DatabaseCount {
  int number = 0;
  uint64_t keys = 0;
  uint64_t expiring = 0;
  uint64_t seen_keys = 0;
  uint64_t seen_expiring = 0;
};

class KeyspaceCheck {
 public:
  KeyspaceCheck(Reader& map, Findings& findings) : map_(map), findings_(findings) {}

  KeyspaceFacts Run() {
    if (!ReadMeta()) return facts_;
    ReadDatabases();
    ReadTrash();
    ReadHandedOut();
    CheckKeys();
    CheckCounts();
    CheckExpiryIndex();
    for (const char table : kElementTables) FindUnowned(table);
    FindUnknownTables();
    return facts_;
  }

 private:
  bool ReadMeta();
  void ReadDatabases();
  void ReadTrash();
  void ReadHandedOut();
  void CheckKeys();
  void CheckKey(std::string_view map_key, std::string_view stored);
  // The name of the key at `map_key`, checked against its hash; nullopt, with a finding, if that fails.
  std::optional<std::string> NameOf(std::string_view map_key, const Entry& entry);
  void CheckValue(const std::string& where, const Entry& entry);
  void CheckExpiry(const std::string& where, std::string_view map_key, const Entry& entry);
  void CheckCounts();
  void CheckExpiryIndex();
  void FindUnowned(char table);
  void FindUnknownTables();

  template <typename Visit>
  void Walk(const std::string& prefix, Visit visit) {
    const std::unique_ptr<Cursor> cursor = map_.NewCursor();
    for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
      visit(cursor->key(), cursor->value());
      map_.Release();
    }
  }

  Reader& map_;
  Findings& findings_;
  KeyspaceFacts facts_;
  uint64_t seed_ = 0;
  uint64_t epoch_ = 0;
  std::map<uint32_t, DatabaseCount> databases_;  // by id
  std::set<uint32_t> dead_databases_;
  absl::flat_hash_map<uint64_t, std::string_view> owners_;  // the tables of ids
  std::set<uint64_t> dead_ids_;
  ValueCheck::Places handed_out_;
  std::set<std::pair<uint64_t, uint64_t>> parts_;  // groups, live and dead, of streams
};

bool KeyspaceCheck::ReadMeta() {
  const std::optional<std::string_view> seed = map_.Get(kHashSeedKey);
  const std::optional<std::string_view> stored = map_.Get(kPositionKey);
  const std::optional<log::Position> position = DecodePosition(stored.value_or(std::string_view()));
  if (!seed || seed->size() != kWord || !position) {
    findings_.Damage("table M", "the entries \"Mhashseed\" and \"Mposition\" are not whole",
                     "without them the server does not start; \"holdfast-tool salvage\"");
    return false;
  }
  seed_ = ReadU64(*seed);
  epoch_ = position->epoch;
  return true;
}

void KeyspaceCheck::ReadDatabases() {
  Walk(PrefixOf(Table::kDatabase), [&](std::string_view key, std::string_view value) {
    DatabaseCount count;
    const bool whole = key.size() == 2 && value.size() > kHalfWord;
    const uint32_t id = whole ? ReadU32(value) : 0;
    if (whole) value.remove_prefix(kHalfWord);
    const std::optional<uint64_t> keys = TakeVarint(value);
    const std::optional<uint64_t> expiring = TakeVarint(value);
    if (!whole || !keys || !expiring) {
      return findings_.Damage(absl::StrCat("database entry \"", Escaped(key), "\""), "it cannot be read");
    }
    count.number = static_cast<unsigned char>(key[1]);
    count.keys = *keys;
    count.expiring = *expiring;
    if (id == 0) return;
    if (!databases_.emplace(id, count).second) {
      findings_.Damage(absl::StrCat("database ", count.number), "another one has the same id");
    }
  });
}

void KeyspaceCheck::ReadTrash() {
  Walk(PrefixOf(Table::kTrash), [&](std::string_view key, std::string_view) {
    const std::string_view id = key.substr(std::min<size_t>(2, key.size()));
    const auto kind = static_cast<TrashKind>(key.size() > 1 ? key[1] : 0);
    if (kind == TrashKind::kCollection && id.size() == kWord) {
      dead_ids_.insert(ReadU64(id));
    } else if (kind == TrashKind::kDatabase && id.size() == kHalfWord) {
      dead_databases_.insert(ReadU32(id));
    } else if (kind == TrashKind::kPart && id.size() == 2 * kWord) {
      parts_.emplace(ReadU64(id), ReadU64(id.substr(kWord)));
    } else {
      findings_.Damage(absl::StrCat("trash entry \"", Escaped(key), "\""), "it cannot be read");
    }
  });
}

void KeyspaceCheck::ReadHandedOut() {
  Walk(PrefixOf(Table::kHandedOut), [&](std::string_view key, std::string_view value) {
    const std::vector<HandedOut> elements = DecodeHandedOut(0, value);
    if (key.size() != 1 + kWord || elements.empty()) {
      return findings_.Damage(absl::StrCat("hand-over entry \"", Escaped(key), "\""), "it cannot be read");
    }
    for (const HandedOut& element : elements) {
      if (element.from != HandedOut::From::kSortedSet) handed_out_.insert(element.place);
    }
  });
}

void KeyspaceCheck::CheckKeys() {
  Walk(PrefixOf(Table::kKey), [&](std::string_view key, std::string_view stored) { CheckKey(key, stored); });
  Walk(PrefixOf(Table::kStreamGroup), [&](std::string_view key, std::string_view value) {
    if (key.size() > kWord && value.size() >= kWord) parts_.emplace(ReadU64(key.substr(1)), ReadU64(value));
  });
}

void KeyspaceCheck::CheckKey(std::string_view map_key, std::string_view stored) {
  const std::string raw = absl::StrCat("key entry \"", Escaped(map_key), "\"");
  const std::optional<Entry> entry = DecodeEntry(stored);
  if (map_key.size() < 1 + kHalfWord + kWord + 1 || !entry) {
    ++facts_.unsound_keys;
    return findings_.Damage(raw, "it cannot be read");
  }
  const uint32_t database_id = ReadU32(map_key.substr(1));
  if (entry->id != 0 && !owners_.emplace(entry->id, ElementTables(*entry)).second) {
    ++facts_.unsound_keys;
    findings_.Damage(raw, "another key has the same elements");
  }
  const auto database = databases_.find(database_id);
  if (database == databases_.end()) {
    if (dead_databases_.contains(database_id)) return;
    ++facts_.unsound_keys;
    return findings_.Damage(raw, absl::StrCat("no database has its id ", database_id),
                            "nobody can reach it; \"holdfast-tool salvage\" brings it back");
  }
  ++facts_.keys;
  ++database->second.seen_keys;
  if (entry->expires != absl::InfiniteFuture()) ++database->second.seen_expiring;
  const uint64_t before = findings_.damages();
  if (const auto name = NameOf(map_key, *entry)) {
    const std::string where =
        absl::StrCat("key \"", Escaped(*name), "\" of database ", database->second.number);
    CheckExpiry(where, map_key, *entry);
    CheckValue(where, *entry);
  }
  if (findings_.damages() > before) ++facts_.unsound_keys;
}

std::optional<std::string> KeyspaceCheck::NameOf(std::string_view map_key, const Entry& entry) {
  const std::string_view bounded = map_key.substr(1 + kHalfWord);
  const std::string name(BoundedBytes(bounded).value_or(entry.long_key));
  const auto ignore = [](const std::string&) {};
  if (ValueCheck(map_, seed_, handed_out_, ignore).IsBounded(bounded, name)) return name;
  findings_.Damage(absl::StrCat("key entry \"", Escaped(map_key), "\""),
                   "its name does not stand at its hash");
  return std::nullopt;
}

void KeyspaceCheck::CheckValue(const std::string& where, const Entry& entry) {
  if (entry.id != 0 && entry.id >> Transaction::kEpochShift > epoch_) {
    findings_.Damage(where, absl::StrCat("the id ", entry.id, " of its elements is still to be given out"));
  }
  // One damage in a value shows in many elements.
  size_t named = 0;
  const auto fault = [&](const std::string& what) {
    if (named++ < kMostNamedElements) findings_.Damage(where, what);
  };
  ValueCheck check(map_, seed_, handed_out_, fault);
  check.Check(entry);
  facts_.elements += check.elements();
}

void KeyspaceCheck::CheckExpiry(const std::string& where, std::string_view map_key, const Entry& entry) {
  const absl::Time due = entry.next_due();
  if (due == absl::InfiniteFuture() || map_.Get(ExpiryKey(due, map_key))) return;
  findings_.Damage(where, "it expires, but is not in the expiry index: it stays until it is looked at");
}

void KeyspaceCheck::CheckCounts() {
  for (const auto& [id, count] : databases_) {
    const std::string where = absl::StrCat("database ", count.number);
    if (count.keys != count.seen_keys) {
      findings_.Damage(where,
                       absl::StrCat("it counts ", count.keys, " keys, but ", count.seen_keys, " are there"));
    }
    if (count.expiring != count.seen_expiring) {
      findings_.Damage(where, absl::StrCat("it counts ", count.expiring, " keys that expire, but ",
                                           count.seen_expiring, " are there"));
    }
  }
}

void KeyspaceCheck::CheckExpiryIndex() {
  Walk(PrefixOf(Table::kExpiry), [&](std::string_view key, std::string_view) {
    if (key.size() < 1 + kWord + kHalfWord) {
      return findings_.Damage(absl::StrCat("expiry entry \"", Escaped(key), "\""), "it cannot be read");
    }
    const std::string_view rest = key.substr(1 + kWord);
    // A flushed database leaves its index entries to the trash.
    if (!databases_.contains(ReadU32(rest))) return;
    const std::string map_key = PrefixOf(Table::kKey).append(rest);
    const std::optional<std::string_view> stored = map_.Get(map_key);
    const std::optional<Entry> entry = stored ? DecodeEntry(*stored) : std::nullopt;
    const absl::Time due = entry ? entry->next_due() : absl::InfiniteFuture();
    if (due != absl::InfiniteFuture() && ExpiryKey(due, map_key) == key) return;
    findings_.Damage(absl::StrCat("expiry entry \"", Escaped(key), "\""), "no key expires then");
  });
}

// Elements whose collection no key and no trash entry names. Steps from id to id.
void KeyspaceCheck::FindUnowned(char table) {
  const bool is_part = kPartTables.find(table) != std::string_view::npos;
  const std::unique_ptr<Cursor> cursor = map_.NewCursor();
  std::string next(1, table);
  for (cursor->Seek(next); cursor->valid() && cursor->key()[0] == table; cursor->Seek(next)) {
    const std::string_view key = cursor->key();
    const size_t owner_bytes = 1 + (is_part ? 2 * kWord : kWord);
    if (key.size() < owner_bytes) {
      findings_.Damage(absl::StrCat("entry \"", Escaped(key), "\""), "it cannot be read");
      next = std::string(key).append(1, '\0');
      continue;
    }
    const uint64_t id = ReadU64(key.substr(1));
    const auto owner = owners_.find(id);
    const auto handed_out = handed_out_.lower_bound({id, 0});
    const bool is_handed_out = table == static_cast<char>(Table::kList) && handed_out != handed_out_.end() &&
                               handed_out->collection == id;
    const bool dead = dead_ids_.contains(id) || is_handed_out;
    const bool owned = owner != owners_.end() && owner->second.find(table) != std::string_view::npos;
    const bool has_part = !is_part || parts_.contains({id, ReadU64(key.substr(owner_bytes - kWord))});
    if (!dead && (!owned || !has_part)) {
      findings_.Damage(absl::StrCat("elements in table ", std::string(1, table), " with the id ", id),
                       owned ? "no group of the stream owns them" : "no key owns them",
                       "nobody can reach them; \"holdfast-tool salvage\" brings them back under a new key");
    }
    // Behind every rest that a key can have.
    next = std::string(key.substr(0, owner_bytes)).append(kMaxBoundedBytes, '\xFF');
    map_.Release();
  }
}

void KeyspaceCheck::FindUnknownTables() {
  const std::unique_ptr<Cursor> cursor = map_.NewCursor();
  for (int first = 0; first < 256; ++first) {
    const std::string prefix(1, static_cast<char>(first));
    if (kElementTables.find(prefix) != std::string_view::npos ||
        kOtherTables.find(prefix) != std::string_view::npos) {
      continue;
    }
    cursor->Seek(prefix);
    if (!cursor->valid() || !cursor->key().starts_with(prefix)) continue;
    findings_.Note(absl::StrCat("table \"", Escaped(prefix), "\""),
                   "this tool does not know it: its checksums are right, its meaning was not looked at");
  }
}

}  // namespace

KeyspaceFacts CheckKeyspace(Reader& map, Findings& findings) { return KeyspaceCheck(map, findings).Run(); }

}  // namespace holdfast::storage::check
