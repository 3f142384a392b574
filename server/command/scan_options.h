#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "resp/reply_writer.h"
#include "server/command/args.h"

namespace holdfast::server::command {

// The options that SCAN, HSCAN, SSCAN and ZSCAN share. A command with options of its own reads them in the
// same loop:
//
//   ScanOptions options;
//   while (options.Read(args) || (args.Keyword("NOVALUES") && (no_values = true))) {
//   }
//   if (auto error = args.Finish()) return *error;
struct ScanOptions {
  std::optional<std::string_view> pattern;  // nullopt: every name
  uint64_t count = 10;                      // how many elements to look at, about; at least 1

  // Takes one MATCH or COUNT with its value; false if the next word is neither or an error sticks.
  bool Read(Args& args);
  // Reads to the end of the words: for a command that has no other options.
  void ReadAll(Args& args);

  [[nodiscard]] bool Matches(std::string_view name) const;
};

// The cursor word: a decimal of 64 bits; kInvalidCursor otherwise.
[[nodiscard]] uint64_t ReadScanCursor(Args& args);

// The reply of a scan: the cursor to go on with, and what was found.
void WriteScan(resp::ReplyWriter& reply, uint64_t cursor, std::span<const std::string_view> found);

}  // namespace holdfast::server::command
