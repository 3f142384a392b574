#include "server/engine/core.h"
#include "storage/put_back.h"

// The part of the core that puts popped jobs back whose receivers never had them.
namespace holdfast::server::engine {

using storage::HandedOut;

void Engine::Core::RecoverHandOvers() {
  storage::HandOverBook& book = state_.hand_overs.book();
  book.Load(*state_.transaction);
  for (const HandedOut::Id& id : book.All()) state_.hand_overs.Return(id);
  PutBackAll();
}

void Engine::Core::PutBackAll() {
  while (PutBackReturns()) EndTurn();
}

// Some of them; false if there is nothing more to be done now.
bool Engine::Core::PutBackReturns() {
  if (!state_.hand_overs.has_returns() || state_.current != nullptr || sealed_) return false;
  BeginTurn();
  state_.transaction->set_now(state_.env.Now());
  std::vector<HandedOut::Id> left;
  for (const HandedOut::Id& id : state_.hand_overs.TakeReturns()) {
    if (!left.empty() || !PutBack(id)) left.push_back(id);
  }
  for (const HandedOut::Id& id : left) state_.hand_overs.Return(id);
  if (!state_.transaction->touches().empty()) Spread();
  return left.empty();
}

// False: the log has no room for it now.
bool Engine::Core::PutBack(const HandedOut::Id& id) {
  storage::HandOverBook& book = state_.hand_overs.book();
  const HandedOut* found = book.Find(id);
  if (found == nullptr) return true;
  storage::Transaction& transaction = *state_.transaction;
  transaction.ClearMovements();
  const storage::Transaction::Mark mark = transaction.mark();
  // A copy: the book changes when its place is used again.
  const HandedOut element = *found;
  const bool back = storage::PutBack(transaction, element);
  if (back && !state_.store->Secure(book.unwritten_bytes()).ok()) {
    transaction.RollbackTo(mark);
    return false;
  }
  book.Confirm(id);
  if (!back) return true;
  // It is no loan any more.
  state_.reserve.Settle(transaction, {});
  state_.hand_overs.CountReturned();
  return true;
}

// What was confirmed goes with the turns of others; where there are none, with one of its own now and then.
void Engine::Core::WriteHandOvers() {
  if (!state_.hand_overs.book().has_unwritten() || sealed_) return;
  BeginTurn();
  write_hand_overs_ = true;
  EndTurn();
}

void Engine::Core::SettleHandOvers() {
  for (Session* session : state_.InOrder()) state_.hand_overs.Leave(*session);
  PutBackAll();
  WriteHandOvers();
}

}  // namespace holdfast::server::engine
