#include "server/engine/parameter_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "resp/number.h"
#include "server/command/size_text.h"
#include "server/command/words.h"
#include "server/engine/event_classes.h"
#include "server/engine/queue_limits.h"

namespace holdfast::server::engine {
namespace {

using Kind = ParameterKind;

Normalized Refuse(std::string why) { return {{}, std::move(why)}; }

// As Redis cuts a value into words: at each space, so that two of them have an empty word between them.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    if (end + 1 == text.size()) words.emplace_back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string Join(std::span<const std::string> words) {
  std::string joined;
  for (const std::string& word : words) joined.append(joined.empty() ? "" : " ").append(word);
  return joined;
}

// A whole word as C reads it: an empty one is 0, what is too large is the most that there is.
std::optional<int64_t> ParseLoosely(const std::string& word) {
  char* end = nullptr;
  const int64_t number = std::strtoll(word.c_str(), &end, 10);
  if (*end != '\0') return std::nullopt;
  return number;
}

template <typename Number>
Normalized InBounds(const Parameter& parameter, Number number) {
  const auto low = static_cast<Number>(parameter.low);
  const auto high = static_cast<Number>(parameter.high);
  if (number < low || number > high) {
    return Refuse(command::Concat(
        {"argument must be between ", std::to_string(low), " and ", std::to_string(high), " inclusive"}));
  }
  if (parameter.least != 0) number = std::max(number, static_cast<Number>(parameter.least));
  if (parameter.most != 0) number = std::min(number, static_cast<Number>(parameter.most));
  return {std::to_string(number), {}};
}

Normalized NormalizeInteger(const Parameter& parameter, std::string_view text) {
  const std::optional<int64_t> number = resp::ParseInteger(text);
  return number ? InBounds(parameter, *number) : Refuse("argument couldn't be parsed into an integer");
}

Normalized NormalizeBytes(const Parameter& parameter, std::string_view text, std::string_view refusal) {
  const std::optional<uint64_t> number = command::ParseMemory(text);
  return number ? InBounds(parameter, *number) : Refuse(std::string(refusal));
}

// "5%"; nullopt if it is no number.
std::optional<int64_t> PercentIn(std::string_view text) {
  const std::optional<int64_t> number = resp::ParseInteger(text.substr(0, text.size() - 1));
  return number && *number >= 0 ? number : std::nullopt;
}

Normalized NormalizeMemory(const Parameter& parameter, std::string_view text) {
  constexpr std::string_view kRefusal = "argument must be a memory or percent value";
  if (!text.ends_with('%')) return NormalizeBytes(parameter, text, kRefusal);
  const std::optional<int64_t> percent = PercentIn(text);
  if (!percent) return Refuse(std::string(kRefusal));
  if (*percent > 100) return Refuse("percentage argument must be less or equal to 100");
  return {*percent == 0 ? "0" : std::to_string(*percent) + "%", {}};
}

Normalized NormalizeDisk(std::string_view text) {
  const bool in_percent = text.ends_with('%');
  const std::optional<int64_t> number = in_percent ? PercentIn(text) : command::ParseSize(text);
  if (!number || (in_percent && *number > 100)) return Refuse("argument must be a memory or percent value");
  return {std::to_string(*number) + (in_percent ? "%" : ""), {}};
}

Normalized NormalizeBool(std::string_view text) {
  for (const std::string_view word : {"yes", "no"}) {
    if (command::EqualsIgnoreCase(text, word)) return {std::string(word), {}};
  }
  return Refuse("argument must be 'yes' or 'no'");
}

std::string NoneOf(std::span<const std::string_view> choices) {
  std::string refusal = "argument(s) must be one of the following: ";
  for (const std::string_view choice : choices) {
    refusal += command::Concat({choice.data() == choices.front().data() ? "" : ", ", choice});
  }
  return refusal;
}

Normalized NormalizeWord(const Parameter& parameter, std::string_view text) {
  std::vector<std::string_view> choices;
  for (std::string_view rest = parameter.words; !rest.empty();) {
    const std::string_view choice = rest.substr(0, rest.find('|'));
    const std::string_view word = choice.substr(0, choice.find('='));
    const std::string_view shown = word.size() < choice.size() ? choice.substr(word.size() + 1) : word;
    if (command::EqualsIgnoreCase(word, text)) return {std::string(shown), {}};
    choices.push_back(word);
    rest.remove_prefix(std::min(rest.size(), choice.size() + 1));
  }
  return Refuse(NoneOf(choices));
}

// The words in Redis's order, each once; "default" is the absence of others.
Normalized NormalizeShutdown(std::string_view text) {
  constexpr std::array<std::string_view, 5> kChoices = {"default", "save", "nosave", "now", "force"};
  std::array<bool, kChoices.size()> chosen{};
  const std::vector<std::string> words = Words(text);
  if (words.empty()) return Refuse(NoneOf(kChoices));
  for (const std::string& word : words) {
    const auto* const choice = std::find_if(kChoices.begin(), kChoices.end(), [&](std::string_view name) {
      return command::EqualsIgnoreCase(name, word);
    });
    if (choice == kChoices.end()) return Refuse(NoneOf(kChoices));
    chosen[static_cast<size_t>(choice - kChoices.begin())] = true;
  }
  if (chosen[1] && chosen[2]) {
    return Refuse("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }
  std::vector<std::string> shown;
  for (size_t i = 1; i < kChoices.size(); ++i) {
    if (chosen[i]) shown.emplace_back(kChoices[i]);
  }
  return {shown.empty() ? std::string(kChoices[0]) : Join(shown), {}};
}

Normalized NormalizeOctal(std::string_view text) {
  const bool octal = !text.empty() && text.size() <= 4 && text.find_first_not_of("01234567") == text.npos;
  if (!octal) return Refuse("argument must be an octal number between 0 and 777");
  return {std::string(text), {}};
}

Normalized NormalizeBuffers(std::string_view current, std::string_view text) {
  // Classes that are not named keep their limits.
  std::vector<std::string> result = Words(current);
  const std::vector<std::string> words = Words(text);
  if (words.size() % 4 != 0) return Refuse("Wrong number of arguments in buffer limit configuration.");
  for (size_t i = 0; i < words.size(); i += 4) {
    std::string name = command::Lower(words[i]);
    if (name == "replica") name = "slave";
    const auto place = std::find(result.begin(), result.end(), name);
    if (place == result.end()) return Refuse("Invalid client class specified in buffer limit configuration.");
    const std::optional<uint64_t> hard = command::ParseMemory(words[i + 1]);
    const std::optional<uint64_t> soft = command::ParseMemory(words[i + 2]);
    const std::optional<int64_t> seconds = ParseLoosely(words[i + 3]);
    if (!hard || !soft || !seconds || *seconds < 0 || *seconds > std::numeric_limits<int32_t>::max()) {
      return Refuse("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    place[1] = std::to_string(*hard);
    place[2] = std::to_string(*soft);
    place[3] = std::to_string(*seconds);
  }
  return {Join(result), {}};
}

Normalized NormalizePercents(std::string_view text) {
  std::vector<std::string> shown;
  for (const std::string& word : Words(text)) {
    const std::optional<double> percent = resp::ParseDouble(word);
    if (!percent || std::isnan(*percent))
      return Refuse("Invalid latency-tracking-info-percentiles parameters");
    if (*percent < 0 || *percent > 100) {
      return Refuse("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    std::array<char, 32> six_digits;
    std::snprintf(six_digits.data(), six_digits.size(), "%g", *percent);
    shown.emplace_back(six_digits.data());
  }
  return {Join(shown), {}};
}

Normalized NormalizeEvents(std::string_view text) {
  const std::optional<uint32_t> choice = ParseEventChoice(text);
  if (!choice) return Refuse("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  return {FormatEventChoice(*choice), {}};
}

Normalized NormalizeLimits(std::string_view text) {
  std::string why;
  const auto limits = QueueLimits::Parse(text, why);
  if (!limits) return Refuse(why);
  return {limits->text(), {}};
}

Normalized NormalizeSave(std::string_view text) {
  std::vector<std::string> words = Words(text);
  bool sound = words.size() % 2 == 0;
  for (size_t i = 0; sound && i < words.size(); ++i) {
    const std::optional<int64_t> number = ParseLoosely(words[i]);
    sound = number && *number >= (i % 2 == 0 ? 1 : 0);
    if (sound) words[i] = std::to_string(*number);
  }
  return sound ? Normalized{Join(words), {}} : Refuse("Invalid save parameters");
}

Normalized NormalizeScores(std::string_view text) {
  constexpr int64_t kMostScore = 2000;
  std::vector<std::string> words = Words(text);
  if (words.size() != 3) return Refuse("wrong number of arguments");
  for (std::string& word : words) {
    const std::optional<int64_t> score = ParseLoosely(word);
    if (!score || std::abs(*score) > kMostScore) {
      return Refuse("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    word = std::to_string(*score);
  }
  return {Join(words), {}};
}

// Whether the template's variables are known and something would stand in the title. "{{" is a brace; the
// title itself, the socket and the mode may be empty.
bool IsTitle(std::string_view text) {
  constexpr std::string_view kMayBeEmpty[] = {"title", "unixsocket", "server-mode"};
  constexpr std::string_view kOthers[] = {"listen-addr", "port", "tls-port", "config-file"};
  bool something = false;
  while (!text.empty()) {
    if (!text.starts_with('{') || text.starts_with("{{")) {
      something = something || text[0] != ' ';
      text.remove_prefix(text[0] == '{' ? 2 : 1);
      continue;
    }
    const size_t end = text.find('}');
    if (end == text.npos) return false;
    const std::string_view name = text.substr(1, end - 1);
    const bool other = std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers);
    if (!other && std::find(std::begin(kMayBeEmpty), std::end(kMayBeEmpty), name) == std::end(kMayBeEmpty)) {
      return false;
    }
    something = something || other;
    text.remove_prefix(end + 1);
  }
  return something;
}

Normalized NormalizeTitle(std::string_view text) {
  if (!IsTitle(text)) return Refuse("template format is invalid or contains unknown variables");
  return {std::string(text), {}};
}

Normalized NormalizeHostname(std::string_view text) {
  if (text.size() >= 256) return Refuse("Hostnames must be less than 256 characters");
  const bool sound = std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!sound) return Refuse("Hostnames may only contain alphanumeric characters, hyphens or dots");
  return {std::string(text), {}};
}

}  // namespace

Normalized Normalize(const Parameter& parameter, std::string_view text, std::string_view current) {
  switch (parameter.kind) {
    case Kind::kText:
    case Kind::kList:
      return {std::string(text), {}};
    case Kind::kInteger:
      return NormalizeInteger(parameter, text);
    case Kind::kBytes:
      return NormalizeBytes(parameter, text, "argument must be a memory value");
    case Kind::kDisk:
      return NormalizeDisk(text);
    case Kind::kMemory:
      return NormalizeMemory(parameter, text);
    case Kind::kBool:
      return NormalizeBool(text);
    case Kind::kWord:
      return NormalizeWord(parameter, text);
    case Kind::kOctal:
      return NormalizeOctal(text);
    case Kind::kBuffers:
      return NormalizeBuffers(current.empty() ? parameter.preset : current, text);
    case Kind::kPercents:
      return NormalizePercents(text);
    case Kind::kEvents:
      return NormalizeEvents(text);
    case Kind::kLimits:
      return NormalizeLimits(text);
    case Kind::kSave:
      return NormalizeSave(text);
    case Kind::kShutdown:
      return NormalizeShutdown(text);
    case Kind::kScores:
      return NormalizeScores(text);
    case Kind::kTitle:
      return NormalizeTitle(text);
    case Kind::kHostname:
      return NormalizeHostname(text);
  }
  return Refuse("unknown kind of parameter");
}

}  // namespace holdfast::server::engine
