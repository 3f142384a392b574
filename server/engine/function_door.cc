#include "server/engine/function_door.h"

#include <utility>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/words.h"
#include "storage/dump/payload.h"
#include "storage/library_table.h"

namespace holdfast::server::engine {
namespace {

using command::CommandError;
using command::Concat;
using command::Outcome;
using storage::LibraryTable;

const CommandError kNoFunctions("ERR No functions registered");
const CommandError kBadPayload("ERR DUMP payload version or checksum are wrong");
const CommandError kEarlierFormat("ERR Pre-GA function format not supported");
const CommandError kNoLibraryThere("ERR given type is not a function");
const CommandError kBadLibrary("ERR failed loading the given functions payload");

// Of all libraries of a payload together, uncompressed.
constexpr uint64_t kMaxCodeBytes = storage::dump::kMaxStringBytes;

// What stands before each library in a payload, and did before Redis 7.0 was released.
constexpr char kLibraryMark = '\xF5';
constexpr char kEarlierLibraryMark = '\xF6';

CommandError ExistsAlready(std::string_view library) {
  return CommandError(Concat({"ERR Library '", library, "' already exists"}));
}

command::Functions::LibraryFacts FactsOf(const FunctionLibrary& library) {
  command::Functions::LibraryFacts facts{library.name(), library.code(), {}};
  for (const RegisteredFunction& function : library.functions()) {
    facts.functions.push_back({function.name, function.description, function.flags.Names()});
  }
  return facts;
}

}  // namespace

bool FunctionDoor::Knows(command::Context& context, std::string_view function) {
  Refresh(context);
  return set_.Find(function) != nullptr;
}

Outcome FunctionDoor::Call(command::Context& context, std::string_view function,
                           std::span<const std::string_view> keys,
                           std::span<const std::string_view> arguments, command::Scripts::Access access) {
  const RegisteredFunction& found = *set_.Find(function);
  const ScriptSubject subject{.kind = ScriptKind::kFunction, .name = found.name, .flags = found.flags};
  return runner_.Run(context, *interpreter_, found.function, subject, keys, arguments, access);
}

std::optional<CommandError> FunctionDoor::Load(command::Context& context, std::string_view code, bool replace,
                                               std::string& library) {
  Refresh(context);
  LibraryHeader header;
  std::optional<CommandError> error = ReadLibraryHeader(code, header);
  if (error) return error;
  if (!replace && set_.Has(header.name)) {
    return ExistsAlready(header.name);
  }
  auto loaded = Compile(context.client, code, header, kLoadTime, error);
  if (loaded == nullptr) return error;
  if ((error = set_.Objection(*loaded))) return error;
  library = header.name;
  Put(context, std::move(loaded));
  return std::nullopt;
}

void FunctionDoor::Put(command::Context& context, std::unique_ptr<FunctionLibrary> library) {
  LibraryTable table(context.transaction());
  table.Put(library->name(), library->code());
  generation_ = table.generation();
  set_.Put(std::move(library));
}

std::unique_ptr<FunctionLibrary> FunctionDoor::Compile(const command::Client& caller, std::string_view code,
                                                       const LibraryHeader& header, absl::Duration limit,
                                                       std::optional<CommandError>& error) {
  RegisteredFunctions functions;
  error = runner_.Load(*interpreter_, caller, code.substr(header.line_bytes), limit, functions);
  if (!error && functions.empty()) error = kNoFunctions;
  if (error) return nullptr;
  return std::make_unique<FunctionLibrary>(*interpreter_, header.name, std::string(code),
                                           std::move(functions));
}

bool FunctionDoor::Delete(command::Context& context, std::string_view library) {
  Refresh(context);
  if (!set_.Remove(library)) return false;
  LibraryTable table(context.transaction());
  table.Delete(library);
  generation_ = table.generation();
  return true;
}

void FunctionDoor::Flush(command::Context& context) {
  Refresh(context);
  Clear(context);
  interpreter_ = NewInterpreter();
}

void FunctionDoor::Clear(command::Context& context) {
  LibraryTable table(context.transaction());
  for (const auto& [name, library] : set_.libraries()) table.Delete(name);
  generation_ = table.generation();
  set_.Clear();
}

void FunctionDoor::ForEach(command::Context& context, absl::FunctionRef<void(const LibraryFacts&)> visit) {
  Refresh(context);
  for (const auto& [name, library] : set_.libraries()) visit(FactsOf(*library));
}

std::string FunctionDoor::Dump(command::Context& context) {
  Refresh(context);
  std::string payload;
  for (const auto& [name, library] : set_.libraries()) {
    payload += kLibraryMark;
    storage::dump::AppendString(payload, library->code());
  }
  storage::dump::Seal(payload);
  return payload;
}

std::optional<CommandError> FunctionDoor::Restore(command::Context& context, std::string_view payload,
                                                  RestorePolicy policy) {
  const auto body = storage::dump::Open(payload, context.services.control().checks_payloads());
  if (!body) return kBadPayload;
  Refresh(context);
  LibrarySet restored;
  if (auto error = Read(context.client, *body, restored)) return error;
  if (policy == RestorePolicy::kFlush) {
    Clear(context);
  } else if (auto error = JoinObjection(restored, policy == RestorePolicy::kReplace)) {
    return error;
  }
  for (auto& [name, library] : restored.TakeAll()) Put(context, std::move(library));
  return std::nullopt;
}

std::optional<CommandError> FunctionDoor::Read(const command::Client& caller, std::string_view body,
                                               LibrarySet& libraries) {
  storage::dump::Texts texts(kMaxCodeBytes);
  storage::dump::ByteReader reader(body);
  while (!reader.done()) {
    const auto mark = static_cast<char>(reader.Byte());
    if (mark == kEarlierLibraryMark) return kEarlierFormat;
    if (mark != kLibraryMark) return kNoLibraryThere;
    const std::string_view code = storage::dump::ReadString(reader, texts);
    if (!reader.ok() || texts.full()) return kBadLibrary;
    LibraryHeader header;
    std::optional<CommandError> error = ReadLibraryHeader(code, header);
    if (!error && libraries.Has(header.name)) error = ExistsAlready(header.name);
    auto library = error ? nullptr : Compile(caller, code, header, absl::InfiniteDuration(), error);
    if (!error) error = libraries.Objection(*library);
    if (error) return error;
    libraries.Put(std::move(library));
  }
  return std::nullopt;
}

std::optional<CommandError> FunctionDoor::JoinObjection(const LibrarySet& others, bool replace) const {
  for (const auto& [name, library] : others.libraries()) {
    if (!replace && set_.Has(name)) return CommandError(Concat({"ERR Library ", name, " already exists"}));
  }
  for (const auto& [name, library] : others.libraries()) {
    if (auto error = set_.Objection(*library, &others)) return error;
  }
  return std::nullopt;
}

std::optional<command::Functions::Stats> FunctionDoor::Look(command::Context& context) {
  Stats stats;
  if (const ScriptRun* run = runner_.running()) {
    if (run->kind() == ScriptKind::kScript) return std::nullopt;
    stats.running = Running{run->name(), runner_.request(), run->time()};
  } else {
    Refresh(context);
  }
  stats.libraries = library_count();
  stats.functions = function_count();
  return stats;
}

// They were loaded before, so they load again; what cannot (for want of memory) is missing until the next
// start, and stays stored.
void FunctionDoor::Refresh(storage::Transaction& transaction, const command::Client& caller) {
  const LibraryTable table(transaction);
  if (table.generation() == generation_) return;
  set_.Clear();
  interpreter_ = NewInterpreter();
  table.ForEach([&](std::string_view code) {
    LibraryHeader header;
    if (ReadLibraryHeader(code, header)) return;
    std::optional<CommandError> error;
    auto library = Compile(caller, code, header, absl::InfiniteDuration(), error);
    if (library == nullptr || set_.Objection(*library)) return;
    set_.Put(std::move(library));
  });
  generation_ = table.generation();
}

}  // namespace holdfast::server::engine
