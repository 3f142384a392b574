#pragma once

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "storage/hand_over_book.h"
#include "storage/hash.h"
#include "storage/keyspace.h"
#include "storage/list.h"
#include "storage/set.h"
#include "storage/sorted_set.h"
#include "storage/store.h"
#include "storage/stream.h"
#include "storage/stream_group.h"
#include "storage/string.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {

// A data folder on the real disk with something of everything in it, for tests of what works on closed
// folders. Open() and Close() as a server does; while it is closed the files may be looked at and changed.
class FilledFolder {
 public:
  FilledFolder() : path_(place_.path() + "/data") {
    Open();
    Fill();
    Close();
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string data_path() const { return path_ + "/data.mdb"; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] StoreOptions options() const { return OptionsFor(path_); }

  [[nodiscard]] static StoreOptions OptionsFor(const std::string& folder) {
    StoreOptions options;
    options.folder = folder;
    options.map_bytes = 256 << 20;
    options.segment_bytes = 256 << 10;
    options.checkpoint_interval = absl::InfiniteDuration();
    options.durability = log::Durability::kOff;  // Close and checkpoints sync: no test here cuts the power
    return options;
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options(), listener_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void Close() {
    ASSERT_TRUE(store_->Close().ok());
    store_.reset();
  }
  // As kill -9: what was not checkpointed is in the log alone.
  void Kill() { store_.reset(); }

  // One turn.
  template <typename Change>
  void Turn(Change change) {
    Transaction& transaction = store_->BeginTurn(64 << 10);
    transaction.set_now(PosixEnv().Now());
    Keyspace keyspace(transaction, 0);
    change(keyspace);
    store_->Commit();
    transaction.ClearTouches();
  }
  void Push(const std::string& key, const std::string& job) {
    Turn([&](Keyspace& keyspace) {
      const std::string_view element = job;
      List(keyspace, key).Push(End::kFront, {&element, 1});
    });
  }

  // Pops that nobody has confirmed when the folder is closed.
  void HandOut(const std::string& key, uint64_t count) {
    HandOverBook book;
    Transaction& transaction = store_->BeginTurn(64 << 10);
    book.Load(transaction);
    Keyspace keyspace(transaction, 0);
    transaction.set_hands_over(true);
    List(keyspace, key).HandOut(End::kBack, count, [](std::string_view) {});
    transaction.set_hands_over(false);
    std::vector<HandedOut> elements = transaction.TakeHandedOut();
    book.Add(elements);
    book.Write(transaction);
    store_->Commit();
    transaction.ClearTouches();
  }

  // The folder's files by name, to put them back later.
  [[nodiscard]] static std::string ReadFile(const std::string& path) {
    std::stringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
  }
  static void WriteFile(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

 private:
  void Fill() {
    for (int i = 0; i < 300; ++i) {
      Turn([&](Keyspace& keyspace) {
        const std::string number = std::to_string(i);
        const std::string job = "{\"jid\":\"" + number + "\",\"args\":\"" + std::string(300, 'j') + "\"}";
        const std::string long_member = std::string(200, 'm') + number;
        const std::string_view element = job;
        const std::array<std::string_view, 2> field = {number, job};
        const std::array<ScoredMember, 2> scored = {ScoredMember{number, i * 1.5},
                                                    ScoredMember{long_member, double(i / 10)}};
        List(keyspace, "queue").Push(End::kFront, {&element, 1});
        Hash(keyspace, "hash").Set(field);
        Set(keyspace, "set").Add({&field[1], 1});
        SortedSet(keyspace, "schedule").Add(scored);
        Stream stream(keyspace, "stream");
        stream.Append({1000U + static_cast<uint64_t>(i), 0}, field);
        String(keyspace, "string:" + number).Set(job, PosixEnv().Now() + absl::Hours(i));
      });
    }
    Turn([&](Keyspace& keyspace) {
      const std::array<std::string_view, 4> few = {"1", "2", "3", "4"};
      const std::array<ScoredMember, 2> scored = {ScoredMember{"a", 1}, ScoredMember{"b", 2}};
      Hash(keyspace, "small:hash").Set(few);
      Set(keyspace, "small:set").Add(few);
      SortedSet(keyspace, "small:schedule").Add(scored);
      String(keyspace, std::string(600, 'k')).Set("under a long key");
      String(keyspace, "long").Set(std::string(100'000, 'v'));
      Stream stream(keyspace, "stream");
      StreamGroup group = StreamGroup::Create(stream, "group", {0, 0}, std::nullopt);
      const uint64_t consumer = group.AddConsumer("consumer", 1).number;
      for (uint64_t i = 0; i < 20; ++i) group.Deliver({1000 + i, 0}, {consumer, 5, 1});
      group.Save();
      List(keyspace, "queue").RemoveMatching(0, "{\"jid\":\"7\",\"args\":\"" + std::string(300, 'j') + "\"}");
    });
  }

  fakes::TemporaryFolder place_;
  const std::string path_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;
};

// Every entry of a store's map but the position, for comparisons.
[[nodiscard]] inline std::map<std::string, std::string> EntriesOf(Store& store) {
  std::map<std::string, std::string> entries;
  const std::unique_ptr<Cursor> cursor = store.BeginTurn(0).NewCursor();
  for (cursor->Seek(""); cursor->valid(); cursor->Next()) {
    if (cursor->key() != "Mposition") entries.emplace(cursor->key(), cursor->value());
  }
  return entries;
}

}  // namespace holdfast::storage
