#include "server/engine/script_run.h"

#include "resp/reply_parser.h"
#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Table;

const CommandError kUnknown("ERR Unknown Redis command called from script");
const CommandError kWrongArity("ERR Wrong number of args calling Redis command from script");
const CommandError kNotAllowed("ERR This Redis command is not allowed from script");
const CommandError kWriteInReadOnly("ERR Write commands are not allowed from read-only scripts.");
const CommandError kReplyTooLarge("ERR the reply of the command is too large for a script");

// A client could not send it either; a script may name one large string many times.
bool IsTooLarge(std::span<const std::string_view> words) {
  constexpr size_t kMaxWordBytes = size_t{512} << 20;
  constexpr size_t kMaxBytes = size_t{1} << 30;
  size_t bytes = 0;
  for (const std::string_view word : words) {
    if (word.size() > kMaxWordBytes || (bytes += word.size()) > kMaxBytes) return true;
  }
  return false;
}

}  // namespace

ScriptRun::ScriptRun(ScriptHost& host, const Table& table, const command::Client& caller,
                     const ScriptSubject& subject, command::Scripts::Access access)
    : host_(host),
      table_(table),
      client_(host.Begin(caller)),
      subject_(subject),
      read_only_(access == command::Scripts::Access::kReadOnly || subject.flags.has(ScriptFlags::kNoWrites)),
      begin_(host.Uptime()) {}

ScriptRun::~ScriptRun() { host_.End(); }

void ScriptRun::Call() noexcept {
  bytes_.clear();
  resp::ReplyWriter out(bytes_, client_.protocol);
  if (const Table::Entry* entry = Admit(out)) {
    if (entry->has(command::kWrite)) has_written_ = true;
    host_.Run(client_, *entry, words, out);
  }
  if (auto parsed = resp::ParseReply(bytes_)) {
    reply = *std::move(parsed);
  } else {
    reply = {};
    reply.type = resp::Reply::Type::kError;
    reply.text = kReplyTooLarge.text();
  }
  // One large reply shall not keep its memory for the rest of a long script.
  constexpr size_t kKeptBytes = 1 << 16;
  if (bytes_.capacity() > kKeptBytes) std::string().swap(bytes_);
}

const Table::Entry* ScriptRun::Admit(resp::ReplyWriter& out) {
  const Table::Entry* entry = table_.Named(words);
  if (entry == nullptr) {
    out.Error(kUnknown.text());
    return nullptr;
  }
  if (const auto error = Objection(*entry)) {
    out.Error(error->text());
    return nullptr;
  }
  return entry;
}

std::optional<CommandError> ScriptRun::Objection(const Table::Entry& entry) const {
  if (!entry.Accepts(words.size())) return kWrongArity;
  if (IsTooLarge(words)) return command::kStringTooLong;
  if (entry.has(command::kNoScript)) return kNotAllowed;
  if (auto error = host_.Denial(entry, words)) return error;
  if (read_only_ && entry.has(command::kWrite | command::kMayReplicate)) return kWriteInReadOnly;
  return host_.Refusal(entry, words);
}

bool ScriptRun::Interrupted() noexcept {
  if (subject_.limit > absl::ZeroDuration()) return killed_ = killed_ || time() > subject_.limit;
  if (!slow_) {
    const absl::Duration threshold = host_.BusyThreshold();
    const absl::Duration elapsed = time();
    if (threshold <= absl::ZeroDuration() || elapsed < threshold) return false;
    slow_ = true;
    WarnOfSlowness(elapsed);
  }
  abandoned_ = host_.OnSlow();
  killed_ |= abandoned_;
  return killed_;
}

void ScriptRun::WarnOfSlowness(absl::Duration elapsed) {
  const std::string_view remedy = kind() == ScriptKind::kScript ? "SCRIPT KILL" : "FUNCTION KILL";
  host_.Log(
      ScriptHost::Severity::kWarning,
      command::Concat({"Slow script detected: ", name(), " still in execution after ",
                       std::to_string(absl::ToInt64Milliseconds(elapsed)),
                       " milliseconds. You can try killing the script using the ", remedy, " command."}));
}

const char* ScriptRun::EndText() const {
  return subject_.limit > absl::ZeroDuration() ? "ERR FUNCTION LOAD timeout"
                                               : "ERR Script killed by user with SCRIPT KILL...";
}

}  // namespace holdfast::server::engine
