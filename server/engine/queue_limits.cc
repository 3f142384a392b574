#include "server/engine/queue_limits.h"

#include <algorithm>

#include "server/command/glob.h"
#include "server/command/size_text.h"
#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

// The next word of `text`; empty at its end.
std::string_view TakeWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::optional<uint64_t>* LimitNamed(QueueLimit& limit, std::string_view word) {
  if (command::EqualsIgnoreCase(word, "max-jobs")) return &limit.jobs;
  if (command::EqualsIgnoreCase(word, "max-bytes")) return &limit.bytes;
  return nullptr;
}

}  // namespace

std::optional<QueueLimits> QueueLimits::Parse(std::string_view text, std::string& why) {
  QueueLimits limits;
  for (std::string_view word = TakeWord(text); !word.empty(); word = TakeWord(text)) {
    QueueLimit unnamed;
    auto* number = LimitNamed(limits.limits_.empty() ? unnamed : limits.limits_.back(), word);
    if (number == nullptr) {
      limits.limits_.push_back({std::string(word), {}, {}});
      continue;
    }
    const std::string_view amount = TakeWord(text);
    const auto value = command::ParseSize(amount);
    if (limits.limits_.empty() || !value) {
      why =
          command::Concat({"a limit is <pattern> [max-jobs N] [max-bytes N]; see '", word, " ", amount, "'"});
      return std::nullopt;
    }
    *number = static_cast<uint64_t>(*value);
  }
  for (const QueueLimit& limit : limits.limits_) {
    if (limit.jobs || limit.bytes) continue;
    why = command::Concat({"the pattern '", limit.pattern, "' has neither max-jobs nor max-bytes"});
    return std::nullopt;
  }
  return limits;
}

const QueueLimit* QueueLimits::Find(std::string_view key) const {
  const auto found = std::find_if(limits_.begin(), limits_.end(), [key](const QueueLimit& limit) {
    return command::GlobMatches(limit.pattern, key);
  });
  return found == limits_.end() ? nullptr : &*found;
}

std::string QueueLimits::text() const {
  std::string text;
  for (const QueueLimit& limit : limits_) {
    text += command::Concat({text.empty() ? "" : " ", limit.pattern});
    if (limit.jobs) text += command::Concat({" max-jobs ", std::to_string(*limit.jobs)});
    if (limit.bytes) text += command::Concat({" max-bytes ", std::to_string(*limit.bytes)});
  }
  return text;
}

}  // namespace holdfast::server::engine
