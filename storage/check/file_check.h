#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/check/findings.h"
#include "storage/env.h"
#include "storage/log/commit_log.h"
#include "storage/pages/page_file.h"

namespace holdfast::storage::check {

// What a walk through a data file saw.
struct FileFacts {
  uint64_t file_bytes = 0;
  uint64_t page_bytes = 0;
  uint64_t used_pages = 0;
  uint64_t free_pages = 0;
  uint64_t lost_pages = 0;
  uint64_t sound_entries = 0;
  uint64_t damaged_entries = 0;             // their checksum is wrong; more may be unreachable
  bool structure_is_sound = false;          // LMDB may be trusted with the file
  std::optional<log::Position> checkpoint;  // the newest log record in it
};

// Walks everything in `meta`'s state of the file: pages, entries with their checksums, the parts of long
// values.
[[nodiscard]] FileFacts CheckFile(Env& env, pages::PageFile& file, const pages::Meta& meta,
                                  Findings& findings);

// What is wrong with the meta pages; false if one is damaged.
bool CheckMetas(const pages::PageFile& file, Findings& findings);

// For an opening: the free list and the upper pages of all trees, then as many of the others as `budget`
// allows. OK, also where there is no file; kDataLoss names the first damage with file and byte.
[[nodiscard]] absl::Status CheckStructure(Env& env, const std::string& path, absl::Duration budget);

}  // namespace holdfast::storage::check
