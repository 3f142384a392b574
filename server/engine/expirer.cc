#include "server/engine/expirer.h"

#include <algorithm>
#include <optional>

#include "storage/expiry.h"

namespace holdfast::server::engine {

bool Expirer::IsDue() const {
  // A sealed store cannot write deletions down; the keys read as absent anyway.
  return state_.active_expiry && !state_.IsPaused() && next_due_ <= state_.env.Now() &&
         state_.store->admission() != storage::Admission::kSealed;
}

void Expirer::RunSlice() {
  const absl::Duration begin = state_.env.Monotonic();
  storage::Transaction& transaction = *state_.transaction;
  transaction.set_now(state_.env.Now());
  bool more = true;
  bool full = false;
  for (int steps = 0; more && !full && steps < kMaxSteps; ++steps) {
    const storage::Transaction::Mark mark = transaction.mark();
    const std::optional<storage::Expired> expired = storage::ExpireOne(transaction);
    more = expired.has_value();
    full = more && !state_.store->Secure(0).ok();
    if (full) transaction.RollbackTo(mark);
    if (more && !full) {
      state_.counters.expired_keys += expired->keys;
      state_.counters.expired_fields += expired->fields;
    }
    if (state_.env.Monotonic() - begin > kMaxTime) break;
  }
  transaction.view().Release();
  const absl::Time recheck = transaction.now() + kRecheck;
  next_due_ = more ? transaction.now() : std::min(recheck, storage::NextDue(transaction).value_or(recheck));
  if (full) next_due_ = recheck;
}

}  // namespace holdfast::server::engine
