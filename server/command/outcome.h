#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/command/errors.h"
#include "storage/entry.h"

namespace holdfast::server::command {

// The command is complete; its reply is written.
struct Done {};

// Nothing to hand out yet: run the same command again when one of `keys` got a value of `type`, or answer
// `on_timeout` at the deadline. Nothing may have been written to the reply; what was written to the
// transaction stays. In MULTI and in scripts it becomes the `at_once` reply.
struct Wait {
  enum class Reply { kNull, kNullArray };

  std::vector<std::string_view> keys;  // views into the request's words
  storage::ValueType type = storage::ValueType::kList;
  absl::Time deadline = absl::InfiniteFuture();
  Reply on_timeout = Reply::kNullArray;
  Reply at_once = Reply::kNullArray;  // where nothing may wait: BLMOVE in MULTI answers unlike its timeout
  bool when_gone = false;             // run again also when a key is gone or has another type
  std::vector<std::string> request = {};  // the words to run again, if they are not the same: XREAD's "$"
};

// How a handler ended; it returns exactly one. An error drops the handler's effects and whatever reply it had
// begun.
class [[nodiscard]] Outcome {
 public:
  Outcome(Done) {}                                           // NOLINT(google-explicit-constructor)
  Outcome(Wait wait) : state_(std::move(wait)) {}            // NOLINT(google-explicit-constructor)
  Outcome(CommandError error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Wait* wait() const { return std::get_if<Wait>(&state_); }
  [[nodiscard]] const CommandError* error() const { return std::get_if<CommandError>(&state_); }

 private:
  std::variant<Done, Wait, CommandError> state_;
};

}  // namespace holdfast::server::command
