#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/command/context.h"
#include "server/command/services.h"
#include "server/command/table.h"
#include "server/engine/script_host.h"
#include "server/engine/script_interpreter.h"
#include "server/engine/script_run.h"

namespace holdfast::server::engine {

// Runs scripts and functions on a ScriptHost, one at a time, on the engine's thread; knows the one that runs
// now.
//
// One that ends with an error keeps what it wrote before, as in Redis: Run then answers Done, and the error
// is the reply. An error as the outcome means that nothing has run, or that nothing of it may stay.
class ScriptRunner {
 public:
  // Both must outlive it.
  ScriptRunner(ScriptHost& host, const command::Table& table) : host_(host), table_(table) {}

  command::Outcome Run(command::Context& context, Interpreter& interpreter, Interpreter::Function function,
                       const ScriptSubject& subject, std::span<const std::string_view> keys,
                       std::span<const std::string_view> arguments, command::Scripts::Access access);

  // Compiles a library and runs it once, so that it registers its functions in `functions`. An error in
  // Redis's words if it cannot; `functions` then means nothing. `limit`: see ScriptSubject.
  [[nodiscard]] std::optional<command::CommandError> Load(Interpreter& interpreter,
                                                          const command::Client& caller,
                                                          std::string_view code, absl::Duration limit,
                                                          RegisteredFunctions& functions);

  // SCRIPT KILL and FUNCTION KILL: ends what runs, if it is of that kind and has not written.
  command::Outcome Kill(ScriptKind kind);
  // What a command is told that came while something is over its time; nullopt if nothing runs.
  [[nodiscard]] std::optional<command::CommandError> busy() const;
  // Null if nothing runs.
  [[nodiscard]] const ScriptRun* running() const { return running_; }
  // The words of the request that started it.
  [[nodiscard]] std::span<const std::string_view> request() const { return request_; }

 private:
  [[nodiscard]] std::optional<command::CommandError> Refusal(const ScriptFlags& flags,
                                                             command::Scripts::Access access) const;

  ScriptHost& host_;
  const command::Table& table_;
  ScriptRun* running_ = nullptr;
  std::span<const std::string_view> request_;
};

}  // namespace holdfast::server::engine
