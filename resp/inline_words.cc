#include "resp/inline_words.h"

#include <optional>

namespace holdfast::resp {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";
// Vertical tab and form feed separate words but do not end one: so does Redis.
constexpr std::string_view kWordEnd = " \t\n\r";
constexpr std::string_view kQuotes = "\"'";

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Takes the escape that `rest` begins with (a backslash and at least one byte more).
void TakeEscape(std::string_view& rest, std::string& out) {
  if (rest.size() >= 4 && rest[1] == 'x') {
    const auto high = HexDigit(rest[2]);
    const auto low = HexDigit(rest[3]);
    if (high && low) {
      out += static_cast<char>(*high * 16 + *low);
      rest.remove_prefix(4);
      return;
    }
  }
  out += Unescape(rest[1]);
  rest.remove_prefix(2);
}

// Takes the rest of a quoted part, whose opening quote was taken. False if it does not end, or not at a
// word's end.
bool TakeQuoted(char quote, std::string_view& rest, std::string& out) {
  while (!rest.empty()) {
    const char c = rest[0];
    if (c == quote) {
      rest.remove_prefix(1);
      return rest.empty() || kSpace.find(rest[0]) != kSpace.npos;
    }
    if (c == '\\' && rest.size() > 1 && quote == '"') {
      TakeEscape(rest, out);
    } else if (c == '\\' && rest.starts_with("\\'")) {
      out += '\'';
      rest.remove_prefix(2);
    } else {
      out += c;
      rest.remove_prefix(1);
    }
  }
  return false;
}

// Takes a word that holds quotes.
bool TakeWord(std::string_view& rest, std::string& out) {
  while (!rest.empty() && kWordEnd.find(rest[0]) == kWordEnd.npos) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (kQuotes.find(c) == kQuotes.npos) {
      out += c;
    } else {
      return TakeQuoted(c, rest, out);
    }
  }
  return true;
}

}  // namespace

bool SplitInlineWords(std::string_view line, Words& words, std::string& unescaped) {
  unescaped.clear();
  for (std::string_view rest = line;;) {
    const size_t begin = rest.find_first_not_of(kSpace);
    if (begin == rest.npos) return true;
    rest.remove_prefix(begin);
    const std::string_view plain = rest.substr(0, rest.find_first_of(kWordEnd));
    if (plain.find_first_of(kQuotes) == plain.npos) {
      words.push_back(plain);
      rest.remove_prefix(plain.size());
      continue;
    }
    // Escapes only shrink: with room for the whole line the views of earlier words stay valid.
    unescaped.reserve(line.size());
    const size_t offset = unescaped.size();
    if (!TakeWord(rest, unescaped)) return false;
    words.emplace_back(unescaped.data() + offset, unescaped.size() - offset);
  }
}

}  // namespace holdfast::resp
