#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server::engine {

// How much a queue may hold: `queue-limit <pattern> [max-jobs N] [max-bytes N]`, as often as one likes.
struct QueueLimit {
  std::string pattern;  // a glob of keys
  std::optional<uint64_t> jobs;
  std::optional<uint64_t> bytes;  // of the elements
};

// The limits of all queues, in the order they were given: the first whose pattern matches counts.
//
//   std::string why;
//   auto limits = QueueLimits::Parse("queue:bulk max-jobs 1000 queue:* max-bytes 100mb", why);
//   const QueueLimit* limit = limits->Find("queue:bulk");
class QueueLimits {
 public:
  // nullopt, and why, if the text is no list of limits. Empty: no limits.
  [[nodiscard]] static std::optional<QueueLimits> Parse(std::string_view text, std::string& why);

  [[nodiscard]] bool empty() const { return limits_.empty(); }
  // nullptr if the key has no limit.
  [[nodiscard]] const QueueLimit* Find(std::string_view key) const;
  // As Parse takes it, in its normal form.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<QueueLimit> limits_;
};

}  // namespace holdfast::server::engine
