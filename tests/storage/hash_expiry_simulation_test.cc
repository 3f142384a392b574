// Random work on hashes whose fields expire, over a store on a disk that loses power, beside a model. What a
// life committed, the next one finds: each field with its value and its time, and nothing past its time.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>

#include "storage/codec.h"
#include "storage/durable_store.h"
#include "storage/expiry.h"
#include "storage/hash.h"
#include "storage/key_moves.h"
#include "storage/keyspace.h"
#include "storage/log/file_log.h"
#include "storage/string.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_tree.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {
namespace {

constexpr int kDatabases = 2;

struct Field {
  std::string value;
  absl::Time due = absl::InfiniteFuture();
  bool operator==(const Field&) const = default;
};

struct Value {
  std::map<std::string, Field> fields;  // none: it is a string
  absl::Time expires = absl::InfiniteFuture();
  bool operator==(const Value&) const = default;
};

using Model = std::map<std::pair<int, std::string>, Value>;

class HashExpirySimulation {
 public:
  explicit HashExpirySimulation(uint64_t seed) : random_(seed), env_(seed) {
    options_.env = &env_;
    options_.folder = "/data";
    options_.segment_bytes = 64 << 10;
    // With the smallest bound every turn is checkpointed.
    options_.memtable_bytes = Below(3) == 0 ? 1 : 1 << 20;
  }

