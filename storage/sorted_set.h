#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/keyspace.h"
#include "storage/sorted_set_order.h"
#include "storage/sorted_set_walk.h"

namespace holdfast::storage {

struct ScoreBound {
  double score = 0;
  bool exclusive = false;
};
// From the lower to the higher bound, whatever the direction of a query.
struct ScoreRange {
  ScoreBound min;
  ScoreBound max;
};

struct LexBound {
  enum class Kind : uint8_t { kLowest, kInclusive, kExclusive, kHighest };
  Kind kind = Kind::kLowest;
  std::string_view member;  // kInclusive, kExclusive
};
// By member bytes; meant for sets whose scores are all equal. With several scores only the elements of the
// lowest one are found between two members (Redis leaves that case open).
struct LexRange {
  LexBound min;
  LexBound max;
};

// Which of the elements in a range: the first `offset` of them, in the query's direction, are skipped.
struct Window {
  static constexpr uint64_t kAll = UINT64_MAX;
  uint64_t offset = 0;
  uint64_t limit = kAll;
};

// What an Add may do with a member. Redis: NX, XX; GT, LT.
struct AddRule {
  enum class Existence : uint8_t { kAny, kOnlyNew, kOnlyExisting };
  enum class Change : uint8_t { kAny, kOnlyGreater, kOnlyLess };
  Existence existence = Existence::kAny;
  Change change = Change::kAny;  // of existing members; new ones are always added
};

// A set of distinct members in order of (score, member bytes). Small ones stand inline in the keyspace entry
// (packed: member, ordered score ...); a set that outgrew Transaction::limits() has its elements in the map
// (sorted_set_order.h) and never turns back.
//
//   SortedSet set(keyspace, "schedule");
//   if (set.wrong_type()) ...
//   set.Add(members);
//   std::vector<ScoredMember> due = set.Select(ScoreRange{...}, Direction::kForward);
//
// Made for one command. Every verb that changes something saves the key, and removes it with the last
// element; a verb that changes nothing has no effect. No verb may be called on a wrong type (but Assign).
// Finding, adding and removing a member costs O(log n); a rank, a count and an offset cost the distance from
// the nearer end. NaN is no score; -0 becomes 0.
class SortedSet {
 public:
  SortedSet(Keyspace& keyspace, std::string_view key);

  [[nodiscard]] bool wrong_type() const {
    return slot_.entry.has_value() && slot_.entry->type != ValueType::kSortedSet;
  }
  [[nodiscard]] uint64_t size() const { return slot_.entry.has_value() ? slot_.entry->count : 0; }

  struct AddResult {
    uint64_t added = 0;
    uint64_t updated = 0;
  };
  AddResult Add(std::span<const ScoredMember> members, const AddRule& rule = {});
  // Adds `delta` to the member's score (0 where it is new) and returns the new score: nullopt if the rule
  // forbids it, NaN (and no change) for inf + -inf.
  std::optional<double> Increment(std::string_view member, double delta, const AddRule& rule = {});
  // Makes `members` (distinct) the key's whole value, whatever it held; no members: the key is removed.
  // Returns whether it held anything.
  bool Assign(std::span<const ScoredMember> members);

  // How many were there.
  uint64_t Remove(std::span<const std::string_view> members);
  // Takes out up to `count` elements, the lowest first or the highest first.
  std::vector<ScoredMember> Pop(Direction from, uint64_t count);
  uint64_t RemoveRange(const ScoreRange& range);
  uint64_t RemoveRange(const LexRange& range);
  // `count` elements from rank `first` on, or as many as there are.
  uint64_t RemoveRanks(uint64_t first, uint64_t count);

  [[nodiscard]] std::optional<double> Score(std::string_view member) const;
  // How many elements come before it in that direction.
  [[nodiscard]] std::optional<uint64_t> Rank(std::string_view member, Direction direction) const;
  [[nodiscard]] uint64_t Count(const ScoreRange& range) const;
  [[nodiscard]] uint64_t Count(const LexRange& range) const;

  // The elements of a range, the highest first for kReverse.
  [[nodiscard]] std::vector<ScoredMember> Select(const ScoreRange& range, Direction direction,
                                                 const Window& window = {}) const;
  [[nodiscard]] std::vector<ScoredMember> Select(const LexRange& range, Direction direction,
                                                 const Window& window = {}) const;
  // `count` elements from rank `first` on, or as many as there are; ranks are counted in `direction`.
  [[nodiscard]] std::vector<ScoredMember> SelectRanks(uint64_t first, uint64_t count,
                                                      Direction direction) const;

  // Visits elements from `cursor` (0: the beginning) in hash order until at least `count` were visited;
  // returns the next cursor, 0 at the end (scan_cursor.h). An inline set is visited whole, in its order.
  uint64_t Scan(uint64_t cursor, size_t count, const std::function<void(const ScoredMember&)>& visit) const;
  // min(count, size()) different elements, chosen at random; a few out of many roughly uniformly.
  [[nodiscard]] std::vector<ScoredMember> Sample(uint64_t count) const;
  // `count` random elements (none of an empty set), each chosen from all.
  [[nodiscard]] std::vector<ScoredMember> SampleWithRepeats(uint64_t count) const;

 private:
  struct Found {
    size_t index = 0;               // inline
    SortedSetOrder::Stored stored;  // otherwise; the score is right in both
  };

  [[nodiscard]] bool inline_form() const {
    return !slot_.entry.has_value() || slot_.entry->encoding == Encoding::kInline;
  }
  [[nodiscard]] SortedSetOrder order() const { return {keyspace_.transaction(), slot_.entry->id}; }

  [[nodiscard]] std::optional<Found> Find(std::string_view member) const;
  bool AddOne(const ScoredMember& element, const AddRule& rule, AddResult& result);
  void Insert(const ScoredMember& element);
  void InsertInline(const ScoredMember& element);
  void ChangeScore(std::string_view member, const Found& found, double score);
  void Erase(std::string_view member, const Found& found);
  uint64_t EraseAll(const std::vector<ScoredMember>& elements);
  void LeaveInlineForm();
  void Save();

  [[nodiscard]] std::unique_ptr<SortedSetWalk> NewWalk(const BoundaryRange& range, Direction direction) const;
  [[nodiscard]] ScoredMember Draw() const;
  [[nodiscard]] BoundaryRange Resolve(const LexRange& range) const;
  [[nodiscard]] uint64_t Count(const BoundaryRange& range) const;
  [[nodiscard]] std::vector<ScoredMember> Select(const BoundaryRange& range, Direction direction,
                                                 const Window& window) const;

  Keyspace& keyspace_;
  Slot slot_;
  std::vector<ScoredMember> items_;  // the inline form, unpacked, in order
};

}  // namespace holdfast::storage
