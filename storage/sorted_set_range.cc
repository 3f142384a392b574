// The ordered half of SortedSet: ranks, ranges, counts, pops.
#include <algorithm>

#include "storage/hand_over_book.h"
#include "storage/sorted_set.h"

namespace holdfast::storage {

namespace {

bool Before(const ScoredMember& item, const Boundary& boundary) {
  switch (boundary.kind) {
    case Boundary::Kind::kStart:
      return false;
    case Boundary::Kind::kEnd:
      return true;
    case Boundary::Kind::kBeforeScore:
      return item.score < boundary.score;
    case Boundary::Kind::kAfterScore:
      return item.score <= boundary.score;
    case Boundary::Kind::kBeforeMember:
    case Boundary::Kind::kAfterMember:
      break;
  }
  if (item.score != boundary.score) return item.score < boundary.score;
  int order = item.member.compare(boundary.member);
  return order < 0 || (order == 0 && boundary.kind == Boundary::Kind::kAfterMember);
}

class InlineWalk : public SortedSetWalk {
 public:
  InlineWalk(const std::vector<ScoredMember>& items, const BoundaryRange& range, Direction direction)
      : items_(items), direction_(direction) {
    size_t from = IndexOf(range.from);
    size_t to = IndexOf(range.to);
    left_ = to > from ? to - from : 0;
    next_ = direction == Direction::kForward ? from : to - 1;
  }

  [[nodiscard]] bool valid() const override { return left_ > 0; }
  void Next() override {
    --left_;
    next_ += direction_ == Direction::kForward ? 1 : SIZE_MAX;
  }
  [[nodiscard]] ScoredMember current() const override { return items_[next_]; }

 private:
  [[nodiscard]] size_t IndexOf(const Boundary& boundary) const {
    auto item = std::partition_point(items_.begin(), items_.end(),
                                     [&](const ScoredMember& i) { return Before(i, boundary); });
    return static_cast<size_t>(item - items_.begin());
  }