  void Run() {
    for (int life = 0; life < 4; ++life) {
      Open();
      Compare();
      for (int turn = 0; turn < 60; ++turn) RunTurn();
      Compare();
      // The turn that the power cut meets.
      Model lost = model_;
      RunCommands(lost);
      End();
    }
    Open();
    Compare();
    WaitForAllTimes();
    CheckTables();
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  std::string Key() { return "key" + std::to_string(Below(4)); }
  std::string FieldName() {
    const std::string name = "f" + std::to_string(Below(8));
    return Below(6) == 0 ? std::string(500, 'f') + name : name;
  }

  void Open() {
    StoreParts parts;
    parts.open_tree = [this](const std::string&) -> absl::StatusOr<std::unique_ptr<Tree>> {
      return fakes::OpenMemoryTree(tree_);
    };
    parts.new_log = [this](const std::string& folder) {
      return std::make_unique<log::FileLog>(
          env_, log::FileLogOptions{.folder = folder, .segment_bytes = options_.segment_bytes});
    };
    absl::StatusOr<std::unique_ptr<Store>> store = DurableStore::Open(options_, parts, listener_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void End() {
    if (Below(3) > 0) env_.Crash(random_());
    store_.reset();
    env_.Advance(absl::Milliseconds(Below(2000)));
  }

  Transaction& Begin() {
    Transaction& transaction = store_->BeginTurn(1 << 20);
    transaction.set_now(env_.Now());
    Forget(model_);
    return transaction;
  }

  // What is past its time is not there.
  void Forget(Model& model) {
    const absl::Time now = env_.Now();
    for (auto at = model.begin(); at != model.end();) {
      Value& value = at->second;
      const bool is_string = value.fields.empty();
      std::erase_if(value.fields, [now](const auto& field) { return field.second.due <= now; });
      const bool gone = value.expires <= now || (!is_string && value.fields.empty());
      at = gone ? model.erase(at) : std::next(at);
    }
  }

  void RunCommands(Model& model) {
    Transaction& transaction = Begin();
    Forget(model);
    for (uint64_t commands = 1 + Below(5); commands > 0; --commands) {
      RunCommand(transaction, model);
      Forget(model);
    }
    ASSERT_TRUE(store_->Secure(0).ok());
  }

  void RunTurn() {
    RunCommands(model_);
    store_->Commit();
    if (Below(3) == 0) store_->RequestCheckpoint();
    env_.RunTasks();
    store_->Poll();
    env_.Advance(absl::Milliseconds(Below(400)));
    if (Below(20) == 0) Compare();
  }

  void RunCommand(Transaction& transaction, Model& model) {
    const int database = static_cast<int>(Below(kDatabases));
    Keyspace keyspace(transaction, database);
    const std::string key = Key();
    const auto at = std::pair(database, key);
    switch (Below(16)) {
      case 0:
        EXPECT_EQ(keyspace.Remove(key), model.erase(at) > 0);
        break;
      case 1:
        if (Below(3) == 0) {
          keyspace.Clear();
          std::erase_if(model, [&](const auto& pair) { return pair.first.first == database; });
        }
        break;
      case 2:
        if (Below(3) == 0) Swap(transaction, model);
        break;
      case 3:
        Move(keyspace, model, at);
        break;
      case 4:
        Copy(transaction, model, at);
        break;
      case 5:
        String(keyspace, key).Set("text", absl::InfiniteFuture());
        model[at] = Value();
        break;
      case 6:
        while (Below(3) > 0 && ExpireOne(transaction)) {
        }
        break;
      case 7:
        ExpireKey(keyspace, model, at);
        break;
      default:
        ChangeHash(keyspace, model, at);
    }
  }

  void ExpireKey(Keyspace& keyspace, Model& model, const Model::key_type& at) {
    Slot slot = keyspace.Look(at.second);
    ASSERT_EQ(slot.entry.has_value(), model.contains(at));
    if (!slot.entry) return;
    slot.entry->expires = env_.Now() + absl::Milliseconds(1 + Below(3000));
    keyspace.Save(slot);
    model[at].expires = slot.stored->expires;
  }

  void ChangeHash(Keyspace& keyspace, Model& model, const Model::key_type& at) {
    const auto found = model.find(at);
    if (found != model.end() && found->second.fields.empty()) return;  // a string
    Hash hash(keyspace, at.second);
    ASSERT_FALSE(hash.wrong_type());
    const std::string field = FieldName();
    const std::string value = std::to_string(random_());
    const std::string_view words[] = {field, value};
    std::map<std::string, Field> fields;
    if (found != model.end()) fields = found->second.fields;
    switch (Below(6)) {
      case 0:
        EXPECT_EQ(hash.Remove({words, 1}), fields.erase(field));
        break;
      case 1:
        hash.Update(field, value);
        fields[field].value = value;
        break;
      case 2:
      case 3:
      case 4:
        if (!fields.contains(field)) break;
        fields[field].due =
            Below(5) == 0 ? absl::InfiniteFuture() : env_.Now() + absl::Milliseconds(Below(3000));
        hash.Expire(field, fields[field].due);
        hash.Save();
        break;
      default:
        EXPECT_EQ(hash.Set(words), fields.contains(field) ? 0U : 1U);
        fields[field] = {value};
    }
    if (fields.empty()) {
      model.erase(at);
    } else {
      model[at].fields = fields;
    }
  }

  void Move(Keyspace& keyspace, Model& model, const Model::key_type& at) {
    Slot from = keyspace.Look(at.second);
    Slot to = keyspace.Look(Key());
    if (!from.entry || from.key == to.key) return;
    MoveValue(keyspace, from, keyspace, to);
    model[{at.first, to.key}] = model.at(at);
    model.erase(at);
  }

  void Copy(Transaction& transaction, Model& model, const Model::key_type& at) {
    Keyspace target(transaction, static_cast<int>(Below(kDatabases)));
    const Slot from = Keyspace(transaction, at.first).Look(at.second);
    Slot to = target.Look(Key());
    if (!from.entry || (target.database() == at.first && from.key == to.key)) return;
    CopyValue(from, target, to);
    model[{target.database(), to.key}] = Value(model.at(at));
  }

  static void Swap(Transaction& transaction, Model& model) {
    SwapDatabases(transaction, 0, 1);
    Model swapped;
    for (auto& [at, value] : model) swapped[{1 - at.first, at.second}] = value;
    model = swapped;
  }

  Model Read() {
    Model model;
    Transaction& transaction = Begin();
    for (int database = 0; database < kDatabases; ++database) {
      Keyspace keyspace(transaction, database);
      keyspace.Scan(0, SIZE_MAX, [&](std::string_view key, const Entry& entry) {
        Value& value = model[{database, std::string(key)}];
        value.expires = entry.expires;
        if (entry.type != ValueType::kHash) return;
        const Hash hash(keyspace, key);
        hash.elements().Visit([&](std::string_view field, std::string_view bytes) {
          value.fields[std::string(field)] = {std::string(bytes), hash.Due(field).value()};
          return true;
        });
        EXPECT_EQ(hash.size(), value.fields.size());
      });
    }
    EXPECT_TRUE(store_->TakeFault().ok());
    return model;
  }

  void Compare() { ASSERT_TRUE(Read() == model_); }

  // No command looks at what expires: it goes by itself.
  void WaitForAllTimes() {
    env_.Advance(absl::Seconds(10));
    Transaction& transaction = Begin();
    int steps = 0;
    while (ExpireOne(transaction)) ASSERT_LT(++steps, 10'000);
    ASSERT_TRUE(store_->Secure(0).ok());
    store_->Commit();
    Compare();
  }

  // All times are over: no trace of one is left but in the trash.
  void CheckTables() {
    Transaction& transaction = Begin();
    std::map<uint64_t, uint64_t> counts;
    const std::unique_ptr<Cursor> at = transaction.NewCursor();
    for (at->Seek("K"); at->valid() && at->key()[0] == 'K'; at->Next()) {
      const uint32_t id = ReadU32(at->key().substr(1));
      if (id != transaction.database(0).id && id != transaction.database(1).id) continue;  // flushed
      const std::optional<Entry> entry = DecodeEntry(at->value());
      ASSERT_TRUE(entry.has_value());
      EXPECT_EQ(entry->dues, FieldDues());
      if (entry->id != 0) counts[entry->id] = entry->count;
    }
    std::map<uint64_t, uint64_t> found;
    for (at->Seek(""); at->valid(); at->Next()) {
      EXPECT_NE(at->key()[0], 'X');
      const uint64_t id = at->key().size() > 8 ? ReadU64(at->key().substr(1)) : 0;
      if (!counts.contains(id)) continue;
      EXPECT_TRUE(at->key()[0] != 'V' && at->key()[0] != 'Y') << "a time is left";
      if (at->key()[0] == 'H') ++found[id];
    }
    EXPECT_EQ(found, counts);
  }

  std::mt19937_64 random_;
  fakes::FakeEnv env_;
  fakes::MemoryTreeFile tree_;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
  Model model_;  // after the newest turn
};

TEST(HashExpirySimulationTest, EachLifeFindsWhatTheLastOneLeft) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    HashExpirySimulation(seed).Run();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace holdfast::storage
