#include "server/engine/function_library.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "resp/inline_words.h"
#include "server/command/words.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;

const CommandError kNoHeader("ERR Missing library metadata");
const CommandError kBadHeader("ERR Invalid library metadata");
const CommandError kNamedTwice("ERR Invalid metadata value, name argument was given multiple times");
const CommandError kNameless("ERR Library name was not given");

std::optional<CommandError> ReadName(const resp::Words& words, std::string& name) {
  constexpr std::string_view kName = "name=";
  std::optional<std::string_view> given;
  for (size_t i = 1; i < words.size(); ++i) {
    if (!command::EqualsIgnoreCase(words[i].substr(0, kName.size()), kName)) {
      return CommandError(Concat({"ERR Invalid metadata value given: ", words[i]}));
    }
    if (given) return kNamedTwice;
    given = words[i].substr(kName.size());
  }
  if (!given) return kNameless;
  name = *given;
  return std::nullopt;
}

}  // namespace

bool IsLibraryName(std::string_view name) {
  const auto is_allowed = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_allowed);
}

std::optional<CommandError> ReadLibraryHeader(std::string_view code, LibraryHeader& header) {
  constexpr std::string_view kMark = "#!";
  if (!code.starts_with(kMark)) return kNoHeader;
  header.line_bytes = code.find('\n');
  if (header.line_bytes == std::string_view::npos) return kBadHeader;
  resp::Words words;
  std::string unescaped;
  if (!resp::SplitInlineWords(code.substr(0, header.line_bytes), words, unescaped)) return kBadHeader;
  if (auto error = ReadName(words, header.name)) return error;
  if (!IsLibraryName(header.name)) return CommandError(Concat({"ERR ", kBadLibraryName}));
  const std::string_view language = words[0].substr(kMark.size());
  if (command::EqualsIgnoreCase(language, "lua")) return std::nullopt;
  return CommandError(Concat({"ERR Engine '", language, "' not found"}));
}

FunctionLibrary::~FunctionLibrary() {
  for (const RegisteredFunction& function : functions_) interpreter_.Forget(function.function);
}

const RegisteredFunction* LibrarySet::Find(std::string_view function) const {
  const auto found = functions_.find(command::Lower(function));
  return found == functions_.end() ? nullptr : found->second.function;
}

std::optional<CommandError> LibrarySet::Objection(const FunctionLibrary& library,
                                                  const LibrarySet* leaving) const {
  for (const RegisteredFunction& function : library.functions()) {
    const auto found = functions_.find(command::Lower(function.name));
    if (found == functions_.end()) continue;
    const std::string& owner = found->second.library->name();
    if (owner == library.name() || (leaving != nullptr && leaving->Has(owner))) continue;
    return CommandError(Concat({"ERR Function ", function.name, " already exists"}));
  }
  return std::nullopt;
}

void LibrarySet::Put(std::unique_ptr<FunctionLibrary> library) {
  Remove(library->name());
  for (const RegisteredFunction& function : library->functions()) {
    functions_.try_emplace(command::Lower(function.name), Place{library.get(), &function});
  }
  libraries_[library->name()] = std::move(library);
}

bool LibrarySet::Remove(std::string_view library) {
  const auto found = libraries_.find(library);
  if (found == libraries_.end()) return false;
  for (const RegisteredFunction& function : found->second->functions()) {
    functions_.erase(command::Lower(function.name));
  }
  libraries_.erase(found);
  return true;
}

void LibrarySet::Clear() {
  functions_.clear();
  libraries_.clear();
}

LibrarySet::Libraries LibrarySet::TakeAll() {
  functions_.clear();
  return std::exchange(libraries_, {});
}

}  // namespace holdfast::server::engine
