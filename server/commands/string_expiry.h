#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "server/command/context.h"

namespace holdfast::server::commands {

// What SET, GETEX and SETEX say about the time a key is to live.
struct StringExpiry {
  enum class Kind {
    kNone,
    kSeconds,           // EX: from now on
    kMilliseconds,      // PX
    kUnixSeconds,       // EXAT: at that time
    kUnixMilliseconds,  // PXAT
    kKeep,              // KEEPTTL: as it is
    kPersist,           // PERSIST: for ever
  };
  Kind kind = Kind::kNone;
  std::string_view amount;  // of the first four; a word not looked at yet, as Redis first reads all options

  [[nodiscard]] bool timed() const { return kind != Kind::kNone && kind < Kind::kKeep; }
};

// Takes EX, PX, EXAT or PXAT with its amount, if that comes next. A second option of another kind is a syntax
// error; the same kind again replaces the first.
bool TakeTime(command::Args& args, StringExpiry& expiry);
// Takes the single word `upper` as `kind`, under the same rule.
bool TakeWord(command::Args& args, std::string_view upper, StringExpiry::Kind kind, StringExpiry& expiry);

// When a key of a timed() expiry is due. Not an integer, not positive and too large are errors.
[[nodiscard]] std::optional<command::CommandError> ReadDueTime(const command::Context& context,
                                                               const StringExpiry& expiry, absl::Time& due);

}  // namespace holdfast::server::commands
