#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "storage/transaction.h"

namespace holdfast::storage {

// SCAN, HSCAN, SSCAN and ZSCAN: a cursor is the first 52 bits of the keyed hash at which to go on (some
// clients hold cursors in a double). Stateless, survives a restart. All entries of one cursor value come in
// one call, so an element present throughout is always returned.
//
// Visits the map entries [prefix][hash of 8 bytes]... from `cursor` (0: the beginning) until at least `count`
// were visited and a cursor value ends. `visit` gets the key's bytes after the prefix (they begin at the
// hash) and the value, which live as a cursor's; it must not change the map. Returns the cursor to go on
// with, 0 at the end.
uint64_t ScanByHash(Transaction& transaction, std::string_view prefix, uint64_t cursor, size_t count,
                    const std::function<void(std::string_view bounded, std::string_view value)>& visit);

}  // namespace holdfast::storage
