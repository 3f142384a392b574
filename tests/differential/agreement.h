#pragma once

#include <span>
#include <string>
#include <vector>

#include "resp/reply.h"

namespace holdfast::differential {

// What two servers' replies to one request must have in common. Errors are always the same, to the letter.
enum class Agreement : uint8_t {
  kExact,
  kScores,     // numbers have one value: 7.0 writes 17 digits of a double, 7.2 as few as tell it
  kUnordered,  // the same elements in any order
  kPairs,      // the same pairs in any order
  kCount,      // as many elements: they are drawn at random
  kType,       // the same type of reply: it tells of the server, or of a moment
  kNear,       // integers that a few seconds part
  kPending,    // XPENDING's entries, but for the times that they have been pending
  kScan,       // a whole iteration has the same elements; cursors differ
  kDenial,     // 7.2 names the user whom ACL DRYRUN denies something
  kUser,       // ACL GETUSER: 7.2 shows more flags, and the rules about commands as they were given
  // 7.2 has listpacks where 7.0 has other forms; and a SETBIT that changes nothing makes a string raw there.
  kEncoding,
  kNone,  // 7.2 does otherwise than 7.0
};

// What must agree of the replies to `words`; of a script's, what the command in it asks for.
[[nodiscard]] Agreement AgreementOn(std::span<const std::string> words);

[[nodiscard]] bool Agree(Agreement agreement, resp::Reply ours, resp::Reply theirs);
// EXEC's replies: each element as the request that was queued.
[[nodiscard]] bool AgreeOnAll(std::span<const Agreement> agreements, const resp::Reply& ours,
                              const resp::Reply& theirs);

}  // namespace holdfast::differential
