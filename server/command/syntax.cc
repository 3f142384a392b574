#include "server/command/syntax.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>

#include "resp/number.h"
#include "server/command/words.h"

namespace holdfast::server::command {
namespace {

using Type = Argument::Type;

// How many words an argument takes; `most` is nullopt where there is no limit.
struct Width {
  int least = 0;
  std::optional<int> most = 0;

  [[nodiscard]] bool fixed() const { return most == least; }
  void Add(const Width& other) {
    least += other.least;
    most = most && other.most ? std::optional(*most + *other.most) : std::nullopt;
  }
};

Width WidthOf(const std::vector<Argument>& sequence);

Width WidthOfOne(const Argument& argument) {
  if (argument.type == Type::kPureToken) return {1, 1};
  Width width;
  if (argument.type == Type::kOneOf) {
    width.least = std::numeric_limits<int>::max();
    for (const Argument& child : argument.children) {
      const Width one = WidthOf({child});
      width.least = std::min(width.least, one.least);
      width.most = width.most && one.most ? std::optional(std::max(*width.most, *one.most)) : std::nullopt;
    }
  } else if (argument.type == Type::kBlock) {
    width = WidthOf(argument.children);
  } else {
    width = {1, 1};
  }
  if (!argument.token.empty()) width.Add({1, 1});
  return width;
}

Width WidthOf(const std::vector<Argument>& sequence) {
  Width sum;
  for (const Argument& argument : sequence) {
    Width width = WidthOfOne(argument);
    if (argument.multiple) width.most = std::nullopt;
    if (argument.optional) width.least = 0;
    sum.Add(width);
  }
  return sum;
}

bool IsCount(const Argument& argument) { return argument.name == "numkeys"; }

const Argument* FindKeyIn(const Argument& argument) {
  if (argument.type == Type::kKey || argument.type == Type::kShardChannel) return &argument;
  for (const Argument& child : argument.children) {
    if (const Argument* key = FindKeyIn(child)) return key;
  }
  return nullptr;
}

// Where the key behind `spec`'s keyword stands; 0 if it is not there.
size_t KeywordKey(const KeySpec& spec, std::span<const std::string_view> words) {
  size_t found = 0;
  for (auto i = static_cast<size_t>(spec.first); i + 1 < words.size(); ++i) {
    if (EqualsIgnoreCase(words[i], spec.keyword)) {
      found = ++i;
      if (spec.parts > 0) break;
    }
    for (const OptionWord& other : spec.others) {
      if (i == found || !EqualsIgnoreCase(words[i], other.word)) continue;
      i += static_cast<size_t>(other.arguments);
      break;
    }
  }
  return found;
}

// Appends the places of `keys` keys behind the word `at`; false if there are not so many. Redis counts in 32
// bits.
bool AddCounted(size_t at, int32_t keys, std::span<const std::string_view> words,
                std::vector<size_t>& positions) {
  if (keys <= 0 || at + static_cast<size_t>(keys) >= words.size()) return false;
  for (size_t i = 1; i <= static_cast<size_t>(keys); ++i) positions.push_back(at + i);
  return true;
}

// Appends the places of one specification's keys; false if what should be their count is none.
bool AddPositions(const KeySpec& spec, std::span<const std::string_view> words,
                  std::vector<size_t>& positions) {
  const auto count = static_cast<int64_t>(words.size());
  if (spec.find == KeySpec::Find::kRange) {
    const int64_t last = spec.last < 0 ? count + spec.last : std::min<int64_t>(spec.last, count - 1);
    for (int64_t i = spec.first; i <= last; i += spec.step) positions.push_back(static_cast<size_t>(i));
  } else if (spec.find == KeySpec::Find::kCounted) {
    const auto at = static_cast<size_t>(spec.first);
    const auto number = at < words.size() ? resp::ParseInteger(words[at]) : std::nullopt;
    if (!number || *number < 0) return false;
    return AddCounted(at, static_cast<int32_t>(*number), words, positions);
  } else if (const size_t first = KeywordKey(spec, words); first > 0) {
    const size_t keys = spec.parts == 0 ? 1 : (words.size() - first) / static_cast<size_t>(spec.parts);
    for (size_t i = 0; i < keys; ++i) positions.push_back(first + i);
  }
  return true;
}

// KeysIn where a count is none.
std::vector<KeyPlace> RoughKeysIn(const std::vector<KeySpec>& specs,
                                  std::span<const std::string_view> words) {
  std::vector<size_t> positions;
  for (const KeySpec& spec : specs) {
    if (spec.find != KeySpec::Find::kCounted) continue;
    const auto at = static_cast<size_t>(spec.first);
    if (at >= words.size()) return {};
    const auto keys = static_cast<int32_t>(std::strtol(std::string(words[at]).c_str(), nullptr, 10));
    if (!AddCounted(at, keys, words, positions)) return {};
  }
  for (const KeySpec& spec : specs) {
    if (spec.find == KeySpec::Find::kRange) AddPositions(spec, words, positions);
  }
  std::vector<KeyPlace> places;
  places.reserve(positions.size());
  for (const size_t position : positions) places.push_back({position, PermissionsFor(""), ""});
  return places;
}

}  // namespace

Syntax::Syntax(std::string_view name, std::string_view line, std::string_view key_uses)
    : arguments_(ParseArguments(line)) {
  const int name_words = name.find('|') == std::string_view::npos ? 1 : 2;
  const Width width = WidthOf(arguments_);
  arity_ = name_words + width.least;
  if (!width.fixed()) arity_ = -arity_;
  FindKeys(name_words);
  const std::vector<KeyUse> uses = ParseKeyUses(key_uses);
  for (size_t i = 0; i < keys_.size(); ++i) {
    keys_[i].use = keys_[i].not_key ? KeyUse{"not_key"} : uses[std::min(i, uses.size() - 1)];
  }
  JoinKeys();
  SummarizeKeys();
}

bool Syntax::Accepts(size_t words) const {
  return arity_ >= 0 ? words == static_cast<size_t>(arity_) : words >= static_cast<size_t>(-arity_);
}

bool Syntax::has_optional_keys() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const KeySpec& spec) { return spec.optional; });
}

