#include "server/engine/reserve.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "server/command/words.h"
#include "storage/keyspace.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;
using storage::Movement;

// One loan for each so many bytes of the disk, so that the loans take some hundredths of it. Fewer would
// forget jobs that run for long beside many short ones.
constexpr uint64_t kBytesALoan = 256;
constexpr size_t kLeastLoans = 1000;
// A tag, an id: what a worker adds to keep account of a job. Payloads are longer.
constexpr uint64_t kMostIdBytes = 64 + storage::kElementBytes;

// Sidekiq's web page tells a process to be quiet or to stop by a word in a list of the process's own, which
// expires within a minute: such lists have a small budget of their own. What a producer can put there is of
// no use to it.
constexpr uint64_t kSignalBudget = 64 << 10;
constexpr uint64_t kMostSignals = 8;  // in one list
constexpr uint64_t kMostSignalBytes = 16;
constexpr size_t kMostSignalKeyBytes = 256;
constexpr absl::Duration kMostSignalTime = absl::Minutes(10);

bool HoldsSignals(std::string_view key, const storage::Entry& entry, absl::Time now) {
  return entry.type == storage::ValueType::kList && key.size() <= kMostSignalKeyBytes &&
         entry.count <= kMostSignals && entry.bytes <= entry.count * kMostSignalBytes &&
         entry.expires <= now + kMostSignalTime;
}

// What those keys grew by that hold signals now.
int64_t GrowthOfSignals(storage::Transaction& transaction) {
  int64_t growth = 0;
  for (const storage::Resize& resize : transaction.resizes()) {
    const auto entry = storage::Keyspace(transaction, resize.database).Find(resize.key);
    if (entry && HoldsSignals(resize.key, *entry, transaction.now())) growth += resize.growth;
  }
  return growth;
}

bool IsQueue(const storage::Entry& entry) {
  return entry.type == storage::ValueType::kList || entry.type == storage::ValueType::kSortedSet ||
         entry.type == storage::ValueType::kStream;
}

std::vector<std::string> Fields(const std::string& text) {
  std::vector<std::string> fields;
  for (const auto field : absl::StrSplit(text, ' ', absl::SkipEmpty())) fields.emplace_back(field);
  return fields;
}

// "1200 jobs of at most 1000"
std::string Holding(uint64_t held, std::string_view unit, uint64_t most) {
  return Concat({std::to_string(held), " ", unit, " of at most ", std::to_string(most)});
}

CommandError OverLimit(std::string_view key, const std::string& holding) {
  return CommandError(Concat({"OOM command not allowed when the queue '", command::UpToZero(key), "' holds ",
                              holding, " ('queue-limit'). Let consumers drain it, or raise the limit."}));
}

}  // namespace

Reserve::Reserve() : book_(storage::LoanBook::Limits{}) {}

void Reserve::Configure(const Settings& settings) {
  jobs_ = std::make_unique<storage::JobIdentity>(
      storage::JobIdentity::Fields{.ids = Fields(settings.Text("job-id-fields")),
                                   .returns = Fields(settings.Text("job-return-fields")),
                                   .envelopes = Fields(settings.Text("job-envelope-fields"))});
  book_limits_ = {.loans = static_cast<size_t>(settings.Integer("loan-capacity")),
                  .age = absl::Seconds(settings.Integer("loan-seconds"))};
  book_.set_limits(book_limits_);
  Bound(std::exchange(bound_, 0));
  allowance_ = settings.Integer("loan-allowance");
  std::string why;
  limits_ = QueueLimits::Parse(settings.Text("queue-limit"), why).value_or(QueueLimits());
}

void Reserve::Attach(storage::Transaction& transaction, bool full) const {
  transaction.set_jobs(jobs_.get());
  transaction.set_examines_given(full || has_limits());
}

Reserve::Bill Reserve::Sum(const Unit& unit, storage::Transaction& transaction) const {
  Bill bill;
  if (unit.full && unit.growth > 0) bill.signals = GrowthOfSignals(transaction);
  struct Taken {
    uint64_t bytes = 0;
    uint32_t count = 0;
  };
  absl::flat_hash_map<uint64_t, Taken> out;
  absl::flat_hash_map<uint64_t, uint32_t> repaid;
  for (const Movement& movement : transaction.movements()) {
    if (movement.way != Movement::Way::kTaken) continue;
    Taken& taken = out[movement.job];
    taken.bytes = movement.bytes;
    ++taken.count;
  }
  for (const Movement& movement : transaction.movements()) {
    if (movement.way == Movement::Way::kTaken) continue;
    if (movement.way == Movement::Way::kNoted) {
      const bool first = book_.Find(movement.job) && !book_.IsNoted(movement.job);
      if (first) bill.allowance += static_cast<int64_t>(movement.bytes) + allowance_;
      continue;
    }
    const auto moved = out.find(movement.job);
    if (moved != out.end() && moved->second.count > 0) {
      --moved->second.count;
      bill.allowance += allowance_;
    } else if (repaid[movement.job] < book_.Count(movement.job)) {
      ++repaid[movement.job];
      ++bill.loans;
      bill.repaid += static_cast<int64_t>(book_.Find(movement.job).value_or(0));
      bill.allowance += allowance_;
    } else if (movement.is_return && !unit.exhausted) {
      bill.allowance += static_cast<int64_t>(movement.bytes) + allowance_;
    } else {
      bill.new_jobs = bill.new_jobs || movement.bytes > kMostIdBytes;
      bill.unpaid_keys.push_back(movement.key);
      continue;
    }
    bill.returns.push_back({movement.key, movement.bytes});
  }
  for (const auto& [job, taken] : out) bill.out += static_cast<int64_t>(taken.bytes * taken.count);
  return bill;
}

