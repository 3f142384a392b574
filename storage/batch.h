#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace holdfast::storage {

// One physical change of the ordered map. Stored in log records; never renumber.
enum class EffectKind : uint8_t { kPut = 1, kDelete = 2 };

struct Effect {
  EffectKind kind;
  std::string_view key;
  std::string_view value;  // empty for kDelete
};

// Who did what: one per command that changed something. Skippable when a record is read; the journal and
// restore-to-a-time live on it.
struct Annotation {
  uint64_t client = 0;       // the connection's id
  uint32_t database = 0;     // the number SELECT knows, not the internal id
  std::string_view command;  // lower case, e.g. "lpush"
  std::string_view key;      // the first key touched; may be empty
};

// The physical effects of one turn, in order: what a log record holds. Replaying it twice gives the same map.
// The views belong to the turn's memtable and live as long as that does.
struct Batch {
  absl::Time time;  // the wall clock when the turn was committed
  std::vector<Effect> effects;
  std::vector<Annotation> annotations;

  [[nodiscard]] bool empty() const { return effects.empty(); }
  void clear() {
    effects.clear();
    annotations.clear();
  }
};

// Bytes EncodeBatch will append for `batch`.
[[nodiscard]] size_t EncodedBatchSize(const Batch& batch);

// Appends the record payload of `batch` to `out`; FORMAT.md, "Record payload", is the grammar.
void EncodeBatch(const Batch& batch, std::string& out);

// The same bytes in order, piece by piece, for a batch too large to be held twice.
void EncodeBatch(const Batch& batch, absl::FunctionRef<void(std::string_view)> sink);

// Reads a record payload. The views in `batch` point into `payload`. kDataLoss names what is wrong and at
// which byte.
[[nodiscard]] absl::Status DecodeBatch(std::string_view payload, Batch& batch);

}  // namespace holdfast::storage
