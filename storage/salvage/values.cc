#include "storage/salvage/values.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "storage/codec.h"
#include "storage/hash.h"
#include "storage/library_table.h"
#include "storage/list.h"
#include "storage/packed.h"
#include "storage/put_back.h"
#include "storage/set.h"
#include "storage/sorted_set.h"
#include "storage/stream.h"
#include "storage/stream_group.h"
#include "storage/string.h"

namespace holdfast::storage::salvage {
namespace {

constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kItemsInATurn = 512;
constexpr uint64_t kBytesInATurn = 1 << 20;

// Collects items and hands them on when they are enough for a turn.
class Batches {
 public:
  using Flush = absl::FunctionRef<void(const std::vector<std::string_view>& items)>;
  explicit Batches(Flush flush) : flush_(flush) {}

  void Add(std::string_view item) {
    items_.emplace_back(item);
    bytes_ += item.size();
  }
  void EndOfElement() {
    if (items_.size() >= kItemsInATurn || bytes_ >= kBytesInATurn) FlushNow();
  }
  void FlushNow() {
    if (items_.empty()) return;
    flush_(std::vector<std::string_view>(items_.begin(), items_.end()));
    items_.clear();
    bytes_ = 0;
  }

 private:
  Flush flush_;
  std::vector<std::string> items_;
  uint64_t bytes_ = 0;
};

}  // namespace

void Values::Turn(int database, Change change) {
  if (!status_.ok()) return;
  Transaction& transaction = store_.BeginTurn(2 * kBytesInATurn);
  // Before all that expires: that happens where the new folder is served.
  transaction.set_now(absl::InfinitePast());
  Keyspace keyspace(transaction, database);
  change(keyspace);
  store_.Commit();
  transaction.ClearTouches();
  store_.Poll();
  if (store_.admission() == Admission::kOpen) return;
  status_ = store_.admission() == Admission::kSealed
                ? absl::DataLossError("writing the new folder failed")
                : absl::ResourceExhaustedError("no room for the new folder");
}

void Values::Walk(const std::string& prefix, Visit visit) {
  const std::unique_ptr<Cursor> cursor = map_.NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    visit(cursor->key().substr(prefix.size()), cursor->value());
  }
}

uint64_t Values::Make(const Target& target, const Entry& entry) {
  uint64_t made = 0;
  switch (entry.type) {
    case ValueType::kString:
      made = 1;
      Turn(target.database, [&](Keyspace& keyspace) { String(keyspace, target.key).Set(entry.value); });
      break;
    case ValueType::kList:
      made = MakeList(target, entry);
      break;
    case ValueType::kHash:
    case ValueType::kSet:
      made = MakeNamed(target, entry);
      break;
    case ValueType::kSortedSet:
      made = MakeSortedSet(target, entry);
      break;
    case ValueType::kStream:
      made = MakeStream(target, entry);
      break;
  }
  if (made > 0 && entry.expires != absl::InfiniteFuture()) Expire(target, entry.expires);
  return made;
}

void Values::Expire(const Target& target, absl::Time expires) {
  Turn(target.database, [&](Keyspace& keyspace) {
    Slot slot = keyspace.Look(target.key);
    if (!slot.entry) return;
    slot.entry->expires = expires;
    keyspace.Save(slot);
  });
}

uint64_t Values::MakeList(const Target& target, const Entry& entry) {
  uint64_t count = 0;
  const auto push = [&](const std::vector<std::string_view>& items) {
    Turn(target.database, [&](Keyspace& keyspace) { List(keyspace, target.key).Push(End::kFront, items); });
  };
  Batches batches(push);
  Walk(TablePrefix(Table::kList, entry.id), [&](std::string_view rest, std::string_view value) {
    const bool whole = rest.size() == sizeof(uint64_t);
    if (whole && set_aside_.contains({entry.id, ReadU64(rest)})) return;
    ++count;
    batches.Add(value);
    batches.EndOfElement();
  });
  batches.FlushNow();
  return count;
}

