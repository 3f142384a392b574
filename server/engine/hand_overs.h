#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/engine/session.h"
#include "storage/env.h"
#include "storage/hand_over_book.h"
#include "storage/transaction.h"

namespace holdfast::server::engine {

// A popped job is its receiver's when the receiver has shown that it has it: by its next request, or by its
// kernel's acknowledgement of the reply. Until then the job stays in the book; a connection that ends before
// gives it back to its queue, and so does a start after a crash. Pops inside MULTI and scripts are not handed
// over: as in Redis, they are gone.
//
// What this does not know: whether the program behind the connection has read what its kernel acknowledged,
// and whether a client that sends further requests without waiting for replies has read them.
//
// Used by the engine's thread. (Core puts back what is to be returned: core_hand_over.cc.)
class HandOvers {
 public:
  // Parameter hand-over.
  void set_enabled(bool on) { enabled_ = on; }
  storage::HandOverBook& book() { return book_; }
  [[nodiscard]] const storage::HandOverBook& book() const { return book_; }

  // A turn begins: what was taken back since the last one is not in memory either.
  void Attach(storage::Transaction& transaction);
  // A turn was taken back.
  void Distrust() { stale_ = true; }

  // Whether what its next command pops is handed over.
  [[nodiscard]] bool Offers(const Session& session) const {
    return enabled_ && session.connection != nullptr && session.reply_mode == command::ReplyMode::kOn;
  }
  // The pops of its command stay.
  void Take(Session& session, storage::Transaction& transaction, storage::Env& env);
  // A request of its came: what it was sent before has arrived.
  void HearFrom(Session& session);
  // Its connection ends, or is being closed.
  void Leave(Session& session);

  // Asks the connections of those who have not been heard from for a while.
  template <typename FindSession>
  void Check(absl::Duration now, FindSession find) {
    for (int looks = 0; looks < kMaxLooks && !silent_.empty() && silent_.front().second <= now; ++looks) {
      const uint64_t id = silent_.front().first;
      silent_.pop_front();
      if (Session* session = find(id)) LookAt(*session, now);
    }
  }

  [[nodiscard]] bool has_returns() const { return !returns_.empty(); }
  // Some of those to be put back, in the order in which to do that, the last one popped first; forgets them.
  [[nodiscard]] std::vector<storage::HandedOut::Id> TakeReturns();
  // One that could not be put back yet.
  void Return(const storage::HandedOut::Id& id) { returns_.push_back(id); }
  void CountReturned() { ++returned_; }
  [[nodiscard]] uint64_t returned() const { return returned_; }

 private:
  static constexpr absl::Duration kPatience = absl::Milliseconds(20);
  static constexpr int kMaxLooks = 256;
  static constexpr size_t kMaxReturns = 1000;  // at once

  void LookAt(Session& session, absl::Duration now);
  void Confirm(Session& session);

  storage::HandOverBook book_;
  std::deque<std::pair<uint64_t, absl::Duration>> silent_;  // by client id; when to ask
  std::vector<storage::HandedOut::Id> returns_;
  uint64_t returned_ = 0;
  bool enabled_ = true;
  bool stale_ = false;
};

}  // namespace holdfast::server::engine
