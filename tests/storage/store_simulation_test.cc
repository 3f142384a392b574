#include "tests/storage/store_simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace holdfast::storage {
namespace {

// HOLDFAST_SEED=17 runs one history, HOLDFAST_SEEDS=100000 more of them.
void RunSeeds(log::Durability durability, uint64_t seeds) {
  const char* one = std::getenv("HOLDFAST_SEED");
  const char* many = std::getenv("HOLDFAST_SEEDS");
  const uint64_t first = one == nullptr ? 0 : std::strtoull(one, nullptr, 10);
  const uint64_t count = many == nullptr ? seeds : std::strtoull(many, nullptr, 10);
  for (uint64_t seed = first; seed < first + (one == nullptr ? count : 1); ++seed) {
    StoreSimulation(seed, durability).Run();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(StoreSimulationTest, AcknowledgedTurnsSurviveAndTheRestIsAllOrNothing) {
  RunSeeds(log::Durability::kAlways, 2000);
}

TEST(StoreSimulationTest, EverySecondLosesWholeTurnsAtMost) { RunSeeds(log::Durability::kEverySec, 500); }

TEST(StoreSimulationTest, OffLosesWholeTurnsAtMost) { RunSeeds(log::Durability::kOff, 500); }

}  // namespace
}  // namespace holdfast::storage
