#include "server/engine/slow_log.h"

#include <algorithm>

#include "server/command/words.h"
#include "server/engine/secrets.h"

namespace holdfast::server::engine {
namespace {

// Longer requests are cut short: what is kept must not fill memory.
constexpr size_t kMaxWords = 32;
constexpr size_t kMaxWordBytes = 128;

std::string Shortened(std::string_view word) {
  if (word.size() <= kMaxWordBytes) return std::string(word);
  return command::Concat(
      {word.substr(0, kMaxWordBytes), "... (", std::to_string(word.size() - kMaxWordBytes), " more bytes)"});
}

}  // namespace

void CommandSlowLog::Ran(const Session& session, const command::Table::Entry& entry, resp::Request words,
                         absl::Duration took, absl::Time now) {
  if (took < settings_.slow_threshold() || entry.has(command::kSkipSlowlog)) return;
  Add(session, words, took, now);
}

void CommandSlowLog::Add(const Session& session, resp::Request words, absl::Duration took, absl::Time now) {
  const auto most = static_cast<size_t>(settings_.Integer("slowlog-max-len"));
  if (most == 0) return;
  command::SlowCommand slow{next_id_++, now, took, {}, session.address, session.name};
  const bool whole = words.size() <= kMaxWords;
  const size_t shown = whole ? words.size() : kMaxWords - 1;
  const std::vector<std::string_view> visible = WithoutSecrets(words);
  for (size_t i = 0; i < shown; ++i) slow.words.push_back(Shortened(visible[i]));
  if (!whole) {
    slow.words.push_back(
        command::Concat({"... (", std::to_string(words.size() - shown), " more arguments)"}));
  }
  entries_.push_front(std::move(slow));
  while (entries_.size() > most) entries_.pop_back();
}

}  // namespace holdfast::server::engine
