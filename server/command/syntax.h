#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/key_use.h"

namespace holdfast::server::command {

// One node of a command's argument tree, as COMMAND DOCS shows it.
struct Argument {
  enum class Type : uint8_t {
    kString,
    kInteger,
    kDouble,
    kKey,
    kShardChannel,  // stands where a key would stand, and is none
    kPattern,
    kUnixTime,
    kPureToken,  // the token alone: NX
    kOneOf,      // one of the children
    kBlock,      // all of the children, in order
  };

  std::string name;  // lower case
  Type type = Type::kString;
  std::string token;  // the word before it: COUNT in "COUNT count"
  bool optional = false;
  bool multiple = false;        // may be repeated
  bool multiple_token = false;  // and then the token is repeated too
  std::vector<Argument> children;

  bool operator==(const Argument&) const = default;
};

// Where keys stand among the words of a request.
struct KeySpec {
  enum class Find : uint8_t {
    kUnknown,  // no request tells: they derive from the elements that a key holds (SORT BY pattern)
    kRange,    // from `first` to `last` by `step`; a negative `last` counts from the end, -1 is the last word
    kCounted,  // the word at `first` says how many keys follow it
    kKeyword,  // behind the last word `keyword`, from `first` on, that is no argument of another option
  };
  Find find = Find::kRange;
  int first = 0;
  int last = 0;
  int step = 1;
  bool optional = false;  // kCounted: the count may be 0
  std::string keyword;
  // kKeyword: one key stands behind it; or, if this is not 0, all words behind it are that many equal parts,
  // the first of them keys (XREAD's ids are the second).
  int parts = 0;
  // kKeyword of fewer than two parts: the options whose arguments are not looked at. The first word that is
  // the keyword counts where all words behind it are parts.
  std::vector<OptionWord> others{};
  // kKeyword: what stands behind it takes the place of the key before, which must be empty then (MIGRATE).
  bool instead = false;
  bool not_key = false;  // shard channels
  KeyUse use{};
};

// A key of a request, and what is done with it.
struct KeyPlace {
  size_t word = 0;          // its index; the name is 0
  uint8_t permissions = 0;  // KeyPermissions
  std::string_view flags;   // as COMMAND GETKEYSANDFLAGS shows them
};

// Everything that follows from a command's syntax line, in the style of Redis's documentation:
//
//   Syntax syntax("zadd", "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]");
//   syntax.arity() == -4, syntax.first_key() == 1
//
// Words with lower-case letters are arguments, others are tokens. [a] may be absent, <a | b> is a choice,
// "a [a ...]" may be repeated. Arguments whose names say so (key, newkey, source, destination, dst, src,
// destkey) are keys; "numkeys key [key ...]" is a counted run of them.
//
// `key_uses` must outlive it.
class Syntax {
 public:
  // `name` is the full name; a subcommand ("client|setname") takes two words. `key_uses`: Command::keys.
  Syntax(std::string_view name, std::string_view line, std::string_view key_uses = "RO access");

  // As Redis counts: the name included; negative: at least that many words.
  [[nodiscard]] int arity() const { return arity_; }
  [[nodiscard]] bool Accepts(size_t words) const;

  // COMMAND INFO's three numbers: only keys at fixed places; 0, 0, 0 if there are none.
  [[nodiscard]] int first_key() const { return first_key_; }
  [[nodiscard]] int last_key() const { return last_key_; }
  [[nodiscard]] int key_step() const { return key_step_; }
  // Keys that those numbers do not cover.
  [[nodiscard]] bool has_movable_keys() const { return movable_keys_; }

  [[nodiscard]] const std::vector<KeySpec>& keys() const { return keys_; }
  // A request may well have no keys although there is room for them.
  [[nodiscard]] bool has_optional_keys() const;
  // The keys of a request, and what is done with each. Where a count is none, as many as the number that it
  // begins with, as Redis does ("1e2": one), the counted ones first and without flags; none at all where that
  // is not positive or too large. The command itself refuses such a request.
  [[nodiscard]] std::vector<KeyPlace> KeysIn(std::span<const std::string_view> words) const;

  [[nodiscard]] const std::vector<Argument>& arguments() const { return arguments_; }

 private:
  void FindKeys(int position);
  void AddKey(const Argument& argument, int position, int words_behind);
  void AddKeyword(const Argument& key, std::string_view token, int position);
  // Joins keys that stand side by side and are used alike: LCS has one specification for both.
  void JoinKeys();
  void SummarizeKeys();

  int arity_ = 0;
  int first_key_ = 0;
  int last_key_ = 0;
  int key_step_ = 0;
  bool movable_keys_ = false;
  std::vector<KeySpec> keys_;
  std::vector<Argument> arguments_;
};

// The argument tree of a syntax line; the work behind Syntax.
[[nodiscard]] std::vector<Argument> ParseArguments(std::string_view line);

}  // namespace holdfast::server::command
