#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/tree.h"

namespace holdfast::storage::lmdb {

// One state of the data file in a folder, held for reading in this process, beside a server in another one:
// while it lives, no page of that state is used again, so the file may grow. LMDB believes what the file
// says:
//
//   auto state = HeldState::Open(folder);       // the meta pages must be sound
//   ... look at every page of state->transaction() (storage/pages) ...
//   auto map = state->OpenMap();                // all pages must be
class HeldState {
 public:
  static absl::StatusOr<std::unique_ptr<HeldState>> Open(const std::string& folder);
  virtual ~HeldState() = default;

  // The number of the transaction that made the state: the meta page with it describes the state.
  [[nodiscard]] virtual uint64_t transaction() const = 0;
  // Once. The map lives no longer than this.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<Snapshot>> OpenMap() = 0;
};

}  // namespace holdfast::storage::lmdb
