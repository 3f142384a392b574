// Random work on typed values over real LMDB, with everything that fills the trash: deleted, replaced,
// expired and renamed collections, flushed and swapped databases. In the end nothing dead may be left and
// nothing live may be missing.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "storage/codec.h"
#include "storage/durable_store.h"
#include "storage/expiry.h"
#include "storage/hash.h"
#include "storage/keyspace.h"
#include "storage/list.h"
#include "storage/lmdb/lmdb_tree.h"
#include "storage/log/file_log.h"
#include "storage/set.h"
#include "storage/sorted_set.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {
namespace {

constexpr int kDatabases = 3;

class TrashSimulation {
 public:
  explicit TrashSimulation(uint64_t seed) : random_(seed), env_(seed) {
    options_.env = &env_;
    options_.folder = "/data";
    options_.memtable_bytes = 256 << 10;
  }

  void Run() {
    for (int life = 0; life < 3; ++life) {
      Open();
      for (int turn = 0; turn < 150; ++turn) RunTurn();
      env_.Crash(random_());
      store_.reset();
    }
    Open();
    for (int slice = 0; slice < 20; ++slice) {
      env_.Advance(absl::Milliseconds(200));
      store_->Poll();
    }
    ASSERT_TRUE(store_->Checkpoint().ok());
    for (int slice = 0; slice < 20; ++slice) env_.Advance(absl::Milliseconds(200));
    store_->Poll();
    CheckNothingDeadAndNothingMissing();
  }

