#include "server/commands/string_expiry.h"

#include <array>
#include <limits>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::server::commands {
namespace {

using command::Args;
using command::CommandError;
using command::Context;
using Kind = StringExpiry::Kind;

constexpr int64_t kMaxMilliseconds = std::numeric_limits<int64_t>::max();

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

CommandError InvalidTime(const Context& context) {
  return CommandError(command::Concat({"ERR invalid expire time in '", context.command.name, "' command"}));
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
  if (*amount <= 0 || (seconds && *amount > kMaxMilliseconds / 1000)) return InvalidTime(context);

  int64_t milliseconds = seconds ? *amount * 1000 : *amount;
  if (expiry.kind == Kind::kSeconds || expiry.kind == Kind::kMilliseconds) {
    const int64_t now = absl::ToUnixMillis(context.now());
    if (milliseconds > kMaxMilliseconds - now) return InvalidTime(context);
    milliseconds += now;
  }
  due = absl::FromUnixMillis(milliseconds);
  return std::nullopt;
}

}  // namespace holdfast::server::commands
