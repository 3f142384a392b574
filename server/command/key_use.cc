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

// "from 2 only GET+2 OVERFLOW+1: RO access".
void ParseNarrower(std::string_view text, KeyUse& use) {
  const std::vector<std::string_view> words = SplitWords(TakeUpTo(text, ':'));
  use.narrow_flags = text;
  use.from = static_cast<size_t>(words[1][0] - '0');
  use.narrows = words[2] == "only" ? KeyUse::Narrows::kOnly : KeyUse::Narrows::kWithout;
  for (std::string_view word : std::span(words).subspan(3)) {
    const std::string_view name = TakeUpTo(word, '+');
    use.options.push_back({std::string(name), word.empty() ? 0 : word[0] - '0'});
  }
}

bool IsNarrow(const KeyUse& use, std::span<const std::string_view> request) {
  if (use.narrows == KeyUse::Narrows::kNever) return false;
  const bool only = use.narrows == KeyUse::Narrows::kOnly;
  for (size_t i = use.from; i < request.size(); ++i) {
    const auto option = std::find_if(use.options.begin(), use.options.end(), [&](const OptionWord& one) {
      return EqualsIgnoreCase(one.word, request[i]);
    });
    if ((option != use.options.end()) != only) return false;
    if (!only) continue;
    i += static_cast<size_t>(option->arguments);
    if (i >= request.size()) return false;
  }
  return true;
}

}  // namespace

std::string_view KeyUse::FlagsIn(std::span<const std::string_view> request) const {
  return IsNarrow(*this, request) ? narrow_flags : flags;
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
    if (!part.empty()) ParseNarrower(part, use);
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace holdfast::server::command
