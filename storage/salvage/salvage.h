#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/check/findings.h"
#include "storage/env.h"

namespace holdfast::storage::salvage {

struct Facts {
  uint64_t entries = 0;      // read from the data file
  uint64_t records = 0;      // of the log, put over them
  uint64_t keys = 0;         // in the new folder
  uint64_t elements = 0;     // in these, strings counted as one
  uint64_t found_again = 0;  // collections whose key was lost, under the keys salvaged:TYPE:ID of database 0
};

// Copies what can be read of a data folder to `new_folder`, which must not exist and can be opened by a
// server afterwards; what could not be read is damage among the findings.
//
//   1. Every entry with a right checksum, in pages that the trees lead to and in those that nothing leads to
//      any more; pages that the free list names are left out, for what they hold was deleted.
//   2. The log's records, also behind gaps.
//   3. Out of that each value is made anew by the verbs of its type, so that the new folder is sound whatever
//      is missing. Collections whose key is lost get a new one.
//
// Works in "<new_folder>.partial", which a broken-off run leaves and the next one removes. `log_folder`
// empty: "log" in the folder. kFailedPrecondition: a server runs. kAlreadyExists: `new_folder` is there.
[[nodiscard]] absl::StatusOr<Facts> Salvage(Env& env, const std::string& folder,
                                            const std::string& new_folder, const std::string& log_folder,
                                            check::Findings& findings);

}  // namespace holdfast::storage::salvage
