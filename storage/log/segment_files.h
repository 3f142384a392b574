#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/env.h"

namespace holdfast::storage::log {

// What a file in the log's folder is, by its name: a number of 20 digits and an ending. One counter numbers
// all of them, so that a segment that turns from one kind into the other keeps its number.
enum class SegmentKind {
  kLive,       // .log    header and frames that may count
  kSpare,      // .spare  zero-filled or recycled: whatever it holds counts no more
  kUnfinished  // .new    being zero-filled
};

struct SegmentName {
  SegmentKind kind;
  uint64_t number;
};

[[nodiscard]] std::string FileName(SegmentName name);
// nullopt for any other file.
[[nodiscard]] std::optional<SegmentName> ParseFileName(std::string_view name);
[[nodiscard]] std::string PathOf(const std::string& folder, SegmentName name);

// Opens a segment for reading, past the page cache where the file system allows it: after a failed sync the
// cache may show what the disk does not have.
[[nodiscard]] absl::StatusOr<std::unique_ptr<File>> OpenForReading(Env& env, const std::string& path);

// Makes a spare of `bytes` zeros, synced and under its final name; the folder is not synced. Removes what it
// began where that fails.
[[nodiscard]] absl::Status MakeSpare(Env& env, const std::string& folder, uint64_t number, uint64_t bytes);

}  // namespace holdfast::storage::log
