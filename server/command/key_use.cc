#include "server/command/key_use.h"

#include <algorithm>

#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

// Takes what stands before `separator` (with one space behind it) from the front of `text`.
std::string_view TakeUpTo(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return part;
}

bool IsOneOf(std::string_view word, std::string_view words) {
  const std::vector<std::string_view> all = SplitWords(words, '|');
  return std::any_of(all.begin(), all.end(),
                     [word](std::string_view one) { return EqualsIgnoreCase(word, one); });
}

}  // namespace

std::string_view KeyUse::FlagsIn(std::span<const std::string_view> request) const {
  if (words.empty() || request.size() < 3) return flags;
  const bool said = std::any_of(request.begin() + 2, request.end(),
                                [this](std::string_view word) { return IsOneOf(word, words); });
  return said ? flags_with_words : flags;
}

uint8_t PermissionsFor(std::string_view flags) {
  uint8_t permissions = 0;
  for (const std::string_view flag : SplitWords(flags)) {
    if (flag == "access") permissions |= kReadKey;
    if (flag == "insert" || flag == "update" || flag == "delete") permissions |= kWriteKey;
  }
  return permissions;
}

std::vector<KeyUse> ParseKeyUses(std::string_view text) {
  std::vector<KeyUse> uses;
  while (!text.empty()) {
    std::string_view part = TakeUpTo(text, ',');
    KeyUse use;
    use.flags = TakeUpTo(part, ';');
    use.words = TakeUpTo(part, ':');
    use.flags_with_words = part;
    uses.push_back(use);
  }
  return uses;
}

}  // namespace holdfast::server::command
