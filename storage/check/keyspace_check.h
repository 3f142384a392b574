#pragma once

#include <cstdint>

#include "storage/check/findings.h"
#include "storage/kv.h"

namespace holdfast::storage::check {

struct KeyspaceFacts {
  uint64_t keys = 0;      // of live databases
  uint64_t elements = 0;  // that stand in tables of their own
  uint64_t unsound_keys = 0;
};

// Cross-checks a whole map (storage/FORMAT.md): databases and their counts, each key's entry with its
// elements, counts and bytes, hashes of names, the expiry index both ways, both orders of sorted sets, the
// nodes, groups and deliveries of streams, ids, and that every element belongs to a key or to the trash.
// Damage names the key. Memory: some words for each collection.
[[nodiscard]] KeyspaceFacts CheckKeyspace(Reader& map, Findings& findings);

}  // namespace holdfast::storage::check
