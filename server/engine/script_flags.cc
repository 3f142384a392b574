#include "server/engine/script_flags.h"

#include <array>
#include <string>

#include "resp/inline_words.h"
#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;

struct NamedFlag {
  std::string_view name;
  ScriptFlags::Flag flag;
};

constexpr std::array kFlags = {
    NamedFlag{"no-writes", ScriptFlags::kNoWrites},
    NamedFlag{"allow-oom", ScriptFlags::kAllowOom},
    NamedFlag{"allow-stale", ScriptFlags::kAllowStale},
    NamedFlag{"no-cluster", ScriptFlags::kNoCluster},
    NamedFlag{"allow-cross-slot-keys", ScriptFlags::kAllowCrossSlotKeys},
};

std::optional<CommandError> ReadOption(std::string_view option, ScriptFlags& flags) {
  constexpr std::string_view kNames = "flags=";
  if (!option.starts_with(kNames))
    return CommandError(Concat({"ERR Unknown lua shebang option: ", command::UpToZero(option)}));
  std::string_view names = option.substr(kNames.size());
  while (!names.empty()) {
    const size_t end = names.find(',');
    const std::string_view name = names.substr(0, end);
    if (!flags.Add(name))
      return CommandError(Concat({"ERR Unexpected flag in script shebang: ", command::UpToZero(name)}));
    if (end == std::string_view::npos) break;
    names.remove_prefix(end + 1);
    if (names.empty()) return CommandError("ERR Unexpected flag in script shebang: ");
  }
  return std::nullopt;
}

}  // namespace

bool ScriptFlags::Add(std::string_view name) {
  for (const NamedFlag& known : kFlags) {
    if (known.name != name) continue;
    set |= known.flag;
    return true;
  }
  return false;
}

std::vector<std::string_view> ScriptFlags::Names() const {
  std::vector<std::string_view> names;
  for (const NamedFlag& known : kFlags) {
    if (has(known.flag)) names.push_back(known.name);
  }
  return names;
}

std::optional<CommandError> ReadScriptFlags(std::string_view body, ScriptFlags& flags) {
  if (!body.starts_with("#!")) return std::nullopt;
  flags.line_bytes = body.find('\n');
  if (flags.line_bytes == std::string_view::npos) return CommandError("ERR Invalid script shebang");
  flags.declared = true;
  resp::Words words;
  std::string unescaped;
  if (!resp::SplitInlineWords(body.substr(0, flags.line_bytes), words, unescaped)) {
    return CommandError("ERR Invalid engine in script shebang");
  }
  if (words[0] != "#!lua") {
    return CommandError(Concat({"ERR Unexpected engine in script shebang: ", words[0]}));
  }
  for (size_t i = 1; i < words.size(); ++i) {
    if (auto error = ReadOption(words[i], flags)) return error;
  }
  return std::nullopt;
}

}  // namespace holdfast::server::engine
