#pragma once

#include <cstdint>

#include "storage/tree.h"

namespace holdfast::storage {

// What the trash names (keyspace.h, TrashKind) and nobody can reach any more is deleted in the tree itself,
// without log records. That is exact: a trash entry is in the tree only together with every earlier effect on
// the elements that it names (one checkpoint, one log position), and ids never come back, so no later record
// touches them.

enum class Trash { kEmpty, kLeft };

// Deletes about `limit` entries at most, in `writer`'s transaction. kLeft: call again in a later one.
[[nodiscard]] Trash SweepTrash(TreeWriter& writer, uint64_t limit);

}  // namespace holdfast::storage