  const std::vector<ScoredMember>& items_;
  Direction direction_;
  size_t next_;
  size_t left_;
};

BoundaryRange Resolve(const ScoreRange& range) {
  using Kind = Boundary::Kind;
  return {{range.min.exclusive ? Kind::kAfterScore : Kind::kBeforeScore, range.min.score, {}},
          {range.max.exclusive ? Kind::kBeforeScore : Kind::kAfterScore, range.max.score, {}}};
}

// `as_min`: the lower bound of its range; an exclusive one lies behind the member then.
Boundary Resolve(const LexBound& bound, bool as_min, double score) {
  switch (bound.kind) {
    case LexBound::Kind::kLowest:
      return {Boundary::Kind::kStart, 0, {}};
    case LexBound::Kind::kHighest:
      return {Boundary::Kind::kEnd, 0, {}};
    case LexBound::Kind::kInclusive:
    case LexBound::Kind::kExclusive:
      break;
  }
  bool after = (bound.kind == LexBound::Kind::kExclusive) == as_min;
  return {after ? Boundary::Kind::kAfterMember : Boundary::Kind::kBeforeMember, score, bound.member};
}

std::vector<ScoredMember> Collect(SortedSetWalk& walk, const Window& window) {
  for (uint64_t skipped = 0; skipped < window.offset && walk.valid(); ++skipped) walk.Next();
  std::vector<ScoredMember> elements;
  for (; elements.size() < window.limit && walk.valid(); walk.Next()) elements.push_back(walk.current());
  return elements;
}

Direction Opposite(Direction direction) {
  return direction == Direction::kForward ? Direction::kReverse : Direction::kForward;
}

}  // namespace

std::unique_ptr<SortedSetWalk> SortedSet::NewWalk(const BoundaryRange& range, Direction direction) const {
  if (inline_form()) return std::make_unique<InlineWalk>(items_, range, direction);
  return order().NewWalk(range, direction);
}

BoundaryRange SortedSet::Resolve(const LexRange& range) const {
  std::unique_ptr<SortedSetWalk> first = NewWalk({}, Direction::kForward);
  double score = first->valid() ? first->current().score : 0;
  return {storage::Resolve(range.min, true, score), storage::Resolve(range.max, false, score)};
}

// Walks the range and what lies outside it in step: the shorter way decides.
uint64_t SortedSet::Count(const BoundaryRange& range) const {
  std::unique_ptr<SortedSetWalk> inside = NewWalk(range, Direction::kForward);
  std::unique_ptr<SortedSetWalk> below =
      NewWalk({{Boundary::Kind::kStart, 0, {}}, range.from}, Direction::kReverse);
  std::unique_ptr<SortedSetWalk> above =
      NewWalk({range.to, {Boundary::Kind::kEnd, 0, {}}}, Direction::kForward);
  for (uint64_t steps = 0;; ++steps) {
    if (!inside->valid()) return steps;
    SortedSetWalk& outside = below->valid() ? *below : *above;
    if (!outside.valid()) return size() - steps;
    inside->Next();
    outside.Next();
  }
}

uint64_t SortedSet::Count(const ScoreRange& range) const { return Count(storage::Resolve(range)); }

uint64_t SortedSet::Count(const LexRange& range) const { return Count(Resolve(range)); }

std::optional<uint64_t> SortedSet::Rank(std::string_view member, Direction direction) const {
  std::optional<double> score = Score(member);
  if (!score) return std::nullopt;
  uint64_t rank =
      Count(BoundaryRange{{Boundary::Kind::kStart, 0, {}}, {Boundary::Kind::kBeforeMember, *score, member}});
  return direction == Direction::kForward ? rank : size() - 1 - rank;
}

std::vector<ScoredMember> SortedSet::Select(const BoundaryRange& range, Direction direction,
                                            const Window& window) const {
  std::unique_ptr<SortedSetWalk> walk = NewWalk(range, direction);
  return Collect(*walk, window);
}

std::vector<ScoredMember> SortedSet::Select(const ScoreRange& range, Direction direction,
                                            const Window& window) const {
  return Select(storage::Resolve(range), direction, window);
}

std::vector<ScoredMember> SortedSet::Select(const LexRange& range, Direction direction,
                                            const Window& window) const {
  return Select(Resolve(range), direction, window);
}

std::vector<ScoredMember> SortedSet::SelectRanks(uint64_t first, uint64_t count, Direction direction) const {
  if (first >= size()) return {};
  count = std::min(count, size() - first);
  const uint64_t behind = size() - first - count;
  if (first <= behind) return Select(BoundaryRange{}, direction, {first, count});
  std::vector<ScoredMember> elements = Select(BoundaryRange{}, Opposite(direction), {behind, count});
  std::reverse(elements.begin(), elements.end());
  return elements;
}

std::vector<ScoredMember> SortedSet::Pop(Direction from, uint64_t count) {
  std::vector<ScoredMember> elements = Select(BoundaryRange{}, from, {0, count});
  EraseAll(elements);
  Transaction& transaction = keyspace_.transaction();
  uint64_t bytes = 0;
  for (const ScoredMember& element : elements) bytes += element.member.size();
  if (!transaction.hands_over() || elements.size() > kMostHandedOut || bytes > kMostHandedOutBytes) {
    return elements;
  }
  for (const ScoredMember& element : elements) {
    HandedOut handed_out;
    handed_out.from = HandedOut::From::kSortedSet;
    handed_out.database = transaction.database(keyspace_.database()).id;
    handed_out.key = slot_.key;
    handed_out.score = element.score;
    handed_out.bytes = element.member;
    transaction.NoteHandedOut(std::move(handed_out));
  }
  return elements;
}

uint64_t SortedSet::RemoveRange(const ScoreRange& range) {
  return EraseAll(Select(range, Direction::kForward));
}

uint64_t SortedSet::RemoveRange(const LexRange& range) {
  return EraseAll(Select(range, Direction::kForward));
}

uint64_t SortedSet::RemoveRanks(uint64_t first, uint64_t count) {
  return EraseAll(SelectRanks(first, count, Direction::kForward));
}

uint64_t SortedSet::EraseAll(const std::vector<ScoredMember>& elements) {
  std::vector<std::string_view> members;
  members.reserve(elements.size());
  for (const ScoredMember& element : elements) members.push_back(element.member);
  return Remove(members);
}

}  // namespace holdfast::storage
