#include "server/command/args.h"

#include <cmath>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

const CommandError kTimeoutOutOfRange("ERR timeout is out of range");
// What Redis can add to its clock without overflow; absl::Time holds more.
constexpr long double kMaxTimeoutMilliseconds = 9e18L;

}  // namespace

std::span<const std::string_view> Args::Rest() {
  const auto rest = words_.subspan(next_);
  next_ = words_.size();
  return rest;
}

std::span<const std::string_view> Args::Take(size_t count) {
  if (count > remaining()) {
    Fail(kSyntaxError);
    return {};
  }
  const auto taken = words_.subspan(next_, count);
  next_ += count;
  return taken;
}

std::string_view Args::Bytes() {
  if (done()) {
    Fail(kSyntaxError);
    return {};
  }
  return words_[next_++];
}

int64_t Args::Integer(int64_t min, int64_t max, const CommandError& error) {
  const std::string_view word = Bytes();
  if (failed()) return 0;
  const std::optional<int64_t> value = resp::ParseInteger(word);
  if (!value || *value < min || *value > max) {
    Fail(error);
    return 0;
  }
  return *value;
}

double Args::Double(const CommandError& error) {
  const std::string_view word = Bytes();
  if (failed()) return 0;
  const std::optional<double> value = resp::ParseDouble(word);
  if (!value) Fail(error);
  return value.value_or(0);
}

absl::Duration Args::Timeout() {
  const std::string_view word = Bytes();
  if (failed()) return absl::ZeroDuration();
  const std::optional<long double> seconds = resp::ParseLongDouble(word);
  if (!seconds) {
    Fail(kTimeoutNotFloat);
    return absl::ZeroDuration();
  }
  const long double milliseconds = std::ceil(*seconds * 1000);
  if (milliseconds > kMaxTimeoutMilliseconds) Fail(kTimeoutOutOfRange);
  if (milliseconds < 0 || (*seconds < 0 && milliseconds == 0)) Fail(kTimeoutNegative);
  if (failed()) return absl::ZeroDuration();
  if (milliseconds == 0) return absl::InfiniteDuration();
  return absl::Milliseconds(static_cast<int64_t>(milliseconds));
}

bool Args::Keyword(std::string_view upper) {
  if (done() || !EqualsIgnoreCase(words_[next_], upper)) return false;
  ++next_;
  return true;
}

void Args::Fail(const CommandError& error) {
  if (!error_) error_ = error;
}

std::optional<CommandError> Args::Finish() {
  if (!done()) Fail(kSyntaxError);
  return error_;
}

}  // namespace holdfast::server::command
