#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "absl/time/time.h"
#include "server/command/errors.h"

namespace holdfast::server::command {

// Reads the words of a request by type, left to right. The first error sticks and later reads are harmless
// (they give empty or zero), so a handler reads everything and asks once:
//
//   std::string_view key = args.Bytes();
//   int64_t start = args.Integer();
//   int64_t stop = args.Integer();
//   if (auto error = args.Finish()) return *error;
//
// The arity was checked before the handler ran; what is missing behind an option is a syntax error.
class Args {
 public:
  // `words` includes the command's name (and a subcommand's), which is skipped: `skip` words.
  explicit Args(std::span<const std::string_view> words, size_t skip = 1) : words_(words), next_(skip) {}

  // How many words are unread.
  [[nodiscard]] size_t remaining() const { return words_.size() - next_; }
  [[nodiscard]] bool done() const { return next_ >= words_.size(); }
  // The next word without taking it; empty at the end.
  [[nodiscard]] std::string_view peek() const { return done() ? std::string_view() : words_[next_]; }
  // All words, the name included.
  [[nodiscard]] std::span<const std::string_view> words() const { return words_; }
  // All unread words, taken.
  std::span<const std::string_view> Rest();
  // The next `count` words, taken; a syntax error if there are fewer.
  std::span<const std::string_view> Take(size_t count);

  std::string_view Bytes();
  // A decimal in [min, max]; `error` otherwise.
  int64_t Integer(int64_t min = std::numeric_limits<int64_t>::min(),
                  int64_t max = std::numeric_limits<int64_t>::max(), const CommandError& error = kNotInteger);
  // A float as Redis reads it, not NaN.
  double Double(const CommandError& error = kNotFloat);
  // A blocking timeout in seconds (a float); below one millisecond rounds up, never to "for ever"; 0 is for
  // ever (absl::InfiniteDuration()).
  absl::Duration Timeout();
  // True and takes the word if it is `upper`, in any case.
  bool Keyword(std::string_view upper);

  // Sticks `error` unless an earlier one does.
  void Fail(const CommandError& error);
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  // The first error; a syntax error if words are left; nullopt if all is well.
  [[nodiscard]] std::optional<CommandError> Finish();
  // The first error so far, words left or not.
  [[nodiscard]] const std::optional<CommandError>& error() const { return error_; }

 private:
  std::span<const std::string_view> words_;
  size_t next_;
  std::optional<CommandError> error_;
};

}  // namespace holdfast::server::command
