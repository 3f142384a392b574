#include "server/engine/hand_overs.h"

#include <algorithm>

namespace holdfast::server::engine {
namespace {

// All its replies are with the kernel.
bool IsSent(const Session& session) {
  return session.connection != nullptr && !session.in_turn && !session.outbox.has_sealed() &&
         session.outbox.open().empty() && session.connection->unsent_bytes() == 0;
}

}  // namespace

void HandOvers::Attach(storage::Transaction& transaction) {
  if (std::exchange(stale_, false)) book_.Load(transaction);
  transaction.set_hand_over_book(&book_);
}

void HandOvers::Take(Session& session, storage::Transaction& transaction, storage::Env& env) {
  std::vector<storage::HandedOut> elements = transaction.TakeHandedOut();
  book_.Add(elements);
  for (const storage::HandedOut& element : elements) session.handed_out.push_back(element.id);
  if (std::exchange(session.hand_over_watched, true)) return;
  silent_.emplace_back(session.id, env.Monotonic() + kPatience);
}

void HandOvers::HearFrom(Session& session) {
  if (!session.handed_out.empty() && IsSent(session)) Confirm(session);
}

void HandOvers::Confirm(Session& session) {
  for (const storage::HandedOut::Id& id : session.handed_out) book_.Confirm(id);
  session.handed_out.clear();
}

void HandOvers::LookAt(Session& session, absl::Duration now) {
  if (!session.handed_out.empty() && IsSent(session) && session.connection->IsDelivered()) Confirm(session);
  if (session.handed_out.empty()) {
    session.hand_over_watched = false;
  } else {
    silent_.emplace_back(session.id, now + kPatience);
  }
}

std::vector<storage::HandedOut::Id> HandOvers::TakeReturns() {
  std::sort(returns_.begin(), returns_.end());
  const size_t count = std::min(returns_.size(), kMaxReturns);
  std::vector<storage::HandedOut::Id> some(returns_.rbegin(),
                                           returns_.rbegin() + static_cast<std::ptrdiff_t>(count));
  returns_.resize(returns_.size() - count);
  return some;
}

void HandOvers::Leave(Session& session) {
  if (session.handed_out.empty()) return;
  if (IsSent(session) && session.connection->IsDelivered()) return Confirm(session);
  returns_.insert(returns_.end(), session.handed_out.begin(), session.handed_out.end());
  session.handed_out.clear();
}

}  // namespace holdfast::server::engine
