#include "server/engine/runner.h"

#include <algorithm>
#include <string>

#include "server/command/context.h"
#include "server/command/words.h"
#include "server/engine/refusal.h"

namespace holdfast::server::engine {

using command::CommandError;
using storage::Transaction;

std::optional<command::Wait> Runner::Run(Session& session, const command::Table::Entry& entry,
                                         resp::Request words, resp::ReplyWriter& reply) {
  Transaction& transaction = *state_.transaction;
  // What expired before is not this unit's.
  if (depth_ == 0) transaction.ClearMovements();
  const Transaction::Mark mark = transaction.mark();
  const size_t begin = reply.size();

  if (depth_ == 0) {
    unit_ = {};
    charge_ = {};
    grower_ = {};
    lacks_log_space_ = false;
  }
  const bool holds = HoldsMessages(entry);
  if (holds) state_.HoldMessages();
  const absl::Duration began = state_.turn.lap();
  // One that was blocked has been told of when it came; a script before what it does.
  const bool told = session.waiter != nullptr || entry.has(command::kScript);
  if (session.waiter == nullptr && entry.has(command::kScript)) TellMonitors(session, entry, words);

  transaction.set_hands_over(depth_ == 0 && state_.hand_overs.Offers(session));
  ++depth_;
  command::Args args(words, entry.name_words());
  storage::Keyspace keyspace(transaction, session.database);
  keyspace.set_counts_reads(entry.has(command::kReadOnly));
  keyspace.set_touches(!session.no_touch && !entry.has(command::kPeeks));
  command::Context context{*entry.command, args, reply, keyspace, session, services_};
  const command::Outcome outcome = entry.command->run(context);
  --depth_;

  if (!told) TellMonitors(session, entry, words);
  const bool waits = outcome.wait() != nullptr;
  if (waits && !transaction.changed_since(mark)) return *outcome.wait();
  std::optional<CommandError> error;
  if (outcome.error() != nullptr) {
    (void)state_.store->TakeFault();
    error = *outcome.error();
  } else {
    NoteGrowth(entry, words, transaction.growth() - mark.growth);
    error = Objection(session, entry, words, mark);
  }
  if (holds) error ? state_.DropMessages() : state_.SendMessages();
  if (depth_ == 0 && !error) {
    state_.reserve.Settle(transaction, charge_);
    if (!transaction.handed_out().empty()) state_.hand_overs.Take(session, transaction, state_.env);
  }
  if (error) {
    transaction.RollbackTo(mark);
    reply.Truncate(begin);
    // A pop that cannot be written down stays blocked: nothing was handed out.
    if (lacks_log_space_ && entry.has(command::kBlocking)) {
      if (auto wait = WaitOf(session, entry, words)) return wait;
    }
    reply.Error(error->text());
    state_.counters.Error(error->text());
    state_.counters.Failed(entry);
  } else if (transaction.changed_since(mark)) {
    Annotate(session, entry, mark);
    if (waits) return *outcome.wait();
  }
  state_.turn.Lap();
  NoteTime(session, entry, words, state_.turn.lap() - began);
  transaction.view().Release();
  return std::nullopt;
}

std::optional<command::Wait> Runner::WaitOf(Session& session, const command::Table::Entry& entry,
                                            resp::Request words) {
  command::Args args(words, entry.name_words());
  storage::Keyspace nothing(*state_.transaction, storage::Transaction::kNoDatabase);
  std::string ignored;
  resp::ReplyWriter reply(ignored, session.protocol);
  command::Context context{*entry.command, args, reply, nothing, session, services_};
  const command::Outcome outcome = entry.command->run(context);
  return outcome.wait() == nullptr ? std::nullopt : std::optional(*outcome.wait());
}

void Runner::TellMonitors(const Session& session, const command::Table::Entry& entry, resp::Request words) {
  if (state_.monitors.empty() || entry.has(command::kAdmin)) return;
  const std::string line = Monitors::Line(session, words, state_.env.Now());
  for (Session* monitor : state_.monitors.sessions()) state_.Deliver(*monitor, line);
}

void Runner::NoteTime(const Session& session, const command::Table::Entry& entry, resp::Request words,
                      absl::Duration took) {
  state_.counters.Ran(entry, took);
  state_.slow_log.Ran(session, entry, words, took, state_.turn.now());
  state_.latency.Ran(entry, took, state_.turn.now());
}

void Runner::RunNested(Session& session, const command::Table::Entry& entry, resp::Request words,
                       resp::ReplyWriter& reply) {
  if (const auto wait = Run(session, entry, words, reply)) WriteTimeout(wait->at_once, reply);
}

void Runner::WriteTimeout(command::Wait::Reply on_timeout, resp::ReplyWriter& reply) {
  on_timeout == command::Wait::Reply::kNull ? reply.Null() : reply.NullArray();
}

std::optional<CommandError> Runner::Objection(Session& session, const command::Table::Entry& entry,
                                              resp::Request words, const Transaction::Mark& mark) {
  if (const absl::Status fault = state_.store->TakeFault(); !fault.ok()) {
    return CommandError("ERR damaged data: " + std::string(fault.message()));
  }
  // Only the outermost command is asked: an EXEC or a script is taken back as a whole.
  if (depth_ > 0 || !state_.transaction->changed_since(mark)) return std::nullopt;
  if (auto error = Judge(session, entry)) return error;
  constexpr uint64_t kMostLoanBytes = 2 * storage::kMaxVarintBytes;
  const uint64_t loans =
      state_.reserve.unwritten_bytes() + kMostLoanBytes * state_.transaction->movements().size();
  const uint64_t hand_overs =
      state_.hand_overs.book().unwritten_bytes() + storage::HandOverBook::MostBytes(*state_.transaction);
  if (!state_.store->Secure(loans + hand_overs).ok()) {
    lacks_log_space_ = true;
    state_.refusals.Note(entry.command->name, FirstKey(entry, words), session, RefusalReason::kNoLogSpace);
    return command::kOutOfMemory;
  }
  return std::nullopt;
}

std::optional<CommandError> Runner::Judge(Session& session, const command::Table::Entry& entry) {
  const bool limited = state_.reserve.has_limits();
  const bool over = WouldExceed();
  if (state_.disk.level == storage::DiskLevel::kNormal && !limited && !over) return std::nullopt;
  unit_.full = over || state_.disk_is_full();
  unit_.exhausted = state_.disk.level == storage::DiskLevel::kExhausted;
  unit_.reserve = state_.disk.reserve_bytes();
  unit_.budget = state_.disk.reserve_bytes() / 100 * state_.settings.bookkeeping_percent();
  const bool may_be_slowed = state_.settings.producer_delay() > absl::ZeroDuration();
  if (!unit_.full && !limited && !may_be_slowed) return std::nullopt;
  const Reserve::Bill bill = state_.reserve.Sum(unit_, *state_.transaction);
  state_.grew = may_be_slowed && Reserve::IsProducer(unit_, bill);
  if (!unit_.full && !limited) return std::nullopt;
  const auto refusal = state_.reserve.Judge(unit_, bill, *state_.transaction, charge_);
  if (!refusal) return std::nullopt;
  state_.refusals.Note(grower_.empty() ? entry.command->name : grower_, refusal->key, session,
                       refusal->reason);
  return refusal->error;
}

// One command can be larger than all that is left, at any level.
bool Runner::WouldExceed() const {
  const int64_t grown = state_.transaction->growth() - state_.growth_at_begin;
  return state_.disk.limit_bytes != 0 && grown > 0 &&
         state_.disk.used_bytes + static_cast<uint64_t>(grown) > state_.disk.limit_bytes;
}

// A write that would make a key only if there is none, and a short one: a lock.
bool Runner::IsBookkeeping(const command::Table::Entry& entry, resp::Request words, int64_t growth) {
  constexpr int64_t kMostLockBytes = 256;
  if (!entry.has(command::kBookkeeping)) return false;
  if (entry.command->syntax.find("NX") == std::string_view::npos) return true;
  return growth <= kMostLockBytes && std::any_of(words.begin(), words.end(), [](std::string_view word) {
           return command::EqualsIgnoreCase(word, "NX");
         });
}

bool Runner::HoldsMessages(const command::Table::Entry& entry) const {
  return depth_ == 0 && entry.has(command::kScript | command::kExecutes);
}

void Runner::NoteGrowth(const command::Table::Entry& entry, resp::Request words, int64_t growth) {
  if (entry.has(command::kScript | command::kExecutes)) return;
  if (growth > 0 && grower_.empty()) grower_ = entry.command->name;
  unit_.growth += growth;
  if (IsBookkeeping(entry, words, growth)) unit_.bookkeeping += growth;
}

void Runner::Annotate(const Session& session, const command::Table::Entry& entry,
                      const Transaction::Mark& mark) {
  // The commands inside EXEC and scripts have annotated their own effects.
  if (entry.has(command::kScript) || state_.transaction->mark().annotations > mark.annotations) return;
  storage::Annotation annotation{.client = session.id,
                                 .database = static_cast<uint32_t>(session.database),
                                 .command = entry.command->name,
                                 .key = {}};
  const auto& touches = state_.transaction->touches();
  if (touches.size() > mark.touches) annotation.key = state_.turn.arena().Copy(touches[mark.touches].key);
  state_.transaction->Annotate(annotation);
}

}  // namespace holdfast::server::engine
