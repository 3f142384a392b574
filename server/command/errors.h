#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::server::command {

// What a user can cause: the text of an error reply, beginning with its code word. The words are Redis's own,
// because clients match on them. Never use READONLY, NOREPLICAS, UNBLOCKED or MASTERDOWN: clients take them
// as orders to retry.
class CommandError {
 public:
  // A constant text; it must outlive the error (a literal).
  explicit CommandError(const char* text) : constant_(text) {}
  // A text made at run time.
  explicit CommandError(std::string text) : made_(std::move(text)) {}

  [[nodiscard]] std::string_view text() const { return made_.empty() ? constant_ : std::string_view(made_); }

 private:
  std::string_view constant_;
  std::string made_;
};

inline const CommandError kSyntaxError("ERR syntax error");
inline const CommandError kWrongType("WRONGTYPE Operation against a key holding the wrong kind of value");
inline const CommandError kNotInteger("ERR value is not an integer or out of range");
inline const CommandError kNotFloat("ERR value is not a valid float");
inline const CommandError kNoSuchKey("ERR no such key");
inline const CommandError kIndexOutOfRange("ERR index out of range");
inline const CommandError kMustBePositive("ERR value is out of range, must be positive");
inline const CommandError kTimeoutNotFloat("ERR timeout is not a float or out of range");
inline const CommandError kTimeoutNegative("ERR timeout is negative");
inline const CommandError kInvalidCursor("ERR invalid cursor");
inline const CommandError kMinMaxNotFloat("ERR min or max is not a float");
inline const CommandError kMinMaxNotString("ERR min or max not valid string range item");
inline const CommandError kStringTooLong("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
inline const CommandError kIncrementOverflow("ERR increment or decrement would overflow");
inline const CommandError kIncrementNotFinite("ERR increment would produce NaN or Infinity");
inline const CommandError kOutOfRange("ERR value is out of range");
inline const CommandError kBelowSymmetricRange(
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
inline const CommandError kDatabaseOutOfRange("ERR DB index is out of range");
inline const CommandError kCountNotPositive("ERR count should be greater than 0");
inline const CommandError kNumKeysNotPositive("ERR numkeys should be greater than 0");
inline const CommandError kNumKeysTooLarge("ERR Number of keys can't be greater than number of args");
inline const CommandError kLimitNegative("ERR LIMIT can't be negative");
inline const CommandError kOutOfMemory(
    "OOM command not allowed when used disk > 'maxdisk'. Let consumers drain, delete data, or free "
    "disk space.");

// What the syntax line cannot say: MSET's words come in pairs, LPOP takes one count. `command` is the full
// name.
[[nodiscard]] CommandError WrongArity(std::string_view command);
// The same where a container's subcommand says it: `words` begins with both names as the client wrote them.
[[nodiscard]] CommandError WrongSubcommandArity(std::span<const std::string_view> words);

}  // namespace holdfast::server::command
