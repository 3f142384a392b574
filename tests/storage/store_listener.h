#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/store.h"

namespace holdfast::storage {

// Remembers what a store reported.
struct RecordingStoreListener final : public StoreListener {
  void OnDurable(uint64_t turn) override { durable = turn; }
  void OnSealed(const absl::Status& why) override { sealed.push_back(why); }
  void OnTurnTakenBack(const absl::Status& why) override { taken_back.push_back(why); }

  uint64_t durable = 0;
  std::vector<absl::Status> sealed;
  std::vector<absl::Status> taken_back;
};

}  // namespace holdfast::storage
