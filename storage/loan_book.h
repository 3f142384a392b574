#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// The jobs that workers have taken out of lists and sorted sets and may bring back: loans. A loan is known by
// its job (JobIdentity), is repaid once, and ends by itself after some time, or when there are too many.
//
//   book.Take(job, bytes);            // RPOP
//   if (book.Repay(job)) ...          // LPUSH, ZADD of the same job, by anybody
//   book.Write(transaction, now);     // at the turn's end: part of the turn's record
//
// In memory: 32 bytes a loan in a hash table, and 8 in the order of the turns that made them. In the map: one
// entry for each turn that took or brought back something (FORMAT.md, table B), deleted when its turn's loans
// have ended. The book is as durable as the turns, and is read back by Load. Used by the engine's thread.
class LoanBook {
 public:
  struct Limits {
    size_t loans = 1000000;
    absl::Duration age = absl::Hours(24);
  };

  explicit LoanBook(const Limits& limits) : limits_(limits) {}
  void set_limits(const Limits& limits) { limits_ = limits; }

  // Replaces what is in memory by what the map has.
  void Load(Transaction& transaction);

  // Equal jobs that are out at once (the same bytes, the same id) are as many loans, of the last one's size.
  void Take(uint64_t job, uint64_t bytes);
  // The loan's bytes, and it is one less; nullopt if there is none.
  std::optional<uint64_t> Repay(uint64_t job);
  [[nodiscard]] std::optional<uint64_t> Find(uint64_t job) const;
  // How many such jobs are out.
  [[nodiscard]] uint32_t Count(uint64_t job) const;
  // Somebody noted down that the job is being worked on: true for the first time since it was taken.
  bool Note(uint64_t job);
  [[nodiscard]] bool IsNoted(uint64_t job) const;
  [[nodiscard]] size_t size() const { return loans_.size(); }

  // What Write will add to the turn, at most.
  [[nodiscard]] uint64_t unwritten_bytes() const;
  // Puts what happened since the last call into `transaction`. If that has effects then, it also ends loans
  // that are too old or too many: no turn becomes a write by it.
  void Write(Transaction& transaction, absl::Time now);

 private:
  struct Loan {
    uint64_t bytes = 0;
    uint64_t turn = 0;  // its number in turns_
    uint32_t count = 0;
    bool noted = false;  // forgotten by a restart
  };
  // The loans that one turn made, of which later ones may have taken some over.
  struct Turn {
    uint64_t number = 0;
    absl::Time time;
    std::vector<uint64_t> jobs;
  };

  void ReadTurn(uint64_t number, std::string_view stored);
  void EndOldest(Transaction& transaction);
  void Remember(uint64_t job, uint64_t bytes, uint64_t turn);
  void EndOne(uint64_t job);

  Limits limits_;
  absl::flat_hash_map<uint64_t, Loan> loans_;
  std::deque<Turn> turns_;  // the oldest first
  size_t remembered_ = 0;   // jobs in turns_
  uint64_t next_turn_ = 1;
  std::string unwritten_;        // of the turn that runs, as the map will have it
  std::vector<uint64_t> taken_;  // likewise
};

}  // namespace holdfast::storage
