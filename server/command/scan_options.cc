#include "server/command/scan_options.h"

#include <charconv>
#include <system_error>

#include "server/command/glob.h"

namespace holdfast::server::command {

bool ScanOptions::Read(Args& args) {
  if (args.failed()) return false;
  if (args.Keyword("MATCH")) {
    pattern = args.Bytes();
    return true;
  }
  if (args.Keyword("COUNT")) {
    const int64_t wanted = args.Integer();
    if (wanted < 1) args.Fail(kSyntaxError);
    count = static_cast<uint64_t>(wanted);
    return true;
  }
  return false;
}

void ScanOptions::ReadAll(Args& args) {
  while (Read(args)) {
  }
}

bool ScanOptions::Matches(std::string_view name) const {
  return !pattern || *pattern == "*" || GlobMatches(*pattern, name);
}

uint64_t ReadScanCursor(Args& args) {
  std::string_view word = args.Bytes();
  // As strtoul does, which Redis asks: nothing is 0, and a number may be negative.
  const bool negative = word.starts_with('-');
  if (negative || word.starts_with('+')) word.remove_prefix(1);
  uint64_t cursor = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), cursor);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  if (!whole && !word.empty()) args.Fail(kInvalidCursor);
  return negative ? -cursor : cursor;
}

void WriteScan(resp::ReplyWriter& reply, uint64_t cursor, std::span<const std::string_view> found) {
  reply.Array(2);
  reply.BulkInteger(static_cast<int64_t>(cursor));
  reply.Array(found.size());
  for (const std::string_view element : found) reply.Bulk(element);
}

}  // namespace holdfast::server::command
