#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage/check/findings.h"
#include "storage/kv.h"
#include "storage/salvage/salvage.h"
#include "storage/store.h"

namespace holdfast::storage::salvage {

// Makes every value that `map` still shows anew in `store`, an empty one, by the verbs of its type, and
// counts what it made in `facts`. What the map does not show whole is damage.
[[nodiscard]] absl::Status Rebuild(Reader& map, Store& store, check::Findings& findings, Facts& facts);

}  // namespace holdfast::storage::salvage
