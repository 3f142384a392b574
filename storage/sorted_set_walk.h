#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace holdfast::storage {

// An element of a sorted set. What storage returns lives until the command ends (storage/transaction.h).
struct ScoredMember {
  std::string_view member;
  double score = 0;
};

// kForward is from the lowest score up.
enum class Direction : uint8_t { kForward, kReverse };

// A place between two elements of a sorted set: every range is what lies between two of them.
struct Boundary {
  enum class Kind : uint8_t { kStart, kBeforeScore, kAfterScore, kBeforeMember, kAfterMember, kEnd };

  Kind kind = Kind::kStart;
  double score = 0;         // not for kStart, kEnd
  std::string_view member;  // kBeforeMember, kAfterMember: orders among equal scores
};

// What lies between two boundaries; nothing if `from` is not before `to`.
struct BoundaryRange {
  Boundary from{Boundary::Kind::kStart, 0, {}};
  Boundary to{Boundary::Kind::kEnd, 0, {}};
};

// Visits the elements of a range one by one, in the direction it was made for. Stepping is cheap; current()
// may have to fetch a long member. The sorted set must not change meanwhile.
class SortedSetWalk {
 public:
  virtual ~SortedSetWalk() = default;

  [[nodiscard]] virtual bool valid() const = 0;
  // Both need valid().
  virtual void Next() = 0;
  [[nodiscard]] virtual ScoredMember current() const = 0;
};

}  // namespace holdfast::storage
