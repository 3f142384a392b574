#include "server/engine/expirer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/expiry.h"

namespace holdfast::server::engine {

bool Expirer::MayDelete() const {
  return !state_.IsPaused() && state_.store->admission() != storage::Admission::kSealed;
}

bool Expirer::IsDue() const { return state_.active_expiry && next_due_ <= state_.env.Now() && MayDelete(); }

bool Expirer::Keep(const storage::Transaction::Mark& mark, uint64_t fields) {
  if (!state_.store->Secure(0).ok()) {
    state_.transaction->RollbackTo(mark);
    return false;
  }
  state_.counters.expired_fields += fields;
  return true;
}

void Expirer::RemoveOverdue() {
  storage::Transaction& transaction = *state_.transaction;
  const std::vector<std::pair<int, std::string>> overdue = transaction.TakeOverdue();
  if (!MayDelete()) return;
  for (const auto& [database, map_key] : overdue) {
    const storage::Transaction::Mark mark = transaction.mark();
    const uint64_t fields = storage::ExpireKey(transaction, database, map_key);
    if (transaction.changed_since(mark) && !Keep(mark, fields)) return;
  }
}

void Expirer::RunSlice() {
  const absl::Duration begin = state_.env.Monotonic();
  storage::Transaction& transaction = *state_.transaction;
  transaction.set_now(state_.env.Now());
  bool more = true;
  bool full = false;
  for (int steps = 0; more && !full && steps < kMaxSteps; ++steps) {
    const storage::Transaction::Mark mark = transaction.mark();
    const std::optional<uint64_t> fields = storage::ExpireOne(transaction);
    more = fields.has_value();
    full = more && !Keep(mark, *fields);
    if (state_.env.Monotonic() - begin > kMaxTime) break;
  }
  transaction.view().Release();
  const absl::Time recheck = transaction.now() + kRecheck;
  next_due_ = more ? transaction.now() : std::min(recheck, storage::NextDue(transaction).value_or(recheck));
  if (full) next_due_ = recheck;
}

}  // namespace holdfast::server::engine