void Values::PutBack(int database, const HandedOut& element) {
  std::optional<std::string> bytes = element.bytes;
  if (!bytes) {
    const auto stored = map_.Get(ElementKeyOf(element.place));
    if (!stored) return;  // its hand-over was confirmed
    bytes = std::string(*stored);
  }
  Turn(database, [&](Keyspace& keyspace) { storage::PutBack(keyspace, element, *bytes); });
}

uint64_t Values::MakeNamed(const Target& target, const Entry& entry) {
  const bool is_hash = entry.type == ValueType::kHash;
  uint64_t count = 0;
  const auto put = [&](const std::vector<std::string_view>& items) {
    Turn(target.database, [&](Keyspace& keyspace) {
      if (is_hash) {
        Hash(keyspace, target.key).Set(items);
      } else {
        Set(keyspace, target.key).Add(items);
      }
    });
  };
  Batches batches(put);
  const auto add = [&](std::string_view name, std::string_view value) {
    ++count;
    batches.Add(name);
    if (is_hash) batches.Add(value);
    batches.EndOfElement();
  };
  if (entry.encoding != Encoding::kElements) {
    const std::vector<std::string_view> items = Unpack(entry.value);
    const size_t stride = is_hash ? 2 : 1;
    for (size_t i = 0; i + stride <= items.size(); i += stride) add(items[i], items[i + stride - 1]);
  } else {
    const Table table = is_hash ? Table::kField : Table::kMember;
    Walk(TablePrefix(table, entry.id), [&](std::string_view rest, std::string_view value) {
      std::optional<std::string_view> name = BoundedBytes(rest);
      if (!name) name = TakeBytes(value);
      if (name) add(*name, value);
    });
  }
  batches.FlushNow();
  if (entry.dues.count > 0) MakeDues(target, entry);
  return count;
}

void Values::MakeDues(const Target& target, const Entry& entry) {
  Walk(TablePrefix(Table::kDueField, entry.id), [&](std::string_view rest, std::string_view value) {
    if (rest.size() <= sizeof(uint64_t)) return;
    const std::string_view field = BoundedBytes(rest.substr(sizeof(uint64_t))).value_or(value);
    Turn(target.database, [&](Keyspace& keyspace) {
      Hash hash(keyspace, target.key);
      if (!hash.Get(field)) return;
      hash.Expire(field, ReadTime(rest));
      hash.Save();
    });
  });
}

uint64_t Values::MakeSortedSet(const Target& target, const Entry& entry) {
  uint64_t count = 0;
  const auto put = [&](const std::vector<std::string_view>& items) {
    std::vector<ScoredMember> members;
    for (size_t i = 0; i + 1 < items.size(); i += 2)
      members.push_back({items[i], ReadOrderedDouble(items[i + 1])});
    Turn(target.database, [&](Keyspace& keyspace) {
      count +=
          SortedSet(keyspace, target.key).Add(members, {.existence = AddRule::Existence::kOnlyNew}).added;
    });
  };
  Batches batches(put);
  const auto add = [&](std::string_view member, std::string_view score) {
    batches.Add(member);
    batches.Add(score.substr(0, kWord));
    batches.EndOfElement();
  };
  if (entry.encoding != Encoding::kElements) {
    const std::vector<std::string_view> items = Unpack(entry.value);
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i + 1].size() == kWord) add(items[i], items[i + 1]);
    }
  } else {
    Walk(TablePrefix(Table::kScore, entry.id), [&](std::string_view rest, std::string_view value) {
      const std::optional<std::string_view> whole = BoundedBytes(rest);
      if (value.size() >= (whole ? kWord : 2 * kWord)) add(whole ? *whole : value.substr(2 * kWord), value);
    });
    // Whole members stand in both orders: those that one has lost may be in the other.
    Walk(TablePrefix(Table::kOrder, entry.id), [&](std::string_view rest, std::string_view value) {
      if (value.empty() && rest.size() >= kWord) add(rest.substr(kWord), rest);
    });
  }
  batches.FlushNow();
  return count;
}

