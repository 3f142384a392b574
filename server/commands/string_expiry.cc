#include "server/commands/string_expiry.h"

#include <array>

#include "resp/number.h"
#include "server/commands/due_time.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::CommandError;
using command::Context;
using Kind = StringExpiry::Kind;

struct TimeWord {
  std::string_view word;
  Kind kind;
};

constexpr std::array kTimeWords = {
    TimeWord{"EX", Kind::kSeconds},
    TimeWord{"PX", Kind::kMilliseconds},
    TimeWord{"EXAT", Kind::kUnixSeconds},
    TimeWord{"PXAT", Kind::kUnixMilliseconds},
};

void Choose(Args& args, Kind kind, StringExpiry& expiry) {
  if (expiry.kind != Kind::kNone && expiry.kind != kind) args.Fail(command::kSyntaxError);
  expiry.kind = kind;
}

}  // namespace

bool TakeTime(Args& args, StringExpiry& expiry) {
  if (args.remaining() < 2) return false;
  for (const TimeWord& time : kTimeWords) {
    if (!args.Keyword(time.word)) continue;
    Choose(args, time.kind, expiry);
    expiry.amount = args.Bytes();
    return true;
  }
  return false;
}

bool TakeWord(Args& args, std::string_view upper, Kind kind, StringExpiry& expiry) {
  if (!args.Keyword(upper)) return false;
  Choose(args, kind, expiry);
  return true;
}

std::optional<CommandError> ReadDueTime(const Context& context, const StringExpiry& expiry, absl::Time& due) {
  const std::optional<int64_t> amount = resp::ParseInteger(expiry.amount);
  if (!amount) return command::kNotInteger;
  const bool seconds = expiry.kind == Kind::kSeconds || expiry.kind == Kind::kUnixSeconds;
  const bool from_now = expiry.kind == Kind::kSeconds || expiry.kind == Kind::kMilliseconds;
  const std::optional<absl::Time> time =
      DueTime(*amount, seconds ? TimeUnit::kSeconds : TimeUnit::kMilliseconds,
              from_now ? TimeOrigin::kNow : TimeOrigin::kEpoch, context.now());
  if (*amount <= 0 || !time) return InvalidExpireTime(context);
  due = *time;
  return std::nullopt;
}

}  // namespace holdfast::server::commands
