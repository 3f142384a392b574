#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/durable_store.h"
#include "tests/fakes/fake_env.h"
#include "tests/fakes/memory_tree.h"
#include "tests/storage/store_listener.h"

namespace holdfast::storage {

// A store on a disk that loses what was not synced, beside a model that remembers the map after each turn. A
// history of lives: open, turns, checkpoints, faults, then the end of the process, a power cut or a clean
// close. Everything follows from the seed.
//
// What must hold is checked by gtest expectations:
// - after a power cut the map is exactly that after some turn: all of it or none of it;
// - that turn is not older than the newest one acknowledged (under kAlways);
// - while the store lives, what it reads is what the model says;
// - what was refused or taken back was never there.
class StoreSimulation {
 public:
  StoreSimulation(uint64_t seed, log::Durability durability);
  void Run();

 private:
  using Map = std::map<std::string, std::string>;
  enum class Faults { kNone, kSome };

  void Live(Faults faults);
  bool Open();
  void ArmFault();
  void Disarm();
  void RunTurn();
  // One command; false if it was taken back.
  bool RunCommand(Transaction& transaction, Map& map);
  void FinishTurn(Map map);
  void Tick();
  void End();
  void PowerCut();

  [[nodiscard]] uint64_t Below(uint64_t limit) { return random_() % limit; }
  [[nodiscard]] bool Chance(uint64_t one_in) { return Below(one_in) == 0; }
  [[nodiscard]] std::string RandomKey();
  [[nodiscard]] std::string RandomValue();
  [[nodiscard]] Map Read(Reader& reader);
  void CheckReads();
  void CheckRecovered();

  std::mt19937_64 random_;
  const log::Durability durability_;
  fakes::FakeEnv env_;
  fakes::MemoryTreeFile tree_;
  StoreOptions options_;
  RecordingStoreListener listener_;
  std::unique_ptr<Store> store_;

  std::vector<Map> states_ = {Map()};  // [turn]: the map after it
  uint64_t acknowledged_ = 0;          // the newest turn that must survive the process
  uint64_t safe_ = 0;                  // the newest turn that must survive a power cut
};

}  // namespace holdfast::storage
