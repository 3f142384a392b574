#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/check/findings.h"
#include "storage/env.h"

namespace holdfast::tool {

// What a command works with.
struct Context {
  storage::Env& env;
  std::ostream& out;
  std::ostream& err;
};

// Each takes the words behind its name, as many as the table in tool.cc allows, and returns an ExitCode.
int Check(const Context& context, std::span<const std::string_view> words);
int Compact(const Context& context, std::span<const std::string_view> words);
int Salvage(const Context& context, std::span<const std::string_view> words);

// Says why on err; kFailed, or kDamaged for a status of kDataLoss.
int Fail(const Context& context, const absl::Status& why);

// Says each finding on out, a line each, as it comes. `context` outlives it.
[[nodiscard]] storage::check::Findings SayFindings(const Context& context);

// "123.4 MiB (129394123 bytes)".
[[nodiscard]] std::string Bytes(uint64_t bytes);

}  // namespace holdfast::tool
