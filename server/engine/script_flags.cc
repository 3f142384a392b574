#include "server/engine/script_flags.h"

#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;

// Takes the text before the next `separator` off the front of `rest`.
std::string_view TakePart(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool SetFlag(std::string_view name, ScriptFlags& flags) {
  if (name == "no-writes") {
    flags.no_writes = true;
  } else if (name == "allow-oom") {
    flags.allow_oom = true;
  } else {
    return name == "allow-stale" || name == "no-cluster" || name == "allow-cross-slot-keys";
  }
  return true;
}

std::optional<CommandError> ReadOption(std::string_view option, ScriptFlags& flags) {
  constexpr std::string_view kFlags = "flags=";
  if (!option.starts_with(kFlags)) return CommandError(Concat({"ERR Unknown lua shebang option: ", option}));
  std::string_view names = option.substr(kFlags.size());
  while (!names.empty()) {
    const std::string_view name = TakePart(names, ',');
    if (!SetFlag(name, flags)) return CommandError(Concat({"ERR Unexpected flag in script shebang: ", name}));
  }
  return std::nullopt;
}

}  // namespace

std::optional<CommandError> ReadScriptFlags(std::string_view body, ScriptFlags& flags) {
  if (!body.starts_with("#!")) return std::nullopt;
  flags.line_bytes = body.find('\n');
  if (flags.line_bytes == std::string_view::npos) return CommandError("ERR Invalid script shebang");
  flags.declared = true;
  std::string_view rest = body.substr(0, flags.line_bytes);
  const std::string_view engine = TakePart(rest, ' ');
  if (engine != "#!lua") return CommandError(Concat({"ERR Unexpected engine in script shebang: ", engine}));
  while (!rest.empty()) {
    if (auto error = ReadOption(TakePart(rest, ' '), flags)) return error;
  }
  return std::nullopt;
}

}  // namespace holdfast::server::engine