void Syntax::FindKeys(int position) {
  bool position_known = true;
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const Argument& argument = arguments_[i];
    const Argument* key = FindKeyIn(argument);
    const bool counted = i > 0 && IsCount(arguments_[i - 1]);
    if (argument.type == Type::kPattern && argument.token == "BY") {
      KeySpec spec;
      spec.find = KeySpec::Find::kUnknown;
      keys_.push_back(std::move(spec));
    } else if (key != nullptr && counted) {
      KeySpec spec;
      spec.find = KeySpec::Find::kCounted;
      spec.first = position - 1;
      spec.optional = argument.optional;
      keys_.push_back(std::move(spec));
    } else if (key != nullptr && !key->token.empty()) {
      AddKeyword(*key, key->token, position);
    } else if (key != nullptr && !position_known && i > 0 && arguments_[i - 1].type == Type::kPureToken) {
      AddKeyword(*key, arguments_[i - 1].token, position - 1);
    } else if (key != nullptr && argument.optional && !argument.token.empty()) {
      AddKeyword(*key, argument.token, position);
    } else if (key != nullptr && position_known) {
      const std::vector<Argument> behind(arguments_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                         arguments_.end());
      AddKey(argument, position, WidthOf(behind).least);
    }
    const Width width = WidthOf({argument});
    position_known &= width.fixed();
    position += width.least;
  }
}

void Syntax::AddKey(const Argument& argument, int position, int words_behind) {
  KeySpec spec;
  spec.first = position;
  spec.last = argument.multiple ? -1 - words_behind : position;
  spec.not_key = argument.type == Type::kShardChannel;
  if (argument.type == Type::kBlock) spec.step = static_cast<int>(WidthOf(argument.children).least);
  keys_.push_back(spec);
}

void Syntax::AddKeyword(const Argument& key, std::string_view token, int position) {
  KeySpec spec;
  spec.find = KeySpec::Find::kKeyword;
  spec.first = position;
  spec.keyword = token;
  for (const Argument& other : arguments_) {
    if (key.multiple && other.multiple) ++spec.parts;
    spec.instead |= key.multiple && other.optional && other.token == token;
  }
  if (spec.instead) spec.parts = 1;
  for (const Argument& other : arguments_) {
    if (spec.parts > 1 || other.token.empty() || other.token == token) continue;
    spec.others.push_back({other.token, WidthOfOne(other).least - 1});
  }
  keys_.push_back(std::move(spec));
}

void Syntax::JoinKeys() {
  for (size_t i = 1; i < keys_.size();) {
    KeySpec& left = keys_[i - 1];
    const KeySpec& right = keys_[i];
    const bool ranges = left.find == KeySpec::Find::kRange && right.find == KeySpec::Find::kRange;
    if (ranges && left.last + 1 == right.first && right.step == 1 && left.use.flags == right.use.flags) {
      left.last = right.last;
      keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

void Syntax::SummarizeKeys() {
  for (const KeySpec& spec : keys_) {
    if (spec.find != KeySpec::Find::kRange) {
      movable_keys_ = true;
      continue;
    }
    if (first_key_ == 0) first_key_ = spec.first;
    last_key_ = spec.last;
    key_step_ = spec.step;
  }
}

std::vector<KeyPlace> Syntax::KeysIn(std::span<const std::string_view> words) const {
  std::vector<KeyPlace> places;
  std::vector<size_t> positions;
  for (const KeySpec& spec : keys_) {
    positions.clear();
    if (!spec.not_key && !AddPositions(spec, words, positions)) return RoughKeysIn(keys_, words);
    if (positions.empty()) continue;
    if (spec.instead) {
      if (places.empty() || !words[places.back().word].empty()) return {};
      places.pop_back();
    }
    const std::string_view flags = spec.use.FlagsIn(words);
    const uint8_t permissions = PermissionsFor(flags);
    for (const size_t position : positions) places.push_back({position, permissions, flags});
  }
  return places;
}

}  // namespace holdfast::server::command
