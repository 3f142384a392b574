#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/command/errors.h"
#include "server/engine/script_interpreter.h"

namespace holdfast::server::engine {

inline constexpr const char* kBadLibraryName =
    "Library names can only contain letters, numbers, or underscores(_) and must be at least one character "
    "long";
// Of libraries and of functions.
[[nodiscard]] bool IsLibraryName(std::string_view name);

// What stands in the first line of a library's code: "#!lua name=mylib".
struct LibraryHeader {
  std::string name;
  size_t line_bytes = 0;  // without its end; Lua reads what follows
};
// An error in Redis's words if it is no such line.
[[nodiscard]] std::optional<command::CommandError> ReadLibraryHeader(std::string_view code,
                                                                     LibraryHeader& header);

// One library, ready to run.
class FunctionLibrary {
 public:
  // The interpreter that its functions live in must outlive it.
  FunctionLibrary(Interpreter& interpreter, std::string name, std::string code, RegisteredFunctions functions)
      : interpreter_(interpreter),
        name_(std::move(name)),
        code_(std::move(code)),
        functions_(std::move(functions)) {}
  ~FunctionLibrary();
  FunctionLibrary(const FunctionLibrary&) = delete;
  FunctionLibrary& operator=(const FunctionLibrary&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // With its first line.
  [[nodiscard]] const std::string& code() const { return code_; }
  // In the order in which they were registered.
  [[nodiscard]] const RegisteredFunctions& functions() const { return functions_; }

 private:
  Interpreter& interpreter_;
  const std::string name_;
  const std::string code_;
  const RegisteredFunctions functions_;
};

// Libraries by name, and their functions by theirs, which are the same in any case and belong to one library
// each.
class LibrarySet {
 public:
  using Libraries = std::map<std::string, std::unique_ptr<FunctionLibrary>, std::less<>>;

  // In the order of their names.
  [[nodiscard]] const Libraries& libraries() const { return libraries_; }
  [[nodiscard]] size_t function_count() const { return functions_.size(); }
  [[nodiscard]] bool Has(std::string_view library) const { return libraries_.contains(library); }
  // By name in any case; null if there is none. Valid until its library goes.
  [[nodiscard]] const RegisteredFunction* Find(std::string_view function) const;
  // Why it cannot stand beside the others, or in place of the one of its name: another has a function of the
  // same name. Those that are in `leaving`, too, do not count.
  [[nodiscard]] std::optional<command::CommandError> Objection(const FunctionLibrary& library,
                                                               const LibrarySet* leaving = nullptr) const;

  // In place of the one of that name, if there is one. Needs that there is no objection.
  void Put(std::unique_ptr<FunctionLibrary> library);
  // False if there is none of that name.
  bool Remove(std::string_view library);
  void Clear();
  // Empties it.
  [[nodiscard]] Libraries TakeAll();

 private:
  struct Place {
    const FunctionLibrary* library;
    const RegisteredFunction* function;
  };

  Libraries libraries_;
  absl::flat_hash_map<std::string, Place> functions_;  // by the lower-case name
};

}  // namespace holdfast::server::engine
