#pragma once

#include <string_view>

#include "storage/keyspace.h"

namespace holdfast::storage {

// Values that change their key. In each the value keeps its expiry, and whatever `to` held goes. Both slots
// were just looked up in their keyspaces, `from` is live, and they are different keys.

// RENAME, MOVE: O(1), for a collection's elements belong to its id.
void MoveValue(Keyspace& from_keyspace, Slot& from, Keyspace& to_keyspace, Slot& to);

// COPY: the elements are copied one by one.
void CopyValue(const Slot& from, Keyspace& to_keyspace, Slot& to);

// SWAPDB: both databases' keys change places, in O(1).
void SwapDatabases(Transaction& transaction, int first, int second);

}  // namespace holdfast::storage