bool Reserve::IsProducer(const Unit& unit, const Bill& bill) {
  const int64_t owed = unit.growth + bill.out - bill.repaid - unit.bookkeeping - bill.signals;
  return owed > (bill.new_jobs ? 0 : bill.allowance);
}

void Reserve::Bound(uint64_t limit_bytes) {
  if (limit_bytes == bound_) return;
  bound_ = limit_bytes;
  storage::LoanBook::Limits limits = book_limits_;
  if (limit_bytes != 0)
    limits.loans = std::min<size_t>(limits.loans, kLeastLoans + limit_bytes / kBytesALoan);
  book_.set_limits(limits);
}

bool Reserve::Pays(const Unit& unit, const Bill& bill, Charge& charge) const {
  const int64_t owed = unit.growth + bill.out - bill.repaid;
  if (owed <= 0) {
    charge.freed = static_cast<uint64_t>(-owed);
    return true;
  }
  const int64_t bookkeeping = std::clamp<int64_t>(unit.bookkeeping, 0, owed);
  const int64_t signals = std::clamp<int64_t>(bill.signals, 0, owed - bookkeeping);
  const auto extra = static_cast<uint64_t>(owed - bookkeeping - signals);
  if (extra > 0 && (bill.new_jobs || static_cast<int64_t>(extra) > bill.allowance)) return false;
  if (extra > 0 && allowance_used_ + extra > unit.reserve) return false;
  if (bookkeeping > 0 && budget_used_ + static_cast<uint64_t>(bookkeeping) > unit.budget) return false;
  if (signals > 0 && signals_used_ + static_cast<uint64_t>(signals) > kSignalBudget) return false;
  charge.allowance = extra;
  charge.signals = static_cast<uint64_t>(signals);
  charge.bookkeeping = static_cast<uint64_t>(bookkeeping);
  return true;
}

std::optional<Reserve::Refusal> Reserve::Judge(const Unit& unit, const Bill& bill,
                                               storage::Transaction& transaction, Charge& charge) const {
  if (auto refusal = JudgeLimits(bill, transaction)) return refusal;
  if (!unit.full) return std::nullopt;
  if (Pays(unit, bill, charge)) {
    charge.loans = bill.loans;
    return std::nullopt;
  }
  std::string key;
  if (!bill.unpaid_keys.empty() && bill.unpaid_keys.front() < transaction.growing_keys().size()) {
    key = transaction.growing_keys()[bill.unpaid_keys.front()].key;
  } else if (!transaction.touches().empty()) {
    key = transaction.touches().front().key;
  }
  return Refusal{RefusalReason::kDiskFull, std::move(key), command::kOutOfMemory};
}

std::optional<Reserve::Refusal> Reserve::JudgeLimits(const Bill& bill,
                                                     storage::Transaction& transaction) const {
  if (limits_.empty()) return std::nullopt;
  struct Rise {
    int64_t jobs = 0;
    int64_t bytes = 0;
  };
  absl::flat_hash_map<std::pair<int, std::string_view>, Rise> rises;
  for (const storage::Resize& resize : transaction.resizes()) {
    Rise& rise = rises[{resize.database, resize.key}];
    rise.jobs += resize.count;
    rise.bytes += resize.bytes;
  }
  for (const Bill::Return& back : bill.returns) {
    // Limits that the unit itself has set (CONFIG SET in MULTI) count from the next one on.
    if (back.key >= transaction.growing_keys().size()) break;
    const storage::GrowingKey& growing = transaction.growing_keys()[back.key];
    Rise& rise = rises[{growing.database, growing.key}];
    --rise.jobs;
    rise.bytes -= static_cast<int64_t>(back.bytes);
  }
  for (const auto& [place, rise] : rises) {
    const auto [database, key] = place;
    const QueueLimit* limit = rise.jobs > 0 || rise.bytes > 0 ? limits_.Find(key) : nullptr;
    if (limit == nullptr) continue;
    const auto entry = storage::Keyspace(transaction, database).Find(key);
    if (!entry || !IsQueue(*entry)) continue;
    if (limit->jobs && rise.jobs > 0 && entry->count > *limit->jobs) {
      const uint64_t held = entry->count - std::min(entry->count, static_cast<uint64_t>(rise.jobs));
      return Refusal{RefusalReason::kQueueLimit, std::string(key),
                     OverLimit(key, Holding(held, "jobs", *limit->jobs))};
    }
    if (limit->bytes && rise.bytes > 0 && entry->bytes > *limit->bytes) {
      return Refusal{RefusalReason::kQueueLimit, std::string(key),
                     OverLimit(key, Holding(entry->bytes, "bytes with this one", *limit->bytes))};
    }
  }
  return std::nullopt;
}

void Reserve::Settle(storage::Transaction& transaction, const Charge& charge) {
  budget_used_ -= std::min(budget_used_, charge.freed);
  allowance_used_ -= std::min(allowance_used_, charge.freed);
  signals_used_ -= std::min(signals_used_, charge.freed);
  signals_used_ += charge.signals;
  budget_used_ += charge.bookkeeping;
  allowance_used_ += charge.allowance;
  repaid_ += charge.loans;
  for (const Movement& movement : transaction.movements()) {
    if (movement.way == Movement::Way::kTaken) book_.Take(movement.job, movement.bytes);
    if (movement.way == Movement::Way::kNoted) book_.Note(movement.job);
  }
  if (book_.size() > 0) {
    for (const Movement& movement : transaction.movements()) {
      if (movement.way == Movement::Way::kGiven) (void)book_.Repay(movement.job);
    }
  }
  transaction.ClearMovements();
}

}  // namespace holdfast::server::engine
