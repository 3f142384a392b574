#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/command/functions.h"
#include "server/engine/function_library.h"
#include "server/engine/script_runner.h"
#include "storage/transaction.h"

namespace holdfast::server::engine {

// The functions that clients load and call: command::Functions on top of a ScriptRunner. The engine's thread.
//
// What is stored decides (storage::LibraryTable). The libraries in memory are those of one generation of the
// table; where it stands at another one, after a start or when effects were taken back, they are loaded anew
// from there before anything is done with them. So what a transaction gives up is never called.
class FunctionDoor final : public command::Functions {
 public:
  // How long the code of a library may run when a client loads it.
  static constexpr absl::Duration kLoadTime = absl::Milliseconds(500);

  // The runner must outlive it.
  explicit FunctionDoor(ScriptRunner& runner, size_t max_heap_bytes = Interpreter::kMaxHeapBytes)
      : runner_(runner), max_heap_bytes_(max_heap_bytes), interpreter_(NewInterpreter()) {}

  [[nodiscard]] bool Knows(command::Context& context, std::string_view function) override;
  command::Outcome Call(command::Context& context, std::string_view function,
                        std::span<const std::string_view> keys, std::span<const std::string_view> arguments,
                        command::Scripts::Access access) override;
  std::optional<command::CommandError> Load(command::Context& context, std::string_view code, bool replace,
                                            std::string& library) override;
  bool Delete(command::Context& context, std::string_view library) override;
  void Flush(command::Context& context) override;
  void ForEach(command::Context& context, absl::FunctionRef<void(const LibraryFacts&)> visit) override;
  [[nodiscard]] std::string Dump(command::Context& context) override;
  std::optional<command::CommandError> Restore(command::Context& context, std::string_view payload,
                                               RestorePolicy policy) override;
  [[nodiscard]] std::optional<Stats> Look(command::Context& context) override;
  command::Outcome Kill() override { return runner_.Kill(ScriptKind::kFunction); }

  // The libraries in memory become those that are stored; every function here does it, this one is for the
  // start. `caller` is a client as ScriptHost::Begin takes it.
  void Refresh(storage::Transaction& transaction, const command::Client& caller);

  // For INFO.
  [[nodiscard]] size_t library_count() const { return set_.libraries().size(); }
  [[nodiscard]] size_t function_count() const { return set_.function_count(); }
  [[nodiscard]] size_t memory_bytes() const { return interpreter_->heap_bytes(); }

 private:
  [[nodiscard]] std::unique_ptr<Interpreter> NewInterpreter() const {
    return std::make_unique<Interpreter>(ScriptKind::kFunction, max_heap_bytes_);
  }
  void Refresh(command::Context& context) { Refresh(context.transaction(), context.client); }
  // Stored and in memory.
  void Put(command::Context& context, std::unique_ptr<FunctionLibrary> library);
  void Clear(command::Context& context);
  // The libraries in the body of a payload of Dump.
  std::optional<command::CommandError> Read(const command::Client& caller, std::string_view body,
                                            LibrarySet& libraries);
  // Why they cannot join those there are.
  [[nodiscard]] std::optional<command::CommandError> JoinObjection(const LibrarySet& others,
                                                                   bool replace) const;
  // Null, and `error` says why, if the code is no library.
  std::unique_ptr<FunctionLibrary> Compile(const command::Client& caller, std::string_view code,
                                           const LibraryHeader& header, absl::Duration limit,
                                           std::optional<command::CommandError>& error);

  ScriptRunner& runner_;
  const size_t max_heap_bytes_;
  std::unique_ptr<Interpreter> interpreter_;
  LibrarySet set_;
  uint64_t generation_ = 0;  // of the table that set_ was loaded from
};

}  // namespace holdfast::server::engine
