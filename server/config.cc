#include "server/config.h"

#include <vector>

#include "resp/inline_words.h"
#include "server/command/words.h"
#include "server/config_rewrite.h"
#include "storage/env.h"
#include "storage/whole_file.h"

namespace holdfast::server {
namespace {

using command::Concat;

absl::Status Invalid(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(Concat({where, ": ", what}));
}

std::string Join(std::span<const std::string_view> words) {
  std::string joined;
  for (std::string_view word : words) joined.append(joined.empty() ? "" : " ").append(word);
  return joined;
}

// "--user 'default on nopass'" has all of it in one word.
absl::Status AddUser(std::string_view where, std::span<const std::string_view> values,
                     engine::Settings& settings) {
  std::vector<std::string> words;
  for (const std::string_view value : values) {
    for (const std::string_view word : command::SplitWords(value)) words.emplace_back(word);
  }
  if (words.empty()) return Invalid(where, "'user' needs a name");
  settings.AddUserLine(std::move(words));
  return absl::OkStatus();
}

absl::Status SetDirective(std::string_view where, std::string_view name,
                          std::span<const std::string_view> values, engine::Settings& settings) {
  if (command::EqualsIgnoreCase(name, "user")) return AddUser(where, values, settings);
  if (values.empty()) return Invalid(where, Concat({"'", name, "' needs a value"}));
  const engine::Parameter* parameter = engine::FindParameter(name);
  if (parameter != nullptr && !engine::TakesWords(parameter->kind) && values.size() > 1) {
    return Invalid(where, Concat({"'", name, "' takes one value, got '", Join(values), "'"}));
  }
  const std::string refusal = settings.Configure(name, Join(values));
  return refusal.empty() ? absl::OkStatus() : Invalid(where, refusal);
}

absl::Status ReadConfigFile(std::string_view file, engine::Settings& settings) {
  absl::StatusOr<std::string> text = storage::ReadWholeFile(storage::PosixEnv(), std::string(file));
  if (!text.ok()) {
    return absl::NotFoundError(
        Concat({"cannot read the configuration file '", file, "': ", std::string(text.status().message())}));
  }
  settings.OnRewrite([path = std::string(file), &settings] { return RewriteConfigFile(path, settings); });
  return ReadConfigText(file, *text, settings);
}

}  // namespace

absl::Status ReadConfigText(std::string_view file, std::string_view text, engine::Settings& settings) {
  int number = 0;
  while (!text.empty()) {
    ++number;
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    const std::string where = Concat({file, " line ", std::to_string(number)});
    resp::Words words;
    std::string unescaped;
    if (!resp::SplitInlineWords(line, words, unescaped)) return Invalid(where, "unbalanced quotes");
    const std::vector<std::string_view> values(words.begin() + 1, words.end());
    const absl::Status status = SetDirective(where, words.front(), values, settings);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadCommandLine(std::span<const std::string_view> words, engine::Settings& settings) {
  if (!words.empty() && !words.front().starts_with("--")) {
    const absl::Status status = ReadConfigFile(words.front(), settings);
    if (!status.ok()) return status;
    words = words.subspan(1);
  }
  while (!words.empty()) {
    const std::string_view option = words.front();
    if (!option.starts_with("--") || option.size() == 2) {
      return Invalid("command line", Concat({"expected --name, got '", option, "'"}));
    }
    size_t count = 1;
    while (count < words.size() && !words[count].starts_with("--")) ++count;
    const absl::Status status =
        SetDirective("command line", option.substr(2), words.subspan(1, count - 1), settings);
    if (!status.ok()) return status;
    words = words.subspan(count);
  }
  return absl::OkStatus();
}

std::string UsageText() {
  std::string text =
      "Usage: holdfast-server [holdfast.conf] [--name value ...]\n"
      "       holdfast-server --version | --help\n\n"
      "Every directive of the configuration file is also an option. Those with a meaning here, and their "
      "defaults:\n";
  for (const engine::Parameter& parameter : engine::AllParameters()) {
    const bool has_meaning =
        parameter.use == engine::ParameterUse::kAtStart || parameter.use == engine::ParameterUse::kAnyTime;
    if (!has_meaning) continue;
    text += Concat({"  --", parameter.name, " ", parameter.preset.empty() ? "\"\"" : parameter.preset, "\n"});
  }
  return text;
}

}  // namespace holdfast::server
