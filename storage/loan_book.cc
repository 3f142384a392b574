#include "storage/loan_book.h"

#include <utility>

#include "storage/codec.h"

namespace holdfast::storage {
namespace {

constexpr size_t kJobBytes = 8;
constexpr uint64_t kRepaid = 0;  // in place of a loan's bytes, which are never 0

std::string TurnKey(uint64_t number) {
  std::string key(1, static_cast<char>(Table::kLoan));
  AppendU64(key, number);
  return key;
}

}  // namespace

void LoanBook::Load(Transaction& transaction) {
  loans_.clear();
  turns_.clear();
  remembered_ = 0;
  next_turn_ = 1;
  unwritten_.clear();
  taken_.clear();
  const std::string prefix(1, static_cast<char>(Table::kLoan));
  const auto cursor = transaction.NewCursor();
  for (cursor->Seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const std::string key(cursor->key());
    if (key.size() != prefix.size() + sizeof(uint64_t)) continue;
    ReadTurn(ReadU64(std::string_view(key).substr(prefix.size())), transaction.Keep(key, cursor->value()));
  }
}

void LoanBook::ReadTurn(uint64_t number, std::string_view stored) {
  next_turn_ = number + 1;
  const auto seconds = TakeVarint(stored);
  if (!seconds) return;
  Turn turn{number, absl::FromUnixSeconds(static_cast<int64_t>(*seconds)), {}};
  while (stored.size() > kJobBytes) {
    const uint64_t job = ReadU64(stored);
    stored.remove_prefix(kJobBytes);
    const auto bytes = TakeVarint(stored);
    if (!bytes) break;
    if (*bytes == kRepaid) {
      EndOne(job);
    } else {
      Remember(job, *bytes, number);
      turn.jobs.push_back(job);
    }
  }
  remembered_ += turn.jobs.size();
  turns_.push_back(std::move(turn));
}

void LoanBook::Remember(uint64_t job, uint64_t bytes, uint64_t turn) {
  Loan& loan = loans_[job];
  loan = {.bytes = bytes, .turn = turn, .count = loan.count + 1};
}

void LoanBook::EndOne(uint64_t job) {
  const auto found = loans_.find(job);
  if (found != loans_.end() && --found->second.count == 0) loans_.erase(found);
}

uint32_t LoanBook::Count(uint64_t job) const {
  const auto found = loans_.find(job);
  return found == loans_.end() ? 0 : found->second.count;
}

void LoanBook::Take(uint64_t job, uint64_t bytes) {
  Remember(job, bytes, next_turn_);
  taken_.push_back(job);
  AppendU64(unwritten_, job);
  AppendVarint(unwritten_, bytes);
}

std::optional<uint64_t> LoanBook::Repay(uint64_t job) {
  const auto found = loans_.find(job);
  if (found == loans_.end()) return std::nullopt;
  const uint64_t bytes = found->second.bytes;
  if (--found->second.count == 0) loans_.erase(found);
  AppendU64(unwritten_, job);
  AppendVarint(unwritten_, kRepaid);
  return bytes;
}

std::optional<uint64_t> LoanBook::Find(uint64_t job) const {
  const auto found = loans_.find(job);
  return found == loans_.end() ? std::nullopt : std::optional(found->second.bytes);
}

bool LoanBook::Note(uint64_t job) {
  const auto found = loans_.find(job);
  return found != loans_.end() && !std::exchange(found->second.noted, true);
}

bool LoanBook::IsNoted(uint64_t job) const {
  const auto found = loans_.find(job);
  return found != loans_.end() && found->second.noted;
}

uint64_t LoanBook::unwritten_bytes() const {
  constexpr uint64_t kEntryBytes = 128;  // the put, and deletes of ended turns
  return unwritten_.empty() ? 0 : unwritten_.size() + kEntryBytes;
}

void LoanBook::Write(Transaction& transaction, absl::Time now) {
  if (!unwritten_.empty()) {
    std::string stored;
    AppendVarint(stored, static_cast<uint64_t>(absl::ToUnixSeconds(now)));
    stored += unwritten_;
    transaction.Insert(TurnKey(next_turn_), stored);
    remembered_ += taken_.size();
    turns_.push_back({next_turn_, now, std::exchange(taken_, {})});
    ++next_turn_;
    unwritten_.clear();
  }
  if (transaction.empty()) return;
  // One or two at a time, so that no turn pays for thousands that come of age together.
  for (int i = 0; i < 2 && !turns_.empty(); ++i) {
    if (remembered_ <= limits_.loans && now - turns_.front().time < limits_.age) break;
    EndOldest(transaction);
  }
}

void LoanBook::EndOldest(Transaction& transaction) {
  const Turn& turn = turns_.front();
  for (const uint64_t job : turn.jobs) {
    const auto loan = loans_.find(job);
    if (loan == loans_.end()) continue;
    // Those that a later turn has taken again stay; whether this one was brought back is not known.
    if (loan->second.turn == turn.number) {
      loans_.erase(loan);
    } else if (loan->second.count > 1) {
      --loan->second.count;
    }
  }
  transaction.Delete(TurnKey(turn.number));
  remembered_ -= turn.jobs.size();
  turns_.pop_front();
}

}  // namespace holdfast::storage
