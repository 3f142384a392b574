#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "server/command/errors.h"
#include "server/engine/queue_limits.h"
#include "server/engine/refusals.h"
#include "server/engine/settings.h"
#include "storage/job_identity.h"
#include "storage/loan_book.h"
#include "storage/transaction.h"

namespace holdfast::server::engine {

// Who may still grow the data when the disk is full: whoever brings back what was taken out. What a worker
// takes out of a list or a sorted set is a loan (storage/loan_book.h); a later write of the same job, to any
// key, by anybody, repays it and is paid from the reserve above `full`, with an allowance for what a retry
// adds. Small fixed-size bookkeeping (heartbeats, counters) has a budget of its own. All else is refused:
//
//   bill = reserve.Sum(unit, transaction)            // a whole command, EXEC or script has run
//   reserve.Judge(unit, bill, transaction, charge)   // may its effects stay?
//   reserve.Settle(transaction, charge)              // they stay: budgets pay, loans are taken and repaid
//   reserve.Write(transaction, now)                  // at the turn's end
//
// Limits of single queues are judged in the same way. Used by the engine's thread.
class Reserve {
 public:
  // What an outermost command left behind, in bytes of Transaction::growth.
  struct Unit {
    bool full = false;        // growth must be paid for
    bool exhausted = false;   // the reserve is used up: only loans and bookkeeping are honoured
    uint64_t reserve = 0;     // its bytes
    uint64_t budget = 0;      // of them, for bookkeeping
    int64_t growth = 0;       // of commands that may grow data (kGrows), with what others freed
    int64_t bookkeeping = 0;  // the part of it that is of kBookkeeping
  };
  // What its movements come to.
  struct Bill {
    int64_t out = 0;        // bytes taken and not brought back: the space is owed
    int64_t repaid = 0;     // bytes of loans that are repaid
    int64_t allowance = 0;  // for what a retry adds
    uint64_t loans = 0;
    int64_t signals = 0;    // growth of short lists of short words that expire soon
    bool new_jobs = false;  // somebody else's elements, larger than an id
    absl::InlinedVector<uint32_t, 8>
        unpaid_keys;  // indexes of growing_keys(), of each element that repays nothing
    struct Return {
      uint32_t key = 0;  // index of growing_keys()
      uint64_t bytes = 0;
    };
    absl::InlinedVector<Return, 8> returns{};  // elements that were out, or only moved
  };
  // What effects that stay take from the budgets, or give back to them.
  struct Charge {
    uint64_t bookkeeping = 0;
    uint64_t allowance = 0;
    uint64_t signals = 0;
    uint64_t freed = 0;
    uint64_t loans = 0;  // repaid on a full disk
  };
  // Why effects may not stay.
  struct Refusal {
    RefusalReason reason = RefusalReason::kDiskFull;
    std::string key;  // that grew; empty: unknown
    command::CommandError error;
  };

  Reserve();

  // After a start, and after a turn that was taken back: the loans of the data folder.
  void Load(storage::Transaction& transaction) {
    book_.Load(transaction);
    stale_ = false;
  }
  // A turn was taken back: what is in memory is no longer what is stored.
  void Distrust() { stale_ = true; }
  [[nodiscard]] bool stale() const { return stale_; }
  // Takes over parameters; `transaction` notes movements from now on.
  void Configure(const Settings& settings);
  void Attach(storage::Transaction& transaction, bool full) const;

  [[nodiscard]] Bill Sum(const Unit& unit, storage::Transaction& transaction) const;
  // It adds more than loans pay for.
  [[nodiscard]] static bool IsProducer(const Unit& unit, const Bill& bill);
  // Queues have limits: every unit is to be judged, not only those on a full disk.
  [[nodiscard]] bool has_limits() const { return !limits_.empty(); }
  // Fills in `charge` if the effects may stay. Nothing is charged before Settle: they may still be taken
  // back.
  [[nodiscard]] std::optional<Refusal> Judge(const Unit& unit, const Bill& bill,
                                             storage::Transaction& transaction, Charge& charge) const;
  void Settle(storage::Transaction& transaction, const Charge& charge);
  // Bytes that Write will add to the turn.
  [[nodiscard]] uint64_t unwritten_bytes() const { return book_.unwritten_bytes(); }
  void Write(storage::Transaction& transaction, absl::Time now) { book_.Write(transaction, now); }

  // The disk has space again: allowances and bookkeeping begin anew.
  void Refill() { budget_used_ = allowance_used_ = signals_used_ = 0; }
  // Loans take up some of the disk themselves: no more than a small part of `limit_bytes` (0: unknown).
  void Bound(uint64_t limit_bytes);
  [[nodiscard]] uint64_t budget_used() const { return budget_used_; }
  // Bytes of the reserve that went into what came back larger.
  [[nodiscard]] uint64_t allowance_used() const { return allowance_used_; }
  [[nodiscard]] size_t loans() const { return book_.size(); }
  // Loans that were repaid on a full disk.
  [[nodiscard]] uint64_t repaid() const { return repaid_; }

 private:
  [[nodiscard]] bool Pays(const Unit& unit, const Bill& bill, Charge& charge) const;
  [[nodiscard]] std::optional<Refusal> JudgeLimits(const Bill& bill, storage::Transaction& transaction) const;

  storage::LoanBook book_;
  std::unique_ptr<storage::JobIdentity> jobs_;
  QueueLimits limits_;
  int64_t allowance_ = 0;
  // Since the disk became full; what frees data pays back.
  uint64_t budget_used_ = 0;
  uint64_t allowance_used_ = 0;
  uint64_t signals_used_ = 0;
  storage::LoanBook::Limits book_limits_;
  uint64_t bound_ = 0;
  uint64_t repaid_ = 0;
  bool stale_ = false;
};

}  // namespace holdfast::server::engine