 private:
  void Open() {
    StoreParts parts;
    parts.open_tree = [this](const std::string&) { return lmdb::OpenTree(place_.path(), 64 << 20); };
    parts.new_log = [this](const std::string& folder) {
      return std::make_unique<log::FileLog>(
          env_, log::FileLogOptions{.folder = folder, .segment_bytes = 256 << 10});
    };
    absl::StatusOr<std::unique_ptr<Store>> store = DurableStore::Open(options_, parts, listener_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  uint64_t Below(uint64_t limit) { return random_() % limit; }
  std::string Key() { return "key" + std::to_string(Below(6)); }

  void RunTurn() {
    Transaction& transaction = store_->BeginTurn(1 << 20);
    transaction.set_now(env_.Now());
    const uint64_t commands = 1 + Below(5);
    for (uint64_t i = 0; i < commands; ++i) RunCommand(transaction);
    ASSERT_TRUE(store_->Secure(0).ok());
    store_->Commit();
    if (Below(3) == 0) store_->RequestCheckpoint();
    store_->Poll();
    env_.Advance(absl::Milliseconds(Below(200)));
    if (Below(40) == 0) {
      ASSERT_TRUE(store_->Checkpoint().ok());
    }
  }

  void RunCommand(Transaction& transaction) {
    Keyspace keyspace(transaction, static_cast<int>(Below(kDatabases)));
    switch (Below(12)) {
      case 0:
        keyspace.Remove(Key());
        break;
      case 1:
        if (Below(4) == 0) keyspace.Clear();
        break;
      case 2:
        Swap(transaction);
        break;
      case 3:
        Expire(keyspace);
        break;
      case 4:
        while (ExpireOne(transaction)) {
        }
        break;
      case 6:
        ExpireField(keyspace);
        break;
      case 5:
        Rename(keyspace);
        break;
      default:
        Grow(keyspace);
    }
  }

  static void Swap(Transaction& transaction) {
    const Database first = transaction.database(0);
    transaction.SetDatabase(0, transaction.database(1));
    transaction.SetDatabase(1, first);
  }

  void Expire(Keyspace& keyspace) {
    Slot slot = keyspace.Look(Key());
    if (!slot.entry) return;
    slot.entry->expires = env_.Now() + absl::Milliseconds(Below(3000));
    keyspace.Save(slot);
  }

  void ExpireField(Keyspace& keyspace) {
    Hash hash(keyspace, Key());
    if (hash.wrong_type()) return;
    std::string field;
    hash.elements().Sample(1,
                           [&](std::string_view name, std::string_view) { return !(field = name).empty(); });
    if (field.empty()) return;
    hash.Expire(field, env_.Now() + absl::Milliseconds(Below(3000)));
    hash.Save();
  }

  void Rename(Keyspace& keyspace) {
    Slot from = keyspace.Look(Key());
    Slot to = keyspace.Look(Key());
    if (!from.entry || from.key == to.key) return;
    const Entry entry = *from.entry;
    const std::string value(entry.value);
    keyspace.Detach(from);
    to.entry = entry;
    to.entry->value = value;
    keyspace.Save(to);
  }

  void Grow(Keyspace& keyspace) {
    const std::string key = Key();
    if (Below(4) == 0) keyspace.Remove(key);
    const std::string name = std::to_string(Below(1000));
    // Long enough that no collection stays inline; now and then long enough for chunks.
    const std::string element(Below(30) == 0 ? 40'000 : 100, static_cast<char>('a' + Below(26)));
    const std::string member = element + name;
    const std::string_view words[] = {member, element};
    const std::optional<Entry> entry = keyspace.Find(key);
    constexpr ValueType kTypes[] = {ValueType::kList, ValueType::kSet, ValueType::kHash,
                                    ValueType::kSortedSet};
    switch (entry ? entry->type : kTypes[Below(4)]) {
      case ValueType::kList:
        List(keyspace, key).Push(End::kFront, words);
        break;
      case ValueType::kSet:
        Set(keyspace, key).Add({words, 1});
        break;
      case ValueType::kHash:
        Hash(keyspace, key).Set(words);
        break;
      default: {
        const ScoredMember scored{member, static_cast<double>(Below(5))};
        SortedSet(keyspace, key).Add({&scored, 1});
      }
    }
  }

  void CheckNothingDeadAndNothingMissing() {
    const std::map<std::string, std::string> map = ReadAll();
    std::set<uint32_t> databases;
    Transaction& transaction = store_->BeginTurn(0);
    for (int number = 0; number < Transaction::kMaxDatabases; ++number) {
      if (transaction.database(number).id != 0) databases.insert(transaction.database(number).id);
    }
    std::map<uint64_t, uint64_t> counts;  // live collections: elements they should have
    std::map<uint64_t, uint64_t> dues;    // live hashes: fields that expire
    std::set<std::string> expiries;
    for (const auto& [key, value] : map) {
      if (key[0] != 'K') continue;
      EXPECT_TRUE(databases.contains(ReadU32(std::string_view(key).substr(1)))) << "a flushed key is left";
      const std::optional<Entry> entry = DecodeEntry(value);
      ASSERT_TRUE(entry.has_value());
      if (entry->id != 0) counts[entry->id] = entry->count;
      if (entry->dues.count != 0) dues[entry->id] = entry->dues.count;
      if (entry->next_due() != absl::InfiniteFuture()) expiries.insert(ExpiryKey(entry->next_due(), key));
    }
    std::map<uint64_t, uint64_t> found;
    std::map<uint64_t, uint64_t> times;
    std::map<uint64_t, uint64_t> times_in_order;
    for (const auto& [key, value] : map) {
      if (key[0] == 'T') ADD_FAILURE() << "trash is left";
      EXPECT_TRUE(key[0] != 'X' || expiries.erase(key) == 1) << "an expiry of nothing is left";
      if (std::string_view("LHSZOVY").find(key[0]) == std::string_view::npos) continue;
      const uint64_t id = ReadU64(std::string_view(key).substr(1));
      EXPECT_TRUE(counts.contains(id)) << "an element of nothing is left in table " << key[0];
      std::map<uint64_t, uint64_t>& kind = key[0] == 'V' ? times : key[0] == 'Y' ? times_in_order : found;
      if (key[0] != 'O') ++kind[id];
    }
    EXPECT_TRUE(expiries.empty()) << "an expiry is missing";
    EXPECT_EQ(found, counts);
    EXPECT_EQ(times, dues);
    EXPECT_EQ(times_in_order, dues);
  }

  std::map<std::string, std::string> ReadAll() {
    std::map<std::string, std::string> map;
    const std::unique_ptr<Cursor> cursor = store_->BeginTurn(0).NewCursor();
    for (cursor->Seek(""); cursor->valid(); cursor->Next()) map.emplace(cursor->key(), cursor->value());
    EXPECT_TRUE(store_->TakeFault().ok());
    return map;
  }

  std::mt19937_64 random_;
  fakes::FakeEnv env_;
  fakes::TemporaryFolder place_;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
};

TEST(TrashSimulationTest, NothingDeadStaysAndNothingLiveGoes) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    TrashSimulation(seed).Run();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace holdfast::storage
