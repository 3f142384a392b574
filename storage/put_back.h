#pragma once

#include <string_view>

#include "storage/handed_out.h"
#include "storage/keyspace.h"
#include "storage/transaction.h"

namespace holdfast::storage {

// Puts a popped element of these bytes back where it came from: at its end of the list, or into the sorted
// set at its score (unless it is there again). If its key holds another type meanwhile, it goes to
// "<key>:returned".
void PutBack(Keyspace& keyspace, const HandedOut& element, std::string_view bytes);
// The same in its own database, wherever that is now. False, and nothing is done, if that was flushed, or if
// the element's bytes are not to be found. The caller confirms it to the book if this stays.
bool PutBack(Transaction& transaction, const HandedOut& element);

}  // namespace holdfast::storage
