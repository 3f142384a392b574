#include "server/command/glob.h"

#include <algorithm>

namespace holdfast::server::command {
namespace {

enum class Case { kSensitive, kInsensitive };

unsigned char Fold(char c, Case letters) {
  if (letters == Case::kInsensitive && c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return static_cast<unsigned char>(c);
}

// Takes `[...]` from the front of `pattern` and tells whether `byte` is in it. A class that is not closed
// ends with the pattern.
bool TakeClass(std::string_view& pattern, unsigned char byte, Case letters) {
  pattern.remove_prefix(1);
  const bool negated = !pattern.empty() && pattern[0] == '^';
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  while (!pattern.empty() && pattern[0] != ']') {
    if (pattern[0] == '\\' && pattern.size() >= 2) {
      found |= Fold(pattern[1], letters) == byte;
      pattern.remove_prefix(2);
    } else if (pattern.size() >= 3 && pattern[1] == '-') {
      const auto [low, high] = std::minmax({Fold(pattern[0], letters), Fold(pattern[2], letters)});
      found |= low <= byte && byte <= high;
      pattern.remove_prefix(3);
    } else {
      found |= Fold(pattern[0], letters) == byte;
      pattern.remove_prefix(1);
    }
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return found != negated;
}

// Takes one element (not `*`) from the front of `pattern`; whether it matches `c`.
bool TakeOne(std::string_view& pattern, char c, Case letters) {
  const unsigned char byte = Fold(c, letters);
  if (pattern[0] == '[') return TakeClass(pattern, byte, letters);
  if (pattern[0] == '\\' && pattern.size() >= 2)
    pattern.remove_prefix(1);
  else if (pattern[0] == '?') {
    pattern.remove_prefix(1);
    return true;
  }
  const bool same = Fold(pattern[0], letters) == byte;
  pattern.remove_prefix(1);
  return same;
}

// Only the last `*` is ever gone back to: an earlier one could not match more than it did.
bool Matches(std::string_view pattern, std::string_view text, Case letters) {
  if (text.empty()) return pattern.empty();  // as in Redis
  bool starred = false;
  std::string_view after_star;
  std::string_view star_text;
  while (true) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      starred = true;
      after_star = pattern;
      star_text = text;
      continue;
    }
    if (text.empty() && pattern.empty()) return true;
    if (!text.empty() && !pattern.empty() && TakeOne(pattern, text[0], letters)) {
      text.remove_prefix(1);
      continue;
    }
    if (!starred || star_text.empty()) return false;
    star_text.remove_prefix(1);
    text = star_text;
    pattern = after_star;
  }
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view text) {
  return Matches(pattern, text, Case::kSensitive);
}

bool GlobMatchesIgnoreCase(std::string_view pattern, std::string_view text) {
  return Matches(pattern, text, Case::kInsensitive);
}

}  // namespace holdfast::server::command