uint64_t Values::MakeStream(const Target& target, const Entry& entry) {
  uint64_t count = 0;
  Turn(target.database, [&](Keyspace& keyspace) { Stream(keyspace, target.key).Create(); });
  Walk(TablePrefix(Table::kStreamEntry, entry.id), [&](std::string_view rest, std::string_view value) {
    const std::vector<std::string_view> fields = Unpack(value);
    if (rest.size() != kStreamIdBytes || fields.empty() || fields.size() % 2 != 0) return;
    ++count;
    Turn(target.database,
         [&](Keyspace& keyspace) { Stream(keyspace, target.key).Append(ReadStreamId(rest), fields); });
  });
  if (!entry.value.empty()) {
    const StreamHead head = DecodeStreamHead(entry.value);
    Turn(target.database, [&](Keyspace& keyspace) {
      Stream stream(keyspace, target.key);
      stream.Remember(std::max(head.last, stream.head().last), std::max(head.added, count), head.max_deleted);
    });
  }
  Walk(TablePrefix(Table::kStreamGroup, entry.id),
       [&](std::string_view rest, std::string_view value) { MakeGroup(target, entry, rest, value); });
  // A stream without entries is a key as well.
  return std::max<uint64_t>(count, 1);
}

// FORMAT.md, "Streams": [group:8][last:16][read][pending][consumers][the name, if it is long].
void Values::MakeGroup(const Target& target, const Entry& entry, std::string_view name,
                       std::string_view stored) {
  if (stored.size() < kWord + kStreamIdBytes) return;
  const std::string id_and_group =
      TablePrefix(Table::kStreamGroup, entry.id).substr(1).append(stored.substr(0, kWord));
  const StreamId last = ReadStreamId(stored.substr(kWord));
  stored.remove_prefix(kWord + kStreamIdBytes);
  const uint64_t read = TakeVarint(stored).value_or(0);
  for (int counts = 0; counts < 2; ++counts) (void)TakeVarint(stored);
  if (!stored.empty()) name = stored;
  std::optional<uint64_t> entries_read;
  if (read > 0) entries_read = read - 1;
  const std::string group_name(name);
  Turn(target.database, [&](Keyspace& keyspace) {
    StreamGroup::Create(Stream(keyspace, target.key), group_name, last, entries_read);
  });

  const auto prefix = [&](Table table) { return std::string(1, static_cast<char>(table)) + id_and_group; };
  std::map<uint64_t, std::string> consumers;
  // The group is looked up for each change: its consumers' counts go with it.
  const auto change = [&](absl::FunctionRef<void(StreamGroup&)> change_group) {
    Turn(target.database, [&](Keyspace& keyspace) {
      const Stream stream(keyspace, target.key);
      std::optional<StreamGroup> group = StreamGroup::Find(stream, group_name);
      if (!group) return;
      change_group(*group);
      group->Save();
    });
  };
  Walk(prefix(Table::kStreamConsumer), [&](std::string_view rest, std::string_view value) {
    if (rest.size() != kWord || value.size() < 2 * kWord) return;
    const auto seen = static_cast<int64_t>(ReadU64(value));
    const auto active = static_cast<int64_t>(ReadU64(value.substr(kWord)));
    value.remove_prefix(2 * kWord);
    (void)TakeVarint(value);
    consumers[ReadU64(rest)] = value;
    change([&](StreamGroup& group) { group.AddConsumer(value, seen).active = active; });
  });
  Walk(prefix(Table::kStreamPending), [&](std::string_view rest, std::string_view value) {
    if (rest.size() != kStreamIdBytes || value.size() <= 2 * kWord) return;
    const auto owner = consumers.find(ReadU64(value));
    if (owner == consumers.end()) return;
    const auto time = static_cast<int64_t>(ReadU64(value.substr(kWord)));
    value.remove_prefix(2 * kWord);
    const uint64_t count = TakeVarint(value).value_or(1);
    change([&](StreamGroup& group) {
      group.Deliver(ReadStreamId(rest), {group.FindConsumer(owner->second)->number, time, count});
    });
  });
}

void Values::MakeLibrary(std::string_view name, std::string_view code) {
  Turn(0, [&](Keyspace& keyspace) { LibraryTable(keyspace.transaction()).Put(name, code); });
}

void Values::MakeLoans(std::string_view key, std::string_view turn) {
  Turn(0, [&](Keyspace& keyspace) { keyspace.transaction().Put(key, turn); });
}

}  // namespace holdfast::storage::salvage
