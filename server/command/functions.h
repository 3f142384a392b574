#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "server/command/outcome.h"
#include "server/command/services.h"

namespace holdfast::server::command {

// Functions: Lua that clients load as libraries and call by name. The libraries are data: stored by the
// transaction of the command that changes them.
class Functions {
 public:
  struct FunctionFacts {
    std::string_view name;
    std::optional<std::string_view> description;
    std::vector<std::string_view> flags;
  };
  struct LibraryFacts {
    std::string_view name;
    std::string_view code;
    std::vector<FunctionFacts> functions;
  };
  struct Running {
    std::string_view function;
    std::span<const std::string_view> request;
    absl::Duration time;
  };
  struct Stats {
    std::optional<Running> running;
    size_t libraries = 0;
    size_t functions = 0;
  };
  // What becomes of the libraries there are when others are restored.
  enum class RestorePolicy : uint8_t { kAppend, kReplace, kFlush };

  virtual ~Functions() = default;

  // By name in any case.
  [[nodiscard]] virtual bool Knows(Context& context, std::string_view function) = 0;
  // Needs that it is known.
  virtual Outcome Call(Context& context, std::string_view function, std::span<const std::string_view> keys,
                       std::span<const std::string_view> arguments, Scripts::Access access) = 0;

  // `library` becomes the name that stands in the code.
  virtual std::optional<CommandError> Load(Context& context, std::string_view code, bool replace,
                                           std::string& library) = 0;
  // False if there is none of that name.
  virtual bool Delete(Context& context, std::string_view library) = 0;
  virtual void Flush(Context& context) = 0;
  // In the order of their names.
  virtual void ForEach(Context& context, absl::FunctionRef<void(const LibraryFacts&)> visit) = 0;
  // All libraries as FUNCTION RESTORE takes them, also Redis's.
  [[nodiscard]] virtual std::string Dump(Context& context) = 0;
  // All of them or none.
  virtual std::optional<CommandError> Restore(Context& context, std::string_view payload,
                                              RestorePolicy policy) = 0;
  // Nullopt while a script of EVAL is over its time.
  [[nodiscard]] virtual std::optional<Stats> Look(Context& context) = 0;
  // Stops the function that runs now, unless it has written.
  virtual Outcome Kill() = 0;
};

}  // namespace holdfast::server::command
